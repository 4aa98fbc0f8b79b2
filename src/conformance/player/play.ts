/**
 * Plays one case against one subject.
 *
 * @module
 */

import type { Case } from "../case.ts";
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
import { Peer } from "./peer.ts";
import { perform } from "./steps.ts";
import { WireLog } from "./wire_log.ts";
import { Stalled } from "./writer.ts";

/** First steps that replace the correct handshake. */
const OWN_HANDSHAKE: readonly string[] = ["request", "respond", "expect-request"];

/** Plays a case. Whatever the subject does results in a verdict, never in a rejection. */
export async function play(test: Case, target: Target): Promise<Result> {
  const log = new WireLog();
  let context: CaseContext | undefined;
  let found: Pick<Result, "verdict" | "notes" | "expected" | "got">;
  let late = false;
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
    if (!OWN_HANDSHAKE.includes(test.steps[0]?.do ?? "")) await open(context);
    for (const step of test.steps) await perform(context, step);
    await finish(context);
    const notes = context.warnings;
    found = { verdict: notes.length ? "warn" : "pass", notes, expected: "", got: "" };
  } catch (error) {
    const why = `It took longer than ${target.budget} ms`;
    found = verdictOf(
      late ? new ExpectationFailed("an end in time", why) : error,
      test,
      context?.warnings ?? [],
    );
    if (found.verdict === "skip" && context) await finish(context).catch(() => {});
  } finally {
    clearTimeout(budget);
    target.signal?.removeEventListener("abort", drop);
    context?.peer.drop();
  }

  const { id, section, level, requirement, autobahn } = test;
  const peer = context?.peer;
  return {
    id,
    section,
    level,
    requirement,
    autobahn,
    ...found,
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
}

/** Turns an error into a verdict. Rethrows errors that the subject did not cause. */
function verdictOf(
  error: unknown,
  { level }: Case,
  warnings: readonly string[],
): Pick<Result, "verdict" | "notes" | "expected" | "got"> {
  if (error instanceof Skipped) {
    return { verdict: "skip", notes: [error.message], expected: "", got: "" };
  }
  if (error instanceof ExpectationFailed) {
    const { expected, got, violated, message } = error;
    // A violation by the peer is a MUST, whatever the case is about.
    const verdict: Verdict = level === "must" || violated !== undefined ? "fail" : "warn";
    return { verdict, notes: [...warnings, message], expected, got };
  }
  if (error instanceof CannotConnect || error instanceof Stalled) {
    const { message } = error;
    return { verdict: "fail", notes: [...warnings, message], expected: "", got: message };
  }
  throw error;
}
