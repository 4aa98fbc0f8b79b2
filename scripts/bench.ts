/**
 * Measures isosocket beside the bare API of each runtime, in turns: servers under the same load, and
 * clients of the same server.
 *
 * ```sh
 * node scripts/bench.ts                    # all of it: about 10 minutes
 * node scripts/bench.ts --quick            # a rough look: about a minute
 * node scripts/bench.ts --runtime bun --only memory --json
 * node scripts/bench.ts --runtime deno --runtime deno-tcp  # both engines, beside the bare native one
 * ```
 *
 * For servers, the aim is for the ratio of CPU time per message, as the system reports it: it stays
 * valid on a busy machine, where messages per second depend more on other load. For clients, it is for
 * round trips per second, since their latency counts. Exit code: 0 all aims are reached, 1 some are
 * not, 2 it could not be measured.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import type { FanOut } from "./bench/audience.ts";
import { measureTrips, TRIP_SIZES, tripsName, tripsRow } from "./bench/clients.ts";
import type { LoadShape } from "./bench/load.ts";
import { measureFanOut, measureMemory, measureSpeed } from "./bench/measure.ts";
import {
  fanOutName,
  fanOutRow,
  HEAD,
  limitsRow,
  memoryRow,
  name,
  type Row,
  speedRow,
  text,
} from "./bench/table.ts";
import { type Runtime, RUNTIMES } from "./processes/runtime.ts";

/** Measurements that `--only` selects. */
const PARTS = ["speed", "limits", "fan-out", "memory", "clients"] as const;

/** Load for measuring limits and counts: short messages, where their share is largest. */
const SHORT_TEXT: LoadShape = { kind: "text", size: 16, inFlight: 16 };

const USAGE = `Usage: bench.ts [options]
  --runtime NAME       ${RUNTIMES.join(", ")}; may be repeated (deno, bun and node24)
  --only WHAT          ${PARTS.join(", ")}; may be repeated (all)
  --kind text|binary   what is sent (both)
  --size BYTES         the size of messages; may be repeated (16 and 16384)
  --in-flight N        messages on their way on each connection; may be repeated (1 and 16)
  --subscribers N      how many get what is published; may be repeated (1000 and 10000)
  --per-tick N         messages published in one tick; may be repeated (1 and 16)
  --rounds N           how often each server takes its turn (9)
  --quick              fewer and shorter turns, fewer connections
  --json               prints JSON only
Exit code: 0 all aims are reached, 1 some are not, 2 it could not be measured.
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
          default: ["deno", "bun", "node24"],
        },
        only: { type: "string", multiple: true, default: [...PARTS] },
        kind: { type: "string", multiple: true, default: ["text", "binary"] },
        size: { type: "string", multiple: true, default: ["16", "16384"] },
        "in-flight": { type: "string", multiple: true, default: ["1", "16"] },
        subscribers: { type: "string", multiple: true },
        "per-tick": { type: "string", multiple: true, default: ["1", "16"] },
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
  const { quick, json } = values;
  const only = values.only.map((it) => choice("only", it, PARTS));
  const runtimes = values.runtime.map((it) =>
    choice("runtime", it === "node" ? "node24" : it, RUNTIMES)
  );
  const kinds = values.kind.map((it) => choice("kind", it, ["text", "binary"] as const));
  const sizes = values.size.map((it) => number("size", it, 65_535));
  const inFlights = values["in-flight"].map((it) => number("in-flight", it, 1024));
  const rounds = number("rounds", values.rounds ?? (quick ? "3" : "9"), 1000);
  const connections = quick ? 1000 : 5000;
  const effort = quick ? { rounds, ms: 300, warmUp: 600 } : { rounds, ms: 800, warmUp: 2000 };
  const shapes: LoadShape[] = inFlights.flatMap((inFlight) =>
    sizes.flatMap((size) => kinds.map((kind) => ({ kind, size, inFlight })))
  );

  const audiences = (values.subscribers ?? (quick ? ["1000"] : ["1000", "10000"]))
    .map((it) => number("subscribers", it, 15_000));
  const perTicks = values["per-tick"].map((it) => number("per-tick", it, 1000));
  const fanOuts: FanOut[] = perTicks.flatMap((perTick) =>
    audiences.map((subscribers) => ({ subscribers, perTick }))
  );

  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    progress("");
    if (!json) process.stdout.write(`${text(row)}\n`);
  };
  const speed = async (runtime: Runtime, shape: LoadShape): Promise<void> => {
    const onRound = (round: number): void =>
      progress(`${runtime}: ${name(shape)}, round ${round} of ${rounds}`);
    onRound(0);
    add(
      speedRow(
        runtime,
        shape,
        await measureSpeed(runtime, shape, effort, onRound),
      ),
    );
  };
  const limits = async (runtime: Runtime): Promise<void> => {
    const onRound = (round: number): void => progress(`${runtime}: limits, ${round} of ${rounds}`);
    onRound(0);
    const pairs = await measureSpeed(runtime, SHORT_TEXT, effort, onRound, "limits");
    add(limitsRow(runtime, SHORT_TEXT, pairs));
  };
  const fanOut = async (runtime: Runtime, shape: FanOut): Promise<void> => {
    const onRound = (round: number): void =>
      progress(`${runtime}: ${fanOutName(shape)}, round ${round} of ${rounds}`);
    onRound(0);
    add(fanOutRow(runtime, shape, await measureFanOut(runtime, shape, effort, onRound)));
  };
  const memory = async (runtime: Runtime): Promise<void> => {
    const times = Math.min(rounds, 3);
    const onRound = (round: number): void => progress(`${runtime}: memory, ${round} of ${times}`);
    onRound(0);
    const pairs = await measureMemory(runtime, connections, times, onRound);
    add(memoryRow(runtime, connections, pairs));
  };

  const trips = async (runtime: Runtime, size: number): Promise<void> => {
    const onRound = (round: number): void =>
      progress(`${runtime}: ${tripsName(size)}, round ${round} of ${rounds}`);
    onRound(0);
    add(tripsRow(runtime, size, await measureTrips(runtime, size, effort, onRound)));
  };

  if (!json) process.stdout.write(`${HEAD}\n`);
  for (const runtime of runtimes) {
    for (const shape of only.includes("speed") ? shapes : []) await speed(runtime, shape);
    if (only.includes("limits")) await limits(runtime);
    for (const shape of only.includes("fan-out") ? fanOuts : []) await fanOut(runtime, shape);
    if (only.includes("memory")) await memory(runtime);
    for (const size of only.includes("clients") ? TRIP_SIZES : []) {
      await trips(runtime, size);
      if (runtime === "deno" && !runtimes.includes("deno-tcp")) await trips("deno-tcp", size);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
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
