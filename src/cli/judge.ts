/** `isosocket judge`: arguments in, exit code out. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { judgeClients } from "../conformance/listen.ts";
import { cases } from "../conformance/cases/mod.ts";
import { select } from "../conformance/selection.ts";
import {
  count,
  exitCode,
  progressBar,
  resultLines,
  summary,
} from "../conformance/report/terminal.ts";
import type { Result, Run } from "../conformance/result.ts";
import { judgeServer, type RunOptions } from "../conformance/run.ts";

const USAGE = `Usage:
  isosocket judge ws://host:port [options] [what…]     judges a server that echoes
  isosocket judge --listen PORT [options] [-- CMD…]    judges a client that echoes (0: any port)
  isosocket judge list [what…]                         lists the cases

What to play: sections (5.5), beginnings of ids (5.5/refuses), Autobahn numbers (autobahn:7.9).

Options:
  --strict           warnings count as failures
  --jobs N           connections side by side (4)
  --timeout MS       how long to wait in silence (3000)
  --budget MS        how long one case may take (120000)
  --quick            a sample of each large family
  --seed N           the sample of an earlier --quick
  --agent NAME       what to call the subject in reports
  --header "N: V"    a header for every request; may be repeated
  --insecure         takes any certificate
  --quiet            only what is not right
  --json FILE        writes the run as JSON
  --junit FILE       writes JUnit XML
  --html DIR         writes a page
  --format autobahn DIR   writes Autobahn's index.json and case files (the last DIR of the line)
  --help             this

Exit code: 0 all right, 1 failures, 2 the target could not be judged.`;

/** Thrown for arguments that make no sense. */
class UsageError extends Error {}

/** Runs the subcommand. Gives the exit code: 0 all right, 1 failures, 2 not judged. */
export async function judge(args: string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    const isOurs = error instanceof UsageError || error instanceof RangeError ||
      error instanceof TypeError &&
        /^(Cannot|Unknown option|Option|Unexpected)/.test(error.message);
    if (!isOurs) throw error;
    console.error(`${error.message}\nMore: isosocket judge --help`);
    return 2;
  }
}

