/**
 * The steps of the opening handshake, and the correct handshake before all other cases.
 *
 * @module
 */

import { Deflate } from "../wire/deflate.ts";
import { chooseAnswer, readAnswer } from "../wire/extensions.ts";
import {
  flawsOf101,
  requestRules,
  type RequestSpec,
  type ResponseSpec,
  writeRequest,
  writeResponse,
} from "../wire/handshake.ts";
import { type Head, lists, statusOf, valueOf } from "../wire/head.ts";
import { flawsOfAnswer } from "../wire/http2/connect_request.ts";
import { join } from "../wire/octets.ts";
import {
  type CaseContext,
  describeEvent,
  ExpectationFailed,
  Skipped,
  soon,
  type Target,
  unexpected,
} from "./context.ts";
import { isRefusedByReset, sendConnect } from "./http2_steps.ts";
import type { ExpectRefusal, ExpectRequest, ExpectUpgrade } from "../step.ts";
import { type Item, text } from "../wire/frame.ts";

const latin1 = new TextDecoder("latin1");

/** Milliseconds before a client that ought to have given up is probed with a message. */
const BEFORE_PROBE = 300;

/** Waits for the peer's head; fails the case if none comes. */
async function headOf(context: CaseContext, expected: string): Promise<Head> {
  const head = await context.peer.head(context.target.timeout);
  if (typeof head === "object") return head;
  throw await noHead(context, expected, head);
}

/** Makes the error for a peer that sent no head, or octets that are none. */
async function noHead(
  { peer, target }: CaseContext,
  expected: string,
  octets: string | undefined,
): Promise<ExpectationFailed> {
  const event = await peer.next(0);
  if (event.what === "violation") {
    return new ExpectationFailed(expected, event.note, { violated: event.section });
  }
  const timedOut = octets === undefined && peer.ended === undefined;
  const end = event.what === "end" && event.words || "the end of TCP";
  const got = octets ?? (timedOut ? `nothing in ${target.timeout} ms` : end);
  return new ExpectationFailed(expected, got, { timedOut });
}

/** Performs a correct handshake, as a client or as a server. */
export async function open(context: CaseContext): Promise<void> {
  if (context.target.subject === "server") {
    await sendRequest(context, {});
    await expectUpgrade(context, { do: "expect-upgrade" });
  } else {
    await sendResponse(context, {});
  }
}

/** Writes a head, with early frames behind it. */
async function write(
  { peer, log }: CaseContext,
  octets: Uint8Array,
  spec: RequestSpec | ResponseSpec,
): Promise<void> {
  log.add("judge", "http", latin1.decode(octets.subarray(0, 4096)), undefined, octets.length);
  const early: readonly Item[] = spec.early ?? [];
  const whole = join([octets, ...peer.out.pack(early)]);
  await peer.out.raw(whole, spec);
}

/** Step "request". */
export async function sendRequest(context: CaseContext, spec: RequestSpec): Promise<void> {
  const { target, test, peer } = context;
  if (peer.stream !== undefined) {
    return await sendConnect(context, peer.stream, spec.headers ?? {});
  }
  const headers = { ...target.headers, ...spec.headers };
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "sec-websocket-protocol");
  const lists = [name === undefined ? [] : headers[name] ?? []].flat();
  context.offered = lists.flatMap((list) => list.split(",")).map((protocol) => protocol.trim());
  const octets = writeRequest(spec, {
    host: target.host,
    target: target.target,
    key: context.key,
    offer: test.deflate?.offers.join(", ") ?? "",
    headers,
  });
  await write(context, octets, spec);
}

/** Step "expect-upgrade". */
export async function expectUpgrade(context: CaseContext, step: ExpectUpgrade): Promise<void> {
  const { peer, test } = context;
  const head = peer.stream === undefined
    ? await expect101(context)
    : await expectAnswer200(context);
  const protocol = head.headers.get("sec-websocket-protocol")?.[0] ?? null;
  // What is offered in all requests of a run may be chosen in any of them.
  const isFree = step.protocol === null && protocol !== null &&
    offersAlways(context.target, protocol);
  if (step.protocol !== undefined && protocol !== step.protocol && !isFree) {
    throw new ExpectationFailed(`subprotocol ${step.protocol ?? "none"}`, `${protocol ?? "none"}`);
  }

  context.extensions = valueOf(head, "sec-websocket-extensions");
  const agreed = readAnswer(context.extensions, test.deflate?.offers ?? []);
  if (agreed && "note" in agreed) {
    throw new ExpectationFailed("an extension that was offered", agreed.note, {
      violated: agreed.section,
    });
  }
  if (agreed) peer.enableDeflate(new Deflate(agreed, true));
  context.isOpen = true;
  peer.switchToFrames();
  if (test.deflate && !agreed) {
    throw new Skipped("The server did not agree to the compression needed");
  }
}

