/** Command `isosocket bench`: measures throughput and latency of an echo server. @module */

import process from "node:process";
import {
  complain,
  print,
  readArguments,
  readNumber,
  UsageError,
  type Values,
} from "../shared/command_line.ts";
import { EXIT_CODES, FAILED, OK, UNUSABLE } from "../shared/exit_code.ts";
import { onInterrupt } from "../shared/interrupt.ts";
import {
  LoadGenerator,
  type Measurement,
  type RunLength,
  type Workload,
} from "./load_generator.ts";
import { Progress } from "./progress.ts";
import { type BenchResult, problemsOf, toJson, toText } from "./report.ts";
import { paintFor } from "../shared/paint.ts";
import { printable } from "../shared/printable.ts";
import { type ConnectTarget, readTarget, TARGET_HELP, TARGET_OPTIONS } from "../shared/target.ts";
import { VERSION } from "../shared/version.ts";
import { redact } from "../../core/credentials.ts";

const USAGE = "Usage: isosocket bench <ws://host:port/path> [options]";

const HELP = `How many messages a server echoes, and how long that takes.

${USAGE}

  -c, --connections <n>    connections side by side                       (10)
  -f, --in-flight <n>      messages that each has on their way             (1)
  -s, --size <bytes>       of each message                                (16)
  -b, --binary             binary, instead of text
  -t, --seconds <s>        how long                                        (5)
  -m, --messages <n>       how many messages, instead
      --warm-up <s>        how long before that, without counting          (1)
      --json               the result as JSON, with times in milliseconds
  -q, --quiet              no progress
${TARGET_HELP}\
  -h, --help               this text
  -V, --version            the version

Each connection sends messages, and one more for each answer. The server must
send back what it is sent, as "isosocket serve" does. A latency is the time from
sending a message to its answer, as a program sees it: more in flight means more
messages per second, and more of them waiting. The client takes a processor,
too: compare what was measured with the same client on the same machine. What
is on stderr is progress, so the result can be piped.

Ctrl-C gives the result so far.

Examples:
  isosocket bench ws://127.0.0.1:8080/
  isosocket bench ws://127.0.0.1:8080/ --connections 1000 --seconds 20
  isosocket bench ws://127.0.0.1:8080/ -c 1 -f 100 --size 65536 --binary
  isosocket bench wss://localhost:8443/ --ca cert.pem --json > result.json

${EXIT_CODES}`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  connections: { type: "string", short: "c" },
  "in-flight": { type: "string", short: "f" },
  size: { type: "string", short: "s" },
  binary: { type: "boolean", short: "b" },
  seconds: { type: "string", short: "t" },
  messages: { type: "string", short: "m" },
  "warm-up": { type: "string" },
  json: { type: "boolean" },
  quiet: { type: "boolean", short: "q" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** Maximum number of connections: about the number of ports of one machine. */
const MOST_CONNECTIONS = 60_000;

/** Maximum size of a message: 64 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Maximum duration: a day. */
const MOST_SECONDS = 86_400;

/**
 * Runs the command.
 *
 * @param args The arguments after `bench`.
 * @returns The exit code.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function bench(args: readonly string[]): Promise<number> {
  const { values, words } = readArguments(args, OPTIONS, USAGE, 1);
  if (values.help) return print(HELP);
  if (values.version) return print(`${VERSION}\n`);
  const target = await readTarget(words, values, USAGE);
  const workload = readWorkload(values);
  const length = readRunLength(values);
  const warmUp = seconds("--warm-up", values["warm-up"] ?? "1", 0);
  const progress = new Progress(values.quiet ?? false);
  const interrupt = new AbortController();
  const { signal } = interrupt;
  onInterrupt(() => interrupt.abort());
  const generator = new LoadGenerator(target, workload);
  try {
    await open(generator, target, workload, progress, signal);
    const measurement = await measure(generator, length, warmUp, progress, signal);
    const result = { url: redact(target.url), workload, measurement, interrupted: signal.aborted };
    await generator.close();
    return conclude(result, values.json ?? false);
  } catch (error) {
    progress.end();
    const why = signal.aborted ? "Interrupted before anything was measured" : error;
    complain(why instanceof Error ? why.message : `${why}`);
    return UNUSABLE;
  }
}

function readWorkload(values: Values<typeof OPTIONS>): Workload {
  const number = (
    name: "connections" | "in-flight" | "size",
    usual: string,
    least: number,
    most: number,
  ): number => readNumber(`--${name}`, values[name] ?? usual, { least, most }, USAGE);
  return {
    connections: number("connections", "10", 1, MOST_CONNECTIONS),
    inFlight: number("in-flight", "1", 1, 10_000),
    size: number("size", "16", 0, MOST_BYTES),
    kind: values.binary ? "binary" : "text",
  };
}

function readRunLength({ seconds: time, messages }: Values<typeof OPTIONS>): RunLength {
  if (messages === undefined) {
    return { ms: seconds("--seconds", time ?? "5", 0.1), messages: Infinity };
  }
  if (time !== undefined) {
    throw new UsageError("Cannot use --seconds with --messages: one of them is enough", USAGE);
  }
  return { ms: Infinity, messages: readNumber("--messages", messages, { least: 1 }, USAGE) };
}

function seconds(option: string, text: string, least: number): number {
  return 1000 * readNumber(option, text, { least, most: MOST_SECONDS, fraction: true }, USAGE);
}

async function open(
  generator: LoadGenerator,
  { url }: ConnectTarget,
  { connections }: Workload,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const noun = connections === 1 ? "connection" : "connections";
  progress.show(`Opening ${connections} ${noun} to ${redact(url)}`);
  let shownAt = performance.now();
  await generator.open((count) => {
    const now = performance.now();
    if (now - shownAt < 1000) return;
    shownAt = now;
    progress.show(`${count} of ${connections} ${noun} are open`);
  }, signal);
}

async function measure(
  generator: LoadGenerator,
  length: RunLength,
  warmUp: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Measurement> {
  if (warmUp > 0) {
    progress.show(`Warming up for ${warmUp / 1000} s`);
    const { messages, lost } = await generator.run({ ms: warmUp, messages: Infinity }, signal);
    if (messages === 0 && lost === 0) throw new Error("Cannot measure: no answer came");
    signal.throwIfAborted();
  }
  progress.watch(length, () => generator.messages);
  const measurement = await generator.run(length, signal);
  progress.end();
  if (measurement.messages > 0) return measurement;
  throw new Error(`Cannot measure: ${measurement.lossReason ?? "no answer came"}`);
}

function conclude(result: BenchResult, json: boolean): number {
  const { stdout, stderr } = process;
  const problems = problemsOf(result);
  stdout.write(json ? toJson(result) : toText(result, stdout.columns || 80, paintFor(stdout)));
  for (const problem of problems) stderr.write(`${paintFor(stderr)("red", printable(problem))}\n`);
  return problems.length === 0 ? OK : FAILED;
}
