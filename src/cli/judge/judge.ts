/** `isosocket judge`: arguments in, exit code out. @module */

import process from "node:process";
import { cases } from "../../conformance/cases/mod.ts";
import { casesOverHttp2 } from "../../conformance/cases/over_http2.ts";
import { judgeClients } from "../../conformance/judge_clients.ts";
import { exitCode, isFailure } from "../../conformance/report/mod.ts";
import type { Run } from "../../conformance/result.ts";
import { judgeServer, readAddress } from "../../conformance/judge_server.ts";
import type { RunOptions } from "../../conformance/run_options.ts";
import { select } from "../../conformance/selection.ts";
import {
  complain,
  print,
  readArguments,
  readNumber,
  UsageError,
  type Values as ValuesOf,
} from "../shared/command_line.ts";
import { EXIT_CODES } from "../shared/exit_code.ts";
import { onInterrupt } from "../shared/interrupt.ts";
import { TARGET_HELP, TARGET_OPTIONS, withScheme } from "../shared/target.ts";
import { startClient } from "./client_command.ts";
import { type Gate, passGate, readGate } from "./gate.ts";
import { readHandshake } from "./handshake.ts";
import { type Progress, showProgress } from "./progress.ts";
import { checkReproOptions, repro, REPRO_USAGE, type ReproOptions, subjectOf } from "./repro.ts";
import { checkReports, compareRuns, type ReportOptions, writeReports } from "./reports.ts";
import { ServerCommand, startServer } from "./server_command.ts";
import { judgeThrough, portReason } from "./through.ts";
import { checkVainOptions } from "./vain_options.ts";

const USAGE =
  "Usage: isosocket judge <ws://host:port | --listen PORT | list | report | repro> [options]";

const HELP = `Judges WebSocket servers and clients against RFC 6455, RFC 7692 and RFC 8441.

Usage:
  isosocket judge ws://host:port [options] [what …] [-- CMD …]
                                                        a server that echoes
  isosocket judge --listen PORT [options] [what …] [-- CMD …]
                                                        a client that echoes (port 0: any)
  isosocket judge --through ws://proxy:port --listen PORT [options] [what …] [-- CMD …]
                                                        a proxy, whose server is the judge
  isosocket judge list [--http2] [what …]               the cases
  isosocket judge report [options] A.json [B.json …]    runs side by side, and what changed
  isosocket judge repro ID [options] [ws://host:port]   the octets of a case, or a program

What to play: sections (5.5, 7692:7.1), whole RFCs (7692), beginnings of ids
(5.5/refuses), Autobahn numbers (autobahn:7.9).
CMD starts the server, or the client. It finds the address in JUDGE_URL and wherever its
arguments say {url}. A server that crashes is started again, and the case that did it
is found. A client asks for /getCaseCount, /runCase?case=N&agent=NAME and /updateReports,
as clients for Autobahn do. A browser is given {page}, which makes it do so, and is
ended when it is done.

Options:
      --full               long exchanges in full, and the cases that take longest
      --quick              a sample of each large family
      --seed N             the sample of an earlier --quick
      --strict             warnings count as failures
      --expect FILE        exit code 1 for what is worse or better than in FILE
      --update-expect      writes what is not a pass to that FILE
      --jobs N             connections side by side (default 4)
      --timeout MS         how long to wait in silence (default 3000); slow servers
                           get more by themselves
      --budget MS          how long one case may take (default 120000)
      --agent NAME         what to call the subject in reports
      --allow-origin URL   lets pages of this origin be the client, beside the
                           page of --listen; may be repeated
      --quiet              only what is not right
      --json FILE          writes the run as JSON
      --junit FILE         writes JUnit XML
      --markdown FILE      writes a summary as Markdown
      --html DIR           writes a page, DIR/index.html
      --format autobahn DIR
                           writes index.json and the case files of Autobahn
  -h, --help               this text

For repro:
      --node               writes a program for node:test
      --python             writes a program in Python 3
      --from FILE          shows what is in a run that --json wrote
      --output FILE        writes to that file

For proxies:
      --idle MS            how long an idle connection is watched (default 5000)

For servers and proxies:
      --http2              of servers, their WebSockets over HTTP/2 (RFC 8441)
${TARGET_HELP}
Examples:
  isosocket judge ws://127.0.0.1:8080
  isosocket judge ws://127.0.0.1:8080 -- my-echo-server --port 8080
  isosocket judge ws://127.0.0.1:8080 --expect known.json --html out 5.5 7692
  isosocket judge --listen 9001 -- my-echo-client {url}
  isosocket judge list autobahn:7.9
  isosocket judge repro 5.5/refuses-a-ping-of-126-bytes --python --output repro.py

${EXIT_CODES}`;