async function expect101(context: CaseContext): Promise<Head> {
  const expected = "101 Switching Protocols";
  const head = await headOf(context, expected);
  if (statusOf(head) !== 101) throw new ExpectationFailed(expected, head.line);
  const flaws = flawsOf101(head, context.key, context.offered);
  if (flaws.length === 0) return head;
  throw new ExpectationFailed("a right 101", flaws.join("; "), { violated: "4.1" });
}

/** RFC 8441, 5: over HTTP/2, any success opens the WebSocket (RFC 9113, 8.5). */
async function expectAnswer200(context: CaseContext): Promise<Head> {
  const head = await headOf(context, "200");
  const flaws = flawsOfAnswer(head, context.offered);
  if (flaws.length > 0) {
    throw new ExpectationFailed("a right 200", flaws.join("; "), { violated: "8441:5" });
  }
  if (!opens(head)) throw new ExpectationFailed("200", head.line);
  return head;
}

/** Whether a response opens the WebSocket. */
export function opens(head: Head): boolean {
  const status = statusOf(head);
  return head.status === undefined ? status === 101 : status >= 200 && status < 300;
}

/** Whether all requests of a run offer a subprotocol. */
function offersAlways({ headers = {} }: Target, protocol: string): boolean {
  return [headers["Sec-WebSocket-Protocol"] ?? []].flat()
    .some((list) => list.split(",").some((one) => one.trim() === protocol));
}

/** Step "expect-refusal". */
export async function expectRefusal(context: CaseContext, step: ExpectRefusal): Promise<void> {
  const { peer, target, warnings } = context;
  const any = step.statuses.length === 0;
  const open = peer.stream === undefined ? "101" : "success";
  const expected = any ? `no ${open}` : `a refusal with ${step.statuses.join(" or ")}`;
  const head = await peer.head(target.timeout);
  if (head === undefined && isRefusedByReset(context)) return;
  const wrong = typeof head === "object" ? undefined : await noHead(context, expected, head);
  if (head === undefined && peer.ended && wrong?.violated === undefined) {
    warnings.push(`Expected ${expected}, got a dropped connection without a response`);
    return;
  }
  if (typeof head !== "object") throw wrong;
  const status = statusOf(head);
  if (opens(head)) throw new ExpectationFailed(expected, `${status}: the server took it`);
  if (Number.isNaN(status)) throw new ExpectationFailed(expected, head.line);
  if (!any && !step.statuses.includes(status)) {
    warnings.push(`Expected ${expected}, got ${head.line}`);
    return;
  }
  for (const [name, value] of Object.entries(step.headers ?? {})) {
    const there = head.headers.has(name.toLowerCase());
    if (there && (value === "" || lists(head, name, value))) continue;
    throw new ExpectationFailed(
      `${expected} and ${name}: ${value}`,
      valueOf(head, name) || "no such header",
    );
  }
}

/** Step "respond". */
export async function sendResponse(context: CaseContext, spec: ResponseSpec): Promise<void> {
  const { peer, test, target } = context;
  const request = await headOf(context, "a request for a WebSocket");
  target.keys?.add(valueOf(request, "sec-websocket-key"));
  const offer = valueOf(request, "sec-websocket-extensions");
  const choice = test.deflate && chooseAnswer(offer, test.deflate);
  context.extensions = choice?.header ?? "";
  if (choice) peer.enableDeflate(new Deflate(choice.agreement, false));
  context.isOpen = true;
  peer.switchToFrames();
  await write(context, writeResponse(spec, request, context.extensions), spec);
  if (test.deflate && !choice) {
    throw new Skipped("The client did not offer the compression needed");
  }
}

/** Step "expect-request". */
export async function expectRequest(context: CaseContext, step: ExpectRequest): Promise<void> {
  const head = await headOf(context, "a request for a WebSocket");
  for (const rule of step.rules) {
    const complaint = requestRules[rule](head, context.target.keys ?? new Set());
    if (complaint) throw new ExpectationFailed(`a request whose ${rule} is right`, complaint);
  }
}

/** Step "expect-give-up". */
export async function expectGiveUp(context: CaseContext): Promise<void> {
  const { peer, target, warnings } = context;
  const expected = "the client to give up without a frame";
  context.isOpen = false;
  let event = await peer.next(soon(target, BEFORE_PROBE));
  if (event.what === "silence") {
    // A client that accepted the response would echo this.
    await peer.out.send([text("Did you take that?")]);
    event = await peer.next(target.timeout);
  }
  if (event.what === "end") return;
  if (event.what === "close") {
    warnings.push(`Expected ${expected}, got ${describeEvent(event)}`);
    return;
  }
  throw unexpected(expected, event);
}
