/**
 * The process that attacks: one scenario on one runtime. It says what it does and finds, one line of
 * JSON each, and ends by itself, or when its parent does.
 *
 * @module
 */

import process from "node:process";
import { scenarios } from "./scenarios.ts";
import { type Finding, type Settings, Trial, Unable } from "./trial.ts";

/** What it says. */
export type AttackReport =
  | { readonly progress: string }
  | { readonly found: Finding }
  | { readonly unable: string }
  | { readonly failed: string }
  | { readonly over: true };

/** ms: between signs of life. */
const BEAT = 5000;

/** ms: no scenario takes longer, beside the time that it was told to take. */
const LONGEST = 40 * 60_000;

function say(said: AttackReport): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

process.stdin.on("end", () => process.exit());
process.stdin.resume();

const { scenario, ...settings } = JSON.parse(process.argv[2]!) as Settings & { scenario: string };
let doing = "starting";
const beat = setInterval(() => say({ progress: doing }), BEAT);
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
clearInterval(beat);
clearTimeout(limit);
say({ over: true });
process.stdin.destroy();
