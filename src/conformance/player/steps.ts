/**
 * Performs the steps of a case.
 *
 * @module
 */

import type { Either, ExpectAlive, Step } from "../step.ts";
import { type Frame, text } from "../wire/frame.ts";
import { expectClose, expectEnd, expectFailure, finish } from "./closing_steps.ts";
import { type CaseContext, ExpectationFailed, newContext, Skipped } from "./context.ts";
import {
  expectGiveUp,
  expectRefusal,
  expectRequest,
  expectUpgrade,
  open,
  sendRequest,
  sendResponse,
} from "./handshake_steps.ts";
import {
  exchange,
  expectFrame,
  expectFreshKeys,
  probe,
  sendItems,
  sendRaw,
} from "./message_steps.ts";
import { performHttp2 } from "./http2_steps.ts";
import { Peer } from "./peer.ts";
import { WireLog } from "./wire_log.ts";

/** Performs one step; throws {@linkcode ExpectationFailed} or {@linkcode Skipped}. */
export async function perform(context: CaseContext, step: Step): Promise<void> {
  switch (step.do) {
    case "send":
      return await sendItems(context, step);
    case "raw":
      return await sendRaw(context, step);
    case "exchange":
      return await exchange(context, step);
    case "expect":
      return await expectFrame(context, step);
    case "expect-nothing":
      return await probe(context);
    case "expect-close":
      return await expectClose(context, step);
    case "expect-failure":
      return await expectFailure(context, step);
    case "expect-end":
      return await expectEnd(context, step);
    case "expect-alive":
      return await expectAlive(context, step);
    case "expect-fresh-keys":
      return expectFreshKeys(context);
    case "pause":
      return await new Promise((resolve) => setTimeout(resolve, step.ms));
    case "reading":
      return context.peer.read(step.on);
    case "hang-up":
      return context.peer.hangUp(step.how);
    case "either":
      return await performEither(context, step);
    case "request":
      return await sendRequest(context, step);
    case "expect-upgrade":
      return await expectUpgrade(context, step);
    case "expect-refusal":
      return await expectRefusal(context, step);
    case "respond":
      return await sendResponse(context, step);
    case "expect-request":
      return await expectRequest(context, step);
    case "expect-give-up":
      return await expectGiveUp(context);
    case "http2":
      return await performHttp2(context, step, { open, perform });
  }
}

/** Step "expect-alive". */
async function expectAlive(
  context: CaseContext,
  { connections = 1 }: ExpectAlive,
): Promise<void> {
  if (context.target.subject !== "server") return;
  await Promise.all(Array.from({ length: connections }, () => expectEcho(context)));
}

/** Opens another connection, which has to echo and to close. */
async function expectEcho({ test, target }: CaseContext): Promise<void> {
  const log = new WireLog();
  const peer = new Peer(await target.open(), log, true, target.timeout);
  const { deflate: _, ...plain } = test;
  const context: CaseContext = newContext({ ...plain, steps: [] }, target, peer, log);
  try {
    await open(context);
    const hello: Frame = text("hello");
    await peer.out.send([hello]);
    await expectFrame(context, { do: "expect", frame: hello });
    await finish(context);
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error;
    const { got, timedOut } = error;
    throw new ExpectationFailed("the server to serve a new connection", got, { timedOut });
  } finally {
    peer.drop();
  }
}

/** Step "either". */
async function performEither(context: CaseContext, { ways }: Either): Promise<void> {
  let first: ExpectationFailed | undefined;
  let timedOut = false;
  for (const way of ways) {
    const mark = context.peer.mark();
    const count = context.warnings.length;
    const { aside } = context;
    try {
      for (const step of way.steps) await perform(context, step);
      context.peer.release(mark, false);
      if (way.verdict === "warn") context.warnings.push(way.note);
      return;
    } catch (error) {
      context.peer.release(mark, true);
      context.warnings.length = count;
      context.aside = aside;
      if (!(error instanceof ExpectationFailed) || error.violated !== undefined) throw error;
      timedOut ||= error.timedOut;
      first ??= error;
    }
  }
  if (first !== undefined && timedOut !== first.timedOut) {
    throw new ExpectationFailed(first.expected, first.got, { timedOut });
  }
  throw first ?? new Skipped("There is no way to go on");
}
