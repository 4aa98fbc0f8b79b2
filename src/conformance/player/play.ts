/**
 * Plays one case against one subject and gives the verdict.
 *
 * @module
 */

import { finish, newScene, perform } from "./steps.ts";
import type { Case } from "../case.ts";
import { CannotConnect } from "../wire/transport.ts";
import { open } from "./handshake_steps.ts";
import { Peer } from "./peer.ts";
import type { Result, Verdict } from "../result.ts";
import { type CaseContext, ExpectationFailed, Skipped, type Target } from "./context.ts";
import { WireLog } from "./wire_log.ts";
import { Stalled } from "./writer.ts";

/** Steps that stand where the right handshake would. */
const OWN_HANDSHAKE: readonly string[] = ["request", "respond", "expect-request"];

/** Plays a case. Whatever the subject does is a verdict, never a rejection. */
export async function play(test: Case, stage: Target): Promise<Result> {
  const log = new WireLog();
  let scene: CaseContext | undefined;
  let found: Pick<Result, "verdict" | "notes" | "expected" | "got">;
  let late = false;
  const drop = (): void => scene?.peer.drop();
  const budget = setTimeout(() => {
    late = true;
    drop();
  }, stage.budget);
  stage.signal?.addEventListener("abort", drop, { once: true });
  try {
    const line = await stage.open();
    scene = newScene(
      test,
      stage,
      new Peer(line, log, stage.subject === "server", stage.timeout),
      log,
    );
    if (!OWN_HANDSHAKE.includes(test.steps[0]?.do ?? "")) await open(scene);
    for (const step of test.steps) await perform(scene, step);
    await finish(scene);
    const notes = scene.warnings;
    found = { verdict: notes.length ? "warn" : "pass", notes, expected: "", got: "" };
  } catch (error) {
    const why = `It took longer than ${stage.budget} ms`;
    found = judge(
      late ? new ExpectationFailed("an end in time", why) : error,
      test,
      scene?.warnings ?? [],
    );
    if (found.verdict === "skip" && scene) await finish(scene).catch(() => {});
  } finally {
    clearTimeout(budget);
    stage.signal?.removeEventListener("abort", drop);
    scene?.peer.drop();
  }

  const { id, section, level, requirement, autobahn } = test;
  const peer = scene?.peer;
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
      clean: scene?.clean ?? false,
      codeFits: scene?.codeFits ?? true,
    },
    extensions: scene?.extensions ?? "",
    sent: log.octets.judge,
    received: log.octets.peer,
    wire: log.entries(),
  };
}

/** What an exception means. Throws it again when it is none of ours. */
function judge(
  error: unknown,
  { level }: Case,
  warnings: readonly string[],
): Pick<Result, "verdict" | "notes" | "expected" | "got"> {
  if (error instanceof Skipped) {
    return { verdict: "skip", notes: [error.message], expected: "", got: "" };
  }
  if (error instanceof ExpectationFailed) {
    const { expected, got, breach, message } = error;
    // What the peer breaks by itself is a MUST, whatever the case is about.
    const verdict: Verdict = level === "must" || breach !== undefined ? "fail" : "warn";
    return { verdict, notes: [...warnings, message], expected, got };
  }
  if (error instanceof CannotConnect || error instanceof Stalled) {
    const { message } = error;
    return { verdict: "fail", notes: [...warnings, message], expected: "", got: message };
  }
  throw error;
}
