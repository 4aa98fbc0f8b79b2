/**
 * Steps in words: what the judge does, and what it expects.
 *
 * @module
 */

import { describeCodes } from "../player/context.ts";
import { PROBE } from "../player/message_steps.ts";
import { describePayload, nameOf } from "../player/wire_log.ts";
import type { ExpectEnd, ExpectFailure, ExpectRefusal, Send, Step } from "../step.ts";
import { bytesOf, type Frame } from "../wire/frame.ts";

/** Returns a step in words. */
export function stepInWords(step: Step): string {
  switch (step.do) {
    case "send":
      return `sends${cutInWords(step)}`;
    case "raw":
      return `sends octets${cutInWords(step)}`;
    case "request":
      return `sends a request${cutInWords(step)}`;
    case "respond":
      return `sends a response${cutInWords(step)}`;
    case "exchange":
      return `sends ${frameInWords(step.message)} and expects its echo, ${times(step.times)}`;
    case "expect":
      return `expects ${frameInWords(step.frame)}${step.pastPongs ? ", behind any pongs" : ""}`;
    case "expect-nothing":
      return "expects nothing but the answer to a ping";
    case "expect-close":
      return `expects ${describeCodes(step.codes)}, and the end of TCP`;
    case "expect-failure":
      return failureInWords(step);
    case "expect-end":
      return endInWords(step);
    case "expect-alive":
      return `expects an echo on ${connections(step.connections ?? 1)}`;
    case "expect-fresh-keys":
      return "expects that no two frames had the same masking key";
    case "pause":
      return `waits ${step.ms} ms`;
    case "reading":
      return step.on ? "reads again" : "stops reading";
    case "hang-up":
      return step.how === "fin" ? "ends its side of TCP" : "resets TCP";
    case "either":
      return "expects one of these";
    case "expect-upgrade":
      return `expects 101 Switching Protocols${protocolInWords(step.protocol)}`;
    case "expect-refusal":
      return refusalInWords(step);
    case "expect-request":
      return `expects a request for a WebSocket that is right in: ${step.rules.join(", ")}`;
    case "expect-give-up":
      return "expects the client to give up without a frame";
    case "http2":
      return `HTTP/2: ${step.act.replaceAll("-", " ")}`;
  }
}

/** What the judge does behind the last step, if the connection is still open. */
export const FINISH: readonly string[] = [
  `→ sends an echo or a ping of "${PROBE}", if something may still come`,
  "→ sends Close 1000",
  "← expects Close 1000, and the end of TCP",
];

function frameInWords({ opcode, payload = "" }: Frame): string {
  return `${nameOf(opcode)} ${describePayload(bytesOf(payload))}`;
}

function cutInWords(
  { chop, cuts, every, apart, times: count = 1 }:
    & Partial<Pick<Send, "chop" | "cuts" | "apart" | "times">>
    & {
      every?: number;
    },
): string {
  const pause = every === undefined ? "" : `, ${every} ms apart`;
  if (chop !== undefined) return ` ${chop} ${chop === 1 ? "octet" : "octets"} at a time${pause}`;
  if (cuts !== undefined) return `, cut at ${cuts.join(", ")}${pause}`;
  if (apart) return ", each frame on its own";
  return count > 1 ? ` ${times(count)}` : "";
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function connections(count: number): string {
  return count === 1 ? "a new connection" : `${count} new connections at once`;
}

function protocolInWords(protocol: string | null | undefined): string {
  if (protocol === undefined) return "";
  return protocol === null ? " without a subprotocol" : ` with the subprotocol ${protocol}`;
}

function failureInWords({ codes, within }: ExpectFailure): string {
  const soon = within === undefined ? "" : ` within ${within} ms`;
  return `expects the connection to fail with ${describeCodes(codes)}${soon}`;
}

function endInWords({ pastPongs, pastMessages, close = true }: ExpectEnd): string {
  const before = [
    ...(pastMessages ? ["messages"] : []),
    ...(pastPongs ? ["pongs"] : []),
    ...(close ? ["a Close"] : []),
  ];
  const may = before.length > 0 ? `; ${before.join(" and ")} may come before` : "";
  return `expects the end of TCP${may}`;
}

function refusalInWords({ statuses, headers = {} }: ExpectRefusal): string {
  const status = statuses.length > 0 ? `with ${statuses.join(" or ")}` : "with any status but 101";
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`.trimEnd());
  return `expects a refusal ${status}${fields.length > 0 ? `, and ${fields.join(", ")}` : ""}`;
}
