// Servers under attack, on each runtime: the quick scenarios of scripts/stress.ts.

import { join } from "node:path";
import { run } from "./child.mjs";
import { logOf, node, root } from "./places.mjs";
import { died } from "./ran.mjs";

const RUNTIMES = ["deno", "bun", "node24"];

/** What of scripts/stress.ts is quick: the others take minutes, and want the machine to themselves. */
const ATTACKS = ["http", "fuzz", "foreign", "throwing", "refusals", "killed"];

/** Each of them mostly waits for its time to pass, so two share the machine. */
const SIDE_BY_SIDE = 2;

/** Runs the attacks; what has failed beside another runs again alone, with the same seed. */
export async function* stress() {
  const seed = `${Date.now() % 1_000_000_000}`;
  const attacks = ATTACKS.flatMap((scenario) => RUNTIMES.map((runtime) => ({ runtime, scenario })));
  console.log(`  stress: ${attacks.length} attacks, seed ${seed}`);
  const queue = attacks.values();
  const tests = [];
  const worker = async () => {
    for (const attack of queue) tests.push(...await attacked(attack, seed));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  for (const attack of attacks) {
    const failed = tests.filter((test) => test.attack === attack && test.outcome === "failed");
    if (failed.length === 0) continue;
    console.log(`  stress: again, alone: ${attack.runtime} ${attack.scenario}`);
    const second = await attacked(attack, seed);
    if (second.every(({ outcome }) => outcome === "passed")) {
      for (const test of failed) test.outcome = "flaky";
    }
  }
  yield { label: "stress", tests };
}

/** Runs one scenario on one runtime. */
async function attacked(attack, seed) {
  const { runtime, scenario } = attack;
  const label = `stress ${runtime} ${scenario}`;
  const args = ["--quick", "--json", "--seed", seed, "--runtime", runtime, "--only", scenario];
  const { status, output } = await run(
    label,
    node(24),
    [join(root, "scripts/stress.ts"), ...args],
    { log: logOf(label) },
  );
  const json = /^\{\n[^]*^\}$/m.exec(output)?.[0];
  if (json === undefined) return [{ ...died(label, status, output, logOf(label)), attack }];
  const { rows, untried } = JSON.parse(json);
  return [
    ...rows.map(({ what, bound, measured, held, known }) => ({
      attack,
      name: `${runtime} ${scenario}: ${what}`,
      outcome: held === (known === undefined) ? "passed" : "failed",
      detail: `${bound}: ${measured}\nwith --seed ${seed}${
        known ? `\nknown not to hold: ${known}` : ""
      }`,
    })),
    ...untried.map(({ why }) => ({
      attack,
      name: `${runtime} ${scenario}`,
      outcome: "skipped",
      detail: why,
    })),
  ];
}