const OPTIONS = {
  listen: { type: "string" },
  strict: { type: "boolean" },
  jobs: { type: "string" },
  timeout: { type: "string" },
  budget: { type: "string" },
  quick: { type: "boolean" },
  seed: { type: "string" },
  agent: { type: "string" },
  header: { type: "string", multiple: true },
  insecure: { type: "boolean" },
  quiet: { type: "boolean" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
}

async function run(args: string[]): Promise<number> {
  const dashes = args.indexOf("--");
  const command = dashes < 0 ? [] : args.slice(dashes + 1);
  const { values, positionals } = parse(dashes < 0 ? args : args.slice(0, dashes));
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [target, ...patterns] = positionals;
  if (values.listen !== undefined) {
    return await listen(values, positionals, command);
  }
  if (target === undefined) throw new UsageError("Cannot judge: no address is given");
  if (target === "list") return list(patterns);

  const interrupt = new AbortController();
  const teller = tell(values);
  const stop = onInterrupt(interrupt);
  const result = await judgeServer(target, {
    ...runOptions(values, patterns),
    ...teller,
    signal: interrupt.signal,
  });
  stop();
  return await conclude([result], values, teller);
}

function list(patterns: readonly string[]): number {
  const judged = cases.filter(({ judges }) => judges.length > 0);
  const chosen = new Set(
    [...select(judged, "server", { patterns }), ...select(judged, "client", { patterns })],
  );
  for (const { id, level, requirement, autobahn, judges } of cases.filter((c) => chosen.has(c))) {
    const numbers = autobahn.length ? ` [Autobahn ${autobahn.join(", ")}]` : "";
    const whom = judges.length === 1 ? ` (${judges[0]}s only)` : "";
    console.log(`${id}${whom}\n    ${level.toUpperCase()}: ${requirement}${numbers}`);
  }
  return 0;
}

async function listen(values: Values, patterns: string[], command: string[]): Promise<number> {
  const interrupt = new AbortController();
  const teller = tell(values);
  let wake = (): void => {};
  const over = new Promise<void>((resolve) => wake = resolve);
  interrupt.signal.addEventListener("abort", () => wake());

  const judge = await judgeClients({
    ...runOptions(values, patterns),
    ...teller,
    port: whole("listen", values.listen!, 0),
    signal: interrupt.signal,
    // A command may be run for several clients; without one, the first that is done ends it.
    onDone: () => command.length === 0 && wake(),
  });
  const stop = onInterrupt(interrupt);
  console.error(
    `Listening on ${judge.url} (a browser is judged by opening ${
      judge.url.replace("ws", "http")
    }/)`,
  );

  let child: ChildProcess | undefined;
  let ended = "";
  if (command.length > 0) {
    const [file, ...rest] = command.map((word) => word.replaceAll("{url}", judge.url));
    child = spawn(file!, rest, {
      stdio: ["ignore", values.quiet ? "ignore" : 2, 2],
      env: { ...process.env, JUDGE_URL: judge.url },
    });
    child.once("error", ({ message }) => {
      ended = `Cannot run ${file}: ${message}`;
      wake();
    });
    child.once("exit", (code, signal) => {
      child = undefined;
      ended = `${file} ended with ${signal ?? `code ${code}`}`;
      wake();
    });
  }
  await over;
  stop();
  const runs = await judge.close();
  child?.kill();
  if (runs.length > 0) return await conclude(runs, values, teller);
  teller.clear();
  console.error(`No client was judged: ${ended || "none came"}`);
  return 2;
}

function runOptions(values: Values, patterns: readonly string[]): RunOptions {
  const headers = (values.header ?? []).map((header): [string, string] => {
    const colon = header.indexOf(":");
    if (colon < 1) throw new UsageError(`Cannot use header ${JSON.stringify(header)}: no colon`);
    return [header.slice(0, colon), header.slice(colon + 1).trim()];
  });
  return {
    patterns,
    headers: Object.fromEntries(headers),
    ...(values.strict && { strict: true }),
    ...(values.quick && { quick: true }),
    ...(values.insecure && { insecure: true }),
    ...(values.agent !== undefined && { agent: values.agent }),
    ...(values.seed !== undefined && { seed: whole("seed", values.seed, 0), quick: true }),
    ...(values.jobs !== undefined && { jobs: whole("jobs", values.jobs, 1) }),
    ...(values.timeout !== undefined && { timeout: whole("timeout", values.timeout, 1) }),
    ...(values.budget !== undefined && { budget: whole("budget", values.budget, 1) }),
  };
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`Cannot take --${name} ${value}: it must be a whole number from ${least}`);
}

/** Ctrl-C once: the report so far. Twice: the end. */
function onInterrupt(interrupt: AbortController): () => void {
  const handle = (): void => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  process.on("SIGINT", handle);
  return () => process.off("SIGINT", handle);
}

/** What is printed while it lasts: a bar and what is not right on a terminal, plain lines elsewhere. */
interface Teller {
  onStart(agent: string, total: number): void;
  onResult(result: Result): void;
  clear(): void;
  readonly colours: boolean;
}

function tell({ quiet }: Values): Teller {
  const { stdout } = process;
  const isTerminal = stdout.isTTY ?? false;
  const colours = isTerminal && !process.env["NO_COLOR"];
  const results: Result[] = [];
  let total = 0;
  let begun = 0;
  let drawn = 0;
  const clear = (): void => void (isTerminal && drawn && stdout.write("\r\x1b[K"));
  return {
    colours,
    clear,
    onStart(agent, count): void {
      total += count;
      begun ||= performance.now();
      if (!quiet) console.log(`${agent}: ${count} cases`);
    },
    onResult(result): void {
      results.push(result);
      const isFine = result.verdict === "pass" || result.verdict === "skip";
      if (!isFine || !(isTerminal || quiet)) {
        clear();
        console.log(resultLines(result, colours));
      }
      const now = performance.now();
      if (!isTerminal || now - drawn < 50) return;
      drawn = now;
      const bar = progressBar(results.length, total, count(results), now - begun, stdout.columns);
      stdout.write(`\r\x1b[K${bar}`);
    },
  };
}

/** Reports and the exit code: the worst of all runs. */
async function conclude(runs: readonly Run[], values: Values, teller: Teller): Promise<number> {
  teller.clear();
  for (const run of runs) console.log(`\n${summary(run, teller.colours)}`);
  if (values.json !== undefined) {
    await writeFile(values.json, JSON.stringify(runs.length === 1 ? runs[0] : runs, null, 1));
  }
  const codes = runs.map(exitCode);
  return codes.includes(1) ? 1 : codes.includes(2) ? 2 : 0;
}
