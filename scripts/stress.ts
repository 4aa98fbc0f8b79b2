/**
 * Attacks a server on each runtime, in many ways, and measures whether its bounds hold.
 *
 * ```sh
 * node scripts/stress.ts                  # all of it: about half an hour
 * node scripts/stress.ts --quick          # a tenth of it: about a minute for each runtime
 * node scripts/stress.ts --runtime deno --only fuzz --seed 7
 * node scripts/stress.ts --only idle --seconds 3600
 * node scripts/stress.ts --runtime bun --only http --seed 7 --exchange 1234
 * ```
 *
 * Everything is bounded in count and time, and stays on this machine. The load runs on Node 24, each
 * server in a process of its own; all of them end with this one.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { Child } from "./processes/child.ts";
import { command, type Runtime, RUNTIMES } from "./processes/runtime.ts";
import type { AttackReport } from "./stress/attack.ts";
import { known, knownWhole } from "./stress/known.ts";
import { descriptors } from "./stress/descriptors.ts";
import { scenarios } from "./stress/scenarios.ts";
import type { Finding, Settings } from "./stress/trial.ts";

const ENGINES = ["native", "tcp"] as const;

const USAGE = `Usage: stress.ts [options]
  --runtime NAME   ${RUNTIMES.join(", ")}; may be repeated (deno, bun and node24)
  --engine NAME    ${ENGINES.join(", ")}: what carries the sockets (native)
  --only NAME      a scenario; may be repeated (all of them)
  --seconds N      how long what takes its time takes (each scenario has its own idea)
  --seed N         where chance begins, to play a run again (a new one)
  --exchange N     one exchange of the scenario http, alone: it also takes the seed
  --entry NAME     one entry of the server in the scenario http; may be repeated (all of them)
  --quick          a tenth of the connections, and less time
  --json           prints JSON only
Scenarios:
${Object.entries(scenarios).map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`).join("\n")}
Exit code: 0 all held, 1 something did not, 2 something could not be tried.
`;

/** Bad arguments, or an unsuitable machine: exit code 2. */
class Untried extends Error {}

/** A line of the result. */
interface Row extends Finding {
  readonly runtime: Runtime;
  readonly scenario: string;
  /** Reason for which it is known not to hold. */
  readonly known?: string | undefined;
}

/** Returns whether a row is as expected: it holds, or is known not to. */
function isWell({ held, known }: Row): boolean {
  return held === (known === undefined);
}

function parse() {
  try {
    return parseArgs({
      options: {
        runtime: { type: "string", multiple: true, default: ["deno", "bun", "node24"] },
        engine: { type: "string", default: "native" },
        only: { type: "string", multiple: true, default: Object.keys(scenarios) },
        seconds: { type: "string" },
        seed: { type: "string" },
        exchange: { type: "string" },
        entry: { type: "string", multiple: true },
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new Untried(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function choice<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const chosen = choices.find((it) => it === value);
  if (chosen !== undefined) return chosen;
  throw new Untried(
    `Cannot use --${option} ${value}: it must be one of ${choices.join(", ")}\n\n${USAGE}`,
  );
}

function number(option: string, value: string, least: number, most: number): number {
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= least && parsed <= most) return parsed;
  throw new Untried(
    `Cannot use --${option} ${value}: it must be between ${least} and ${most}\n\n${USAGE}`,
  );
}

/** Shows the present scenario on a terminal. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

function text(row: Row): string {
  const { runtime, scenario, what, bound, measured, held, known } = row;
  const word = isWell(row) ? held ? "ok" : "known" : "FAIL";
  const why = known === undefined ? "" : held ? "; known not to hold, but does" : `; ${known}`;
  const name = `${runtime.padEnd(6)} ${scenario.padEnd(15)}`;
  return `${word.padEnd(5)} ${name} ${what}\n${" ".repeat(6)}${bound}: ${measured}${why}`;
}

/** A scenario that could not be run, or not to its end. */
interface Skipped {
  readonly runtime: Runtime;
  readonly scenario: string;
  readonly why: string;
}

/** Runs one scenario. Resolves with the reason if it could not be run. */
async function attack(
  scenario: string,
  settings: Settings,
  add: (row: Row) => void,
): Promise<string | undefined> {
  const { runtime, engine } = settings;
  const argument = JSON.stringify({ ...settings, scenario });
  const file = new URL("stress/attack.ts", import.meta.url);
  await using child = new Child(command("node24", file, argument));
  let why: string | undefined;
  while (true) {
    const report = await child.hear<AttackReport>();
    if ("over" in report) return why;
    if ("progress" in report) progress(`${runtime} ${scenario}: ${report.progress}`);
    else if ("found" in report) {
      const limits = settings.quick ? [known] : [known, knownWhole];
      const reason = limits.map((it) => it[runtime]?.[scenario]?.[report.found.what]).find(Boolean);
      add({ runtime, scenario, ...report.found, known: engine === "native" ? reason : undefined });
    } else why = "unable" in report ? report.unable : report.failed;
  }
}

async function main(): Promise<number> {
  const values = parse();
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { quick, json } = values;
  const runtimes = values.runtime.map((it) =>
    choice("runtime", it === "node" ? "node24" : it, RUNTIMES)
  );
  const engine = choice("engine", values.engine, ENGINES);
  const chosen = values.only.map((it) => choice("only", it, Object.keys(scenarios)));
  const seconds = values.seconds && number("seconds", values.seconds, 1, 86_400) || undefined;
  const seed = number("seed", values.seed ?? `${Date.now() % 1_000_000_000}`, 0, 0xffff_ffff);
  const exchange = values.exchange && number("exchange", values.exchange, 0, 0xffff_ffff);
  const most = Math.max(...chosen.map((name) => scenarios[name]!.connections));
  const missing = descriptors(quick ? most / 10 : most);
  if (missing !== undefined) throw new Untried(missing);

  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    progress("");
    if (!json) process.stdout.write(`${text(row)}\n`);
  };
  const untried: Skipped[] = [];
  if (!json) process.stdout.write(`Seed ${seed}\n`);
  for (const runtime of runtimes) {
    for (const scenario of chosen) {
      progress(`${runtime} ${scenario}`);
      const settings: Settings = {
        runtime,
        engine,
        seconds,
        seed,
        quick,
        exchange: exchange === "" ? undefined : exchange,
        entries: values.entry,
      };
      const why = await attack(scenario, settings, add);
      if (why === undefined) continue;
      untried.push({ runtime, scenario, why });
      progress("");
      process.stderr.write(`${runtime} ${scenario}: not tried: ${why}\n`);
    }
  }
  progress("");
  const failed = rows.filter((row) => !isWell(row)).length;
  const excused = rows.filter((row) => !row.held && isWell(row)).length;
  if (json) process.stdout.write(`${JSON.stringify({ seed, engine, untried, rows }, null, 2)}\n`);
  else {
    const held = rows.length - failed - excused;
    process.stdout.write(
      `${held} held, ${failed} did not, ${excused} are known not to; ` +
        `${untried.length} scenarios not tried\n`,
    );
  }
  return failed > 0 ? 1 : untried.length > 0 ? 2 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  progress("");
  const known = error instanceof Untried;
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  process.exitCode = 2;
}
