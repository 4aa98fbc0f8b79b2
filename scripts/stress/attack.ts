/**
 * Process that runs one scenario on one runtime. It prints its progress and its findings, one line of
 * JSON each, and ends by itself or with its parent.
 *
 * @module
 */

import process from "node:process";
import { scenarios } from "./scenarios.ts";
import { type Finding, type Settings, Trial, Unable } from "./trial.ts";

/** A line of the process's output. */
export type AttackReport =
  | { readonly progress: string }
  | { readonly found: Finding }
  | { readonly unable: string }
  | { readonly failed: string }
  | { readonly over: true };

/** Milliseconds between two reports of progress. */
const INTERVAL = 5000;

/** Time limit of a scenario, in milliseconds, besides `seconds`. */
const LONGEST = 40 * 60_000;

function say(line: AttackReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

process.stdin.on("end", () => process.exit());
process.stdin.resume();

const { scenario, ...settings } = JSON.parse(process.argv[2]!) as Settings & { scenario: string };
let doing = "starting";
const interval = setInterval(() => say({ progress: doing }), INTERVAL);
const trial = new Trial(
  settings,
  (progress) => say({ progress: doing = progress }),
  (found) => say({ found }),
);
const limit = setTimeout(() => {
  say({ failed: `It did not end while it was ${doing}` });
  say({ over: true });
  process.exit();
}, LONGEST + (settings.seconds ?? 0) * 1000);
try {
  await scenarios[scenario]!.run(trial);
} catch (error) {
  if (error instanceof Unable) say({ unable: error.message });
  else say({ failed: (error as Error).stack ?? String(error) });
}
clearInterval(interval);
clearTimeout(limit);
say({ over: true });
process.stdin.destroy();
