/**
 * The steps that end a connection, and the right end behind all other cases.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { ExpectClose, ExpectEnd, ExpectFailure } from "../step.ts";
import { bytesOf, close, ping, text } from "../wire/frame.ts";
import {
  type CaseContext,
  describeCodes,
  describeEvent,
  endOf,
  ExpectationFailed,
  nextEvent,
  passOver,
  soon,
  unexpected,
} from "./context.ts";
import type { PeerEvent } from "./peer_events.ts";
import { endsStream } from "./http2_steps.ts";
import { exchange, PROBE, probe } from "./message_steps.ts";

/** Milliseconds before a peer that ought to fail the connection is probed with a ping. */
const BEFORE_PROBE = 400;

/** Milliseconds that TCP may outlive the closing handshake. */
const CLOSING = 1000;

/** Step "expect-close". */
export async function expectClose(context: CaseContext, step: ExpectClose): Promise<void> {
  const expected = describeCodes(step.codes);
  const event = await nextEvent(context, expected);
  if (event.what !== "close") throw unexpected(expected, event);
  if (!step.codes.includes(event.code)) {
    // 5.5.1 calls the echo of the code typical, no more.
    context.warnings.push(`Expected ${expected}, got ${describeEvent(event)}`);
  }
  if (step.reason !== undefined && event.reason !== step.reason) {
    throw new ExpectationFailed(
      `reason ${JSON.stringify(step.reason)}`,
      JSON.stringify(event.reason),
    );
  }
  await end(context);
  // 7.1.1: a client may wait for us; a server has to end TCP.
  if (!context.clean) {
    throw new ExpectationFailed(
      `${endOf(context)} after both Close frames`,
      "an open connection",
      { timedOut: true },
    );
  }
}

/** Step "expect-failure". */
export async function expectFailure(context: CaseContext, step: ExpectFailure): Promise<void> {
  const { peer, target, warnings } = context;
  const expected = `the connection to fail with ${describeCodes(step.codes)}`;
  const patience = soon(target, step.within ?? BEFORE_PROBE);
  let event = await nextEvent(context, expected, patience);
  if (event.what === "silence" && step.within === undefined) {
    // A probe makes it quick; a peer that is in the middle of a frame takes it for payload.
    await peer.out.send([ping(PROBE)]);
    event = await nextEvent(context, expected);
  }
  switch (event.what) {
    case "end":
      // 7.1.7: a Close frame SHOULD be sent first.
      warnings.push(`Expected ${expected}, got no Close frame`);
      return;
    case "close":
      if (step.codes.includes(event.code)) break;
      // What was wrong is a Close of ours, and this is the answer to a right one.
      if (event.code === 1000 && peer.closedBy === "judge") {
        throw new ExpectationFailed(expected, "Close 1000, the answer to a right Close");
      }
      // 7.1.7: the code SHOULD be the appropriate one.
      context.codeFits = event.code === 1005;
      warnings.push(
        step.notes?.[event.code] ?? `Expected ${expected}, got ${describeEvent(event)}`,
      );
      break;
    case "silence":
      throw new ExpectationFailed(expected, "an open connection", {
        timedOut: step.within === undefined,
      });
    default:
      throw new ExpectationFailed(
        expected,
        event.what === "pong" && Buffer.compare(event.payload, bytesOf(PROBE)) === 0
          ? "an open connection, which still answers pings"
          : describeEvent(event),
      );
  }
  await end(context);
}

/** Step "expect-end". */
export async function expectEnd(context: CaseContext, step: ExpectEnd): Promise<void> {
  const expected = endOf(context);
  let event = await nextEvent(context, expected);
  const isPassed = ({ what }: PeerEvent): boolean =>
    what === "pong" && step.pastPongs === true || what === "message" && step.pastMessages === true;
  while (isPassed(event)) {
    passOver(context, event);
    event = await nextEvent(context, expected);
  }
  if (event.what === "close" && step.close !== false) {
    await end(context);
    if (context.peer.ended !== undefined) return;
    event = { what: "silence", ms: CLOSING };
  }
  if (event.what !== "end") throw unexpected(expected, event);
}

/** Waits for the end of TCP after both Close frames; the server ends it (7.1.1). */
async function end(context: CaseContext): Promise<void> {
  const { peer, target } = context;
  if (target.subject === "client") peer.hangUp("fin");
  const event = await nextEvent(context, endOf(context), soon(target, CLOSING));
  context.clean = event.what === "end" && peer.close !== undefined && peer.out.sentClose;
}

/** Steps after which no probe is needed: what they expect came last. */
export const SETTLED: readonly string[] = [
  "expect",
  "exchange",
  "expect-nothing",
  "either",
  "expect-alive",
];

/** Steps after which the connection may have ended. */
export const ENDING: readonly string[] = [
  "expect-close",
  "expect-failure",
  "expect-end",
  "hang-up",
];

/** Checks that a peer that has left did so when it might, and sent nothing unexpected. */
async function finishEnded(context: CaseContext, last: string | undefined): Promise<void> {
  // What we did not read on purpose is no fault of the peer's.
  if (context.test.steps.some((step) => step.do === "hang-up" || step.do === "reading")) return;
  if (endsStream(context.test.steps)) return;
  const settled = last === undefined || SETTLED.includes(last) || ENDING.includes(last);
  for (let left = true; left;) {
    const event = await nextEvent(context, "nothing more");
    left = event.what !== "end";
    if (left && event.what !== "close" || !left && !settled) {
      throw new ExpectationFailed(
        left ? "nothing more" : "the peer to stay",
        describeEvent(event),
      );
    }
  }
}

/** Ends a connection that the steps left open: see the module documentation of `case.ts`. */
export async function finish(context: CaseContext): Promise<void> {
  const { peer, test, target } = context;
  if (!context.isOpen) return;
  const [left] = context.aside;
  if (left !== undefined) throw unexpected("nothing more", left);
  const last = test.steps.at(-1)?.do;
  if (peer.ended !== undefined) return await finishEnded(context, last);
  if (peer.close === undefined && !peer.out.sentClose) {
    // An echo shows that the peer lives and has nothing more to send.
    if (last !== undefined && !SETTLED.includes(last)) {
      if (peer.out.isInMessage) await probe(context);
      else await exchange(context, { do: "exchange", message: text(PROBE), times: 1 });
    }
    await peer.out.send([close(1000)]);
  }
  if (peer.close === undefined) {
    const event = await nextEvent(context, "Close 1000", target.timeout);
    if (event.what === "end" || event.what === "silence") return; // not clean
    if (event.what !== "close") {
      throw new ExpectationFailed("nothing more", describeEvent(event));
    }
    const { code } = event;
    if (code !== 1000 && code !== 1005 && code < 3000 && peer.closedBy === "peer") {
      throw new ExpectationFailed("nothing more", describeEvent(event));
    }
  }
  await end(context);
}
