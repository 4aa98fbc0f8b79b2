/**
 * Plays one case against one subject.
 *
 * @module
 */

import type { Case, Subject } from "../case.ts";
import type { Result, Verdict } from "../result.ts";
import { CannotConnect } from "../wire/transport.ts";
import { finish } from "./closing_steps.ts";
import {
  type CaseContext,
  ExpectationFailed,
  newContext,
  Skipped,
  type Target,
} from "./context.ts";
import { open } from "./handshake_steps.ts";
import { connects } from "./http2_steps.ts";
import { measureLateness } from "./lateness.ts";
import { Peer } from "./peer.ts";
import { perform } from "./steps.ts";
import { WireLog } from "./wire_log.ts";
import { Stalled } from "./writer.ts";

/** First steps that replace the correct handshake. */
const OWN_HANDSHAKE: readonly string[] = ["request", "respond", "expect-request"];

/** Whether the steps of a case replace the correct handshake. */
function hasOwnHandshake({ steps }: Case): boolean {
  return OWN_HANDSHAKE.includes(steps[0]?.do ?? "") || connects(steps);
}

/** A result, and what may have caused it besides the case. */
export interface Played {
  /** The result. */
  readonly result: Result;

  /**
   * What another case, or a busy machine, may have caused. "timeout": nothing came in time.
   * "refused": no connection could be opened. "dropped": the peer ended the connection without a
   * Close frame.
   */
  readonly trouble?: "timeout" | "refused" | "dropped";
}

/** Plays a case. Whatever the subject does results in a verdict, never in a rejection. */
export async function play(test: Case, target: Target): Promise<Result> {
  return (await playOnce(test, target)).result;
}

/** Plays a case; says also whether the result may have another cause. */
export async function playOnce(test: Case, target: Target): Promise<Played> {
  const log = new WireLog();
  let context: CaseContext | undefined;
  let found: Found;
  let late = false;
  const endMeasuring = measureLateness();
  const drop = (): void => context?.peer.drop();
  const budget = setTimeout(() => {
    late = true;
    drop();
  }, target.budget);
  target.signal?.addEventListener("abort", drop, { once: true });
  try {
    const transport = await target.open();
    const peer = new Peer(transport, log, target.subject === "server", target.timeout);
    context = newContext(test, target, peer, log);
    if (!hasOwnHandshake(test)) await open(context);
    for (const step of test.steps) await perform(context, step);
    await finish(context);
    for (const other of context.sockets.values()) if (other.peer.isReading) await finish(other);
    const notes = context.warnings;
    found = { verdict: notes.length ? "warn" : "pass", notes, expected: "", got: "" };
  } catch (error) {
    const why = `more than ${target.budget} ms`;
    found = foundIn(
      late ? new ExpectationFailed("an end in time", why, { timedOut: true }) : error,
      test,
      context?.warnings ?? [],
    );
    if (found.verdict === "skip" && context) await finish(context).catch(() => {});
  } finally {
    clearTimeout(budget);
    endMeasuring();
    target.signal?.removeEventListener("abort", drop);
    context?.peer.drop();
  }

  const { id, section, level, requirement, autobahn } = test;
  const { trouble, ...finding } = found;
  const peer = context?.peer;
  const wasDropped = finding.verdict !== "pass" && peer?.close === undefined &&
    (peer?.ended === "fin" || peer?.ended === "reset");
  const result: Result = {
    id,
    section,
    level,
    requirement,
    autobahn,
    ...finding,
    ms: log.now(),
    ending: {
      closedBy: peer?.closedBy ?? null,
      code: peer?.close?.code ?? null,
      reason: peer?.close?.reason ?? "",
      clean: context?.clean ?? false,
      codeFits: context?.codeFits ?? true,
    },
    extensions: context?.extensions ?? "",
    sent: log.octets.judge,
    received: log.octets.peer,
    wire: log.entries(),
  };
  const cause = trouble ?? (wasDropped ? "dropped" : undefined);
  return { result, ...(cause && { trouble: cause }) };
}

/** Makes the result of a case that the subject did not outlive: a failure, whatever its level. */
export function lost(result: Result, subject: Subject, note: string): Result {
  const expected = `the ${subject} to go on`;
  return { ...result, verdict: "fail", notes: [note], got: note, expected };
}

/** Makes the result of a case that is not played. */
export function skipped(test: Case, reason: string): Result {
  const { id, section, level, requirement, autobahn } = test;
  return {
    id,
    section,
    level,
    requirement,
    autobahn,
    verdict: "skip",
    notes: [reason],
    expected: "",
    got: "",
    ms: 0,
    ending: { closedBy: null, code: null, reason: "", clean: false, codeFits: true },
    extensions: "",
    sent: 0,
    received: 0,
    wire: [],
  };
}

/** The part of a result that an error or its absence decides. */
interface Found extends Pick<Result, "verdict" | "notes" | "expected" | "got"> {
  readonly trouble?: Played["trouble"];
}

/** Turns an error into a verdict. Rethrows errors that the subject did not cause. */
function foundIn(error: unknown, { level }: Case, warnings: readonly string[]): Found {
  if (error instanceof Skipped) {
    return { verdict: "skip", notes: [error.message], expected: "", got: "" };
  }
  if (error instanceof ExpectationFailed) {
    const { expected, got, violated, timedOut, message } = error;
    // A violation by the peer is a MUST, whatever the case is about.
    const isFailure = level === "must" || violated !== undefined;
    const verdict: Verdict = !isFailure ? "warn" : timedOut ? "timeout" : "fail";
    const notes = [...warnings, message];
    return { verdict, notes, expected, got, ...(timedOut && { trouble: "timeout" }) };
  }
  if (error instanceof CannotConnect || error instanceof Stalled) {
    const { message } = error;
    const timedOut = error instanceof Stalled || error.timedOut;
    return {
      verdict: timedOut ? "timeout" : "fail",
      notes: [...warnings, message],
      expected: "",
      got: message,
      trouble: timedOut ? "timeout" : "refused",
    };
  }
  throw error;
}
