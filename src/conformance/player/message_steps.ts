/**
 * The steps that exchange frames and messages on an open connection.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Exchange, Expect, Raw, Send } from "../step.ts";
import { bytesOf, ping } from "../wire/frame.ts";
import {
  type CaseContext,
  describeEvent,
  ExpectationFailed,
  nextArrival,
  nextEvent,
  passOver,
  unexpected,
} from "./context.ts";
import { describePayload, nameOf } from "./wire_log.ts";

/** Payload of the judge's own pings and echoes. */
export const PROBE = "isosocket: still there?";

/** Number of messages or pongs that may come before the one that is expected. */
const MAX_ASIDE = 100;

/** Step "send". */
export async function sendItems({ peer }: CaseContext, step: Send): Promise<void> {
  const { items, times = 1, ...how } = step;
  if (times === 1) return await peer.out.send(items, how);
  const octets = Buffer.concat(peer.out.pack(items));
  await peer.out.send([]);
  await peer.out.raw(octets);
  await peer.out.repeat(octets, times - 1);
}

/** Step "raw". */
export async function sendRaw({ peer, log }: CaseContext, { bytes, chop }: Raw): Promise<void> {
  const octets = bytesOf(bytes);
  log.add("judge", "bytes", () => describePayload(octets), octets);
  await peer.out.raw(octets, chop === undefined ? {} : { chop });
}

/** Step "exchange". */
export async function exchange(context: CaseContext, { message, times }: Exchange): Promise<void> {
  for (let round = 0; round < times; round++) {
    await context.peer.out.send([message], { round });
    await expectFrame(context, { do: "expect", frame: message }, round);
  }
}

/**
 * Step "expect".
 *
 * @param round Number of the message in an exchange.
 */
export async function expectFrame(
  context: CaseContext,
  step: Expect,
  round = 0,
): Promise<void> {
  const { opcode, payload = "" } = step.frame;
  const wanted = bytesOf(payload, round);
  const words = (): string => `${nameOf(opcode)} ${describePayload(wanted)}`;
  // 5.5.2 and 5.5.3: a Pong comes "as soon as is practical", so messages keep their order, and
  // pongs theirs, but a Pong may come behind an echo that is due later.
  const kind = opcode === 0xa ? "pong" : "message";
  if (step.pastPongs && kind === "message") {
    context.aside = context.aside.filter(({ what }) => what !== "pong");
  }
  while (true) {
    const known = context.aside.find(({ what }) => what === kind);
    if (known !== undefined) context.aside = context.aside.filter((one) => one !== known);
    const event = known ?? await nextArrival(context, words());
    if (!("payload" in event)) throw unexpected(words(), event);
    if (event.opcode === opcode && Buffer.compare(event.payload, wanted) === 0) return;
    if (step.pastPongs && event.what === "pong") {
      passOver(context, event);
      continue;
    }
    if (event.what !== kind && context.aside.length < MAX_ASIDE) {
      context.aside = [...context.aside, event];
      continue;
    }
    throw new ExpectationFailed(
      words(),
      describeEvent(event) + difference(event, opcode, wanted),
    );
  }
}

/** Describes where two long payloads of the same type differ. */
function difference(
  got: { opcode: number; payload: Uint8Array },
  opcode: number,
  wanted: Uint8Array,
): string {
  if (got.opcode !== opcode || wanted.length <= 40) return "";
  const at = wanted.findIndex((octet, index) => octet !== got.payload[index]);
  return at < 0 ? `, longer than ${wanted.length} bytes` : `, which differs from byte ${at} on`;
}

/** Step "expect-nothing": a ping and its pong, with nothing before, on a live connection. */
export async function probe(context: CaseContext): Promise<void> {
  await context.peer.out.send([ping(PROBE)]);
  const expected = "nothing but the answer to a ping";
  const event = await nextEvent(context, expected);
  const isAnswer = event.what === "pong" &&
    Buffer.compare(event.payload, bytesOf(PROBE)) === 0;
  if (!isAnswer) throw unexpected(expected, event);
}

/** Step "expect-fresh-keys". */
export function expectFreshKeys({ peer }: CaseContext): void {
  const twice = peer.keys.find((key, at) => peer.keys.indexOf(key) !== at);
  if (twice === undefined) return;
  throw new ExpectationFailed(
    "a masking key of its own for each frame",
    `key ${twice} more than once`,
  );
}
