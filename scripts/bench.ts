/**
 * Measures isosocket beside others, in turns: servers under the same load, clients of the same server, and
 * what starting costs. `bench/contests.ts` has all contests, with their aims.
 *
 * ```sh
 * node scripts/bench.ts                    # all of it: about 25 minutes
 * node scripts/bench.ts --quick            # a rough look: about 5 minutes
 * node scripts/bench.ts --runtime bun --only memory --json
 * node scripts/bench.ts --runtime node --only speed --match "16 B"
 * ```
 *
 * Most aims are for the ratio of CPU time per message, as the system reports it: it stays valid on a busy
 * machine, where messages per second depend more on other load. For clients with one message in flight,
 * they are for round trips per second, since their latency counts. Exit code: 0 all aims are reached, 1
 * some are not, 2 something could not be measured; the rest is measured all the same.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { CONTESTS, ISOSOCKET } from "./bench/contests.ts";
import { HEAD, type Row, rowsOf, text } from "./bench/table.ts";
import { takeTurns } from "./bench/take_turns.ts";
import { PARTS } from "./bench/task.ts";
import { RUNTIMES } from "./processes/runtime.ts";

const USAGE = `Usage: bench.ts [options]
  --runtime NAME       ${RUNTIMES.join(", ")}; may be repeated
                       (deno, deno-tcp, bun and node24)
  --only WHAT          ${PARTS.join(", ")}; may be repeated (all)
  --match TEXT         only what has this in its title, for instance "16 B text"; may be repeated
  --rounds N           how often each candidate takes its turn (9)
  --quick              fewer and shorter turns
  --json               prints JSON only
Exit code: 0 all aims are reached, 1 some are not, 2 something could not be measured.
`;

/** Bad arguments, or nothing to measure: exit code 2. */
class Unmeasured extends Error {}

function parse() {
  try {
    return parseArgs({
      options: {
        runtime: {
          type: "string",
          multiple: true,
          default: ["deno", "deno-tcp", "bun", "node24"],
        },
        only: { type: "string", multiple: true, default: [...PARTS] },
        match: { type: "string", multiple: true, default: [""] },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new Unmeasured((error as Error).message);
  }
}

function choice<T extends string>(
  option: string,
  value: string,
  choices: readonly T[],
): T {
  const chosen = choices.find((it) => it === value);
  if (chosen !== undefined) return chosen;
  throw new Unmeasured(
    `Cannot use --${option} ${value}: it must be one of ${choices.join(", ")}`,
  );
}

function number(option: string, value: string, most: number): number {
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= 1 && parsed <= most) return parsed;
  throw new Unmeasured(
    `Cannot use --${option} ${value}: it must be between 1 and ${most}`,
  );
}

/** Shows the present measurement on a terminal. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

async function main(): Promise<number> {
  const values = parse();
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { quick, json, match } = values;
  const only = values.only.map((it) => choice("only", it, PARTS));
  const runtimes = values.runtime.map((it) =>
    choice("runtime", it === "node" ? "node24" : it, RUNTIMES)
  );
  const rounds = number("rounds", values.rounds ?? (quick ? "3" : "9"), 1000);
  const effort = quick ? { rounds, ms: 300, warmUp: 600 } : { rounds, ms: 800, warmUp: 2000 };
  const chosen = CONTESTS.filter(({ task, isLong }) =>
    only.includes(task.part) && match.some((it) => task.title.includes(it)) && !(quick && isLong)
  );
  const contests = runtimes.flatMap((runtime) =>
    chosen.filter(({ on }) => on.includes(runtime)).map((contest) => ({ runtime, contest }))
  );
  if (contests.length === 0) throw new Unmeasured("Cannot measure: nothing has been selected");

  const rows: Row[] = [];
  let isComplete = true;
  if (!json) process.stdout.write(`${HEAD}\n`);
  for (const { runtime, contest } of contests) {
    const { task, beside } = contest;
    const candidates = [ISOSOCKET, ...beside.map(([candidate]) => candidate)];
    const onRound = (round: number, of: number): void =>
      progress(`${runtime}: ${task.title}, ${round} of ${of} rounds`);
    const turns = await takeTurns(task, runtime, candidates, effort, onRound).catch((error) => {
      progress("");
      process.stderr.write(
        `Cannot measure ${runtime}, ${task.title}: ${error.message.split("\n")[0]}\n`,
      );
    });
    if (turns === undefined) {
      isComplete = false;
      continue;
    }
    const [ours, ...others] = turns;
    const added = rowsOf(runtime, contest, ours!, others);
    rows.push(...added);
    progress("");
    if (!json) process.stdout.write(added.map((row) => `${text(row)}\n`).join(""));
  }
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  if (!isComplete) return 2;
  return rows.every((row) => row.reached) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  progress("");
  const known = error instanceof Unmeasured;
  process.stderr.write(
    `${known ? `${error.message}\n\n${USAGE}` : `${(error as Error).stack}\n`}`,
  );
  process.exitCode = 2;
}