const OPTIONS = {
  listen: { type: "string" },
  through: { type: "string" },
  idle: { type: "string" },
  strict: { type: "boolean" },
  jobs: { type: "string" },
  timeout: { type: "string" },
  budget: { type: "string" },
  full: { type: "boolean" },
  quick: { type: "boolean" },
  seed: { type: "string" },
  agent: { type: "string" },
  http2: { type: "boolean" },
  ...TARGET_OPTIONS,
  expect: { type: "string" },
  "update-expect": { type: "boolean" },
  "allow-origin": { type: "string", multiple: true },
  quiet: { type: "boolean" },
  json: { type: "string" },
  junit: { type: "string" },
  markdown: { type: "string" },
  html: { type: "string" },
  autobahn: { type: "string" },
  node: { type: "boolean" },
  python: { type: "boolean" },
  from: { type: "string" },
  output: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ValuesOf<typeof OPTIONS>;

/** Replaces `--format autobahn DIR`, an option with two values, by `--autobahn DIR`. */
function foldFormat(args: readonly string[]): string[] {
  const at = args.indexOf("--format");
  if (at < 0) return [...args];
  const [format, directory] = args.slice(at + 1, at + 3);
  if (format !== "autobahn" || directory === undefined) {
    throw new UsageError("Cannot use --format: it must be followed by autobahn and a DIR", USAGE);
  }
  return [...args.slice(0, at), "--autobahn", directory, ...args.slice(at + 3)];
}

/**
 * Runs `isosocket judge`.
 *
 * @returns The exit code: 0 without failures, 1 with failures, 2 if the target could not be judged.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function judge(args: string[]): Promise<number> {
  const dashes = args.indexOf("--");
  const command = dashes < 0 ? [] : args.slice(dashes + 1);
  const given = foldFormat(dashes < 0 ? args : args.slice(0, dashes));
  const { values, words } = readArguments(given, OPTIONS, USAGE, Infinity);
  if (values.help) return print(HELP);
  checkReproOptions(words[0] === "repro", values, USAGE);
  checkVainOptions(words[0], values, USAGE);
  try {
    if (values.through !== undefined) return await through(values, words, command);
    if (values.listen !== undefined) return await listen(values, words, command);
    const [target, ...rest] = words;
    if (target === undefined) throw new UsageError("Cannot judge: no address is given", USAGE);
    if (target === "list") return list(rest, values.http2 ?? false);
    if (target === "repro") return await repro(rest, await reproOptions(rest[1], values));
    if (target === "report") return await compareRuns(rest, reportOptions(values));
    return await dial(withScheme(target), values, rest, command);
  } catch (error) {
    // Invalid patterns and addresses.
    const isUsage = (error instanceof RangeError || error instanceof TypeError) &&
      error.message.startsWith("Cannot ");
    throw isUsage ? new UsageError(error.message, USAGE) : error;
  }
}

async function dial(
  target: string,
  values: Values,
  patterns: readonly string[],
  command: readonly string[],
): Promise<number> {
  const gate = await openGate(values);
  const handshake = await readHandshake(target, values, USAGE);
  const { url } = readAddress(target);
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const release = onInterrupt(() => interrupt.abort());
  const progress = showProgress(values.quiet ?? false);
  const server = command.length === 0
    ? undefined
    : new ServerCommand(command, url, values.quiet ?? false);
  const options = {
    ...runOptions(values, patterns),
    ...handshake,
    http2: values.http2 ?? false,
    ...progress,
    ...(server && { server }),
    signal,
  };
  try {
    if (server !== undefined) {
      await startServer(server, url, { signal, http2: options.http2 }, USAGE);
    }
    const run = await judgeServer(target, options);
    return await conclude([run], gate, values, progress);
  } finally {
    progress.clear();
    await server?.stop();
    release();
  }
}

/** Judges a proxy, behind which the judge listens. */
async function through(
  values: Values,
  patterns: readonly string[],
  command: readonly string[],
): Promise<number> {
  const useless = (["http2", "full", "quick", "seed", "jobs", "budget", "autobahn"] as const)
    .find((name) => values[name] !== undefined);
  if (useless !== undefined) {
    throw new UsageError(`Cannot use --${useless} with --through: it is not for proxies`, USAGE);
  }
  if (values.listen === undefined) {
    throw new UsageError("Cannot judge a proxy: --listen must name the port behind it", USAGE);
  }
  const gate = await openGate(values);
  const progress = showProgress(values.quiet ?? false);
  const run = await judgeThrough(values.through!, {
    ...runOptions(values, patterns),
    ...await readHandshake(values.through!, values, USAGE),
    ...progress,
    port: whole("listen", values.listen, 0, 65535),
    ...(values.idle !== undefined && { idle: whole("idle", values.idle, 1) }),
  }, { command, quiet: values.quiet ?? false, usage: USAGE }).finally(() => progress.clear());
  return await conclude([run], gate, values, progress);
}

async function listen(
  values: Values,
  patterns: readonly string[],
  command: readonly string[],
): Promise<number> {
  const useless =
    (["http2", "header", "origin", "protocol", "insecure", "ca", "cert", "key", "idle"] as const)
      .find((name) => values[name] !== undefined);
  if (useless !== undefined) {
    throw new UsageError(`Cannot use --${useless} with --listen: it is for servers`, USAGE);
  }
  const gate = await openGate(values);
  const interrupt = new AbortController();
  const progress = showProgress(values.quiet ?? false);
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  interrupt.signal.addEventListener("abort", () => finish());

  const judge = await judgeClients({
    ...runOptions(values, patterns),
    ...progress,
    port: whole("listen", values.listen!, 0, 65535),
    origins: values["allow-origin"] ?? [],
    signal: interrupt.signal,
    // A command may run several clients, and ends by itself; a browser does not.
    onDone: () =>
      (command.length === 0 || command.some((word) => word.includes("{page}"))) && finish(),
  }).catch((error: Error & { code?: string }) => {
    if (error.code === undefined) throw error;
    throw new UsageError(
      `Cannot listen on port ${values.listen}: ${portReason(error.code)}`,
      USAGE,
    );
  });
  const release = onInterrupt(() => interrupt.abort());
  process.stderr.write(
    `Listening on ${judge.url}; a browser is judged at ${judge.url.replace("ws", "http")}/\n`,
  );
  const client = startClient(command, judge.url, values.quiet ?? false, finish);
  await finished;
  release();
  client.kill();
  const runs = await judge.close(client.crash());
  if (runs.length > 0) return await conclude(runs, gate, values, progress);
  progress.clear();
  complain(`No client was judged: ${client.ended() || "none came"}`);
  return 2;
}

function list(patterns: readonly string[], http2: boolean): number {
  const all = http2 ? casesOverHttp2 : cases;
  const selected = new Set([
    ...select(all, "server", { patterns, full: true }),
    ...(http2 ? [] : select(all, "client", { patterns, full: true })),
  ]);
  for (const test of all) {
    if (!selected.has(test)) continue;
    const { id, level, requirement, autobahn, judges } = test;
    const numbers = autobahn.length > 0 ? ` [Autobahn ${autobahn.join(", ")}]` : "";
    const limit = judges.length === 1 && !http2 ? ` (${judges[0]}s only)` : "";
    const full = test.isLong ? " (--full)" : "";
    const about = `    ${level.toUpperCase()}: ${requirement}${numbers}`;
    process.stdout.write(`${id}${limit}${full}\n${about}\n`);
  }
  return 0;
}

function runOptions(values: Values, patterns: readonly string[]): RunOptions {
  if (values.full && (values.quick || values.seed !== undefined)) {
    throw new UsageError("Cannot use --full with --quick: one plays all, one a sample", USAGE);
  }
  return {
    patterns,
    ...(values.full && { full: true }),
    ...(values.strict && { strict: true }),
    ...(values.quick && { quick: true }),
    ...(values.agent !== undefined && { agent: values.agent }),
    ...(values.seed !== undefined && { seed: whole("seed", values.seed, 0), quick: true }),
    ...(values.jobs !== undefined && { jobs: whole("jobs", values.jobs, 1) }),
    ...(values.timeout !== undefined && { timeout: whole("timeout", values.timeout, 1) }),
    ...(values.budget !== undefined && { budget: whole("budget", values.budget, 1) }),
  };
}

/** @param address Address of a server, if it is to be asked. */
async function reproOptions(address: string | undefined, values: Values): Promise<ReproOptions> {
  const { node, python, from, output } = values;
  const handshake = await readHandshake(address ?? "wss://example.com", values, REPRO_USAGE);
  return { node, python, from, output, run: { ...runOptions(values, []), ...handshake } };
}

function whole(name: string, value: string, least: number, most = Infinity): number {
  return readNumber(`--${name}`, value, { least, most }, USAGE);
}

function reportOptions({ json, junit, markdown, html, autobahn }: Values): ReportOptions {
  return { json, junit, markdown, html, autobahn };
}

/** Checks that all reports can be written, and reads what is expected, before the first case. */
async function openGate(values: Values): Promise<Gate | undefined> {
  await checkReports(reportOptions(values), USAGE);
  return await readGate(values.expect, values["update-expect"] ?? false, USAGE);
}

/** Writes the reports; returns the worst exit code of all runs. */
async function conclude(
  runs: readonly Run[],
  gate: Gate | undefined,
  values: Values,
  progress: Progress,
): Promise<number> {
  progress.clear();
  await writeReports(runs, reportOptions(values));
  const failed = runs.filter(subjectOf).flatMap(({ results }) =>
    results.find(({ verdict }) => isFailure(verdict)) ?? []
  );
  if (failed.length > 0) print(`As octets or a program: isosocket judge repro ${failed[0]!.id}\n`);
  const codes = gate === undefined ? runs.map(exitCode) : await passGate(gate, runs);
  return codes.includes(1) ? 1 : codes.includes(2) ? 2 : 0;
}
