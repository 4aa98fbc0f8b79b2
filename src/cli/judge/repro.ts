/** `isosocket judge repro`: one case as octets, or as a program. @module */

import { readFile, writeFile } from "node:fs/promises";
import type { Case, Subject } from "../../conformance/case.ts";
import { cases } from "../../conformance/cases/mod.ts";
import { casesOverHttp2 } from "../../conformance/cases/over_http2.ts";
import { judgeServer, readAddress } from "../../conformance/judge_server.ts";
import { fromJson } from "../../conformance/report/mod.ts";
import { type DumpOptions, toDump } from "../../conformance/repro/dump.ts";
import { foundInWords, toFound } from "../../conformance/repro/found.ts";
import { type Language, reasonAgainstProgram, toProgram } from "../../conformance/repro/program.ts";
import type { Result, Run } from "../../conformance/result.ts";
import type { RunOptions } from "../../conformance/run_options.ts";
import { closest, print, UsageError } from "../shared/command_line.ts";
import { OK } from "../shared/exit_code.ts";
import { fileErrorReason } from "../shared/file.ts";
import { quote } from "../shared/printable.ts";
import { TARGET_OPTIONS } from "../shared/target.ts";
import { checkFile } from "./report_files.ts";

/** Returns a case as text, for reports; `undefined` if there is none of that id and kind of run. */
export function dumpOf(id: string, run: Run): string | undefined {
  const subject = subjectOf(run);
  const test = cases.find((one) => one.id === id);
  return test && subject && toDump(test, { subject });
}

/**
 * Returns what a run judged by octets of HTTP/1.1, which are those that are known here; `undefined`
 * for servers over HTTP/2, and proxies.
 */
export function subjectOf({ subject, http2 }: Run): Subject | undefined {
  return http2 || subject === "proxy" ? undefined : subject;
}

/** Usage of the command. */
export const REPRO_USAGE =
  "Usage: isosocket judge repro ID [ws://host:port | --from RUN.json] [--node | --python] [--output FILE]";

/** Options for {@linkcode repro}. */
export interface ReproOptions {
  /** Whether to write a program for `node:test`. */
  readonly node?: boolean | undefined;

  /** Whether to write a program in Python. */
  readonly python?: boolean | undefined;

  /** File of a run, which has what the target answered. */
  readonly from?: string | undefined;

  /** File to write to. Default: stdout. */
  readonly output?: string | undefined;

  /** Options of the run, if the case is played. */
  readonly run: RunOptions;
}

/** Options that belong to `repro` alone. */
const OWN: readonly string[] = ["node", "python", "from", "output"];

/** Options of other commands that `repro` takes, too: for the handshake, and for playing a case. */
const SHARED: readonly string[] = [
  ...Object.keys(TARGET_OPTIONS),
  "strict",
  "timeout",
  "budget",
  "agent",
];

/**
 * Checks that no option is given in vain.
 *
 * @throws {UsageError} If one is.
 */
export function checkReproOptions(isRepro: boolean, values: object, usage: string): void {
  const isVain = (name: string): boolean =>
    isRepro ? !OWN.includes(name) && !SHARED.includes(name) : OWN.includes(name);
  const vain = Object.keys(values).find(isVain);
  if (vain === undefined) return;
  throw isRepro
    ? new UsageError(`Cannot use --${vain} with repro: it prints or plays one case`, REPRO_USAGE)
    : new UsageError(`Cannot use --${vain} here: it is for repro`, usage);
}

/**
 * Prints a case, or writes it as a program.
 *
 * @param words The id, and the address of a server, if it is to be asked.
 * @returns The exit code.
 * @throws {UsageError} If there is no such case, or a file cannot be read or written.
 */
export async function repro(words: readonly string[], options: ReproOptions): Promise<number> {
  const { node, python, from, output, run } = options;
  const [id, address, ...more] = words;
  if (id === undefined) throw new UsageError("Cannot reproduce: no id is given", REPRO_USAGE);
  if (more.length > 0) {
    throw new UsageError(`Cannot take ${quote(more[0]!)}: one id is enough`, REPRO_USAGE);
  }
  const test = findCase(id);
  const language = languageOf(test, node, python);
  if (from !== undefined && address !== undefined) {
    throw new UsageError("Cannot use --from with an address: one is enough", REPRO_USAGE);
  }
  if (output !== undefined) await checkFile(output, REPRO_USAGE);
  const found = from !== undefined
    ? await readFound(from, test)
    : address === undefined
    ? []
    : await ask(address, test, run);
  const text = language === undefined
    ? toDump(test, dumpOptions(address, run, found[0] && subjectOf(found[0][0]))) +
      found.map(toFound).join("")
    : toProgram(test, language, {
      ...(run.headers && { headers: run.headers }),
      ...(run.strict && { strict: true }),
      found: found.flatMap(foundInWords),
    });
  if (output === undefined) return print(text);
  await writeFile(output, text);
  return OK;
}

/**
 * Finds the case of an id.
 *
 * @throws {UsageError} If there is none, or the id is only the beginning of some.
 */
function findCase(id: string): Case {
  const test = cases.find((one) => one.id === id);
  if (test !== undefined) return test;
  const begun = cases.filter((one) => one.id.startsWith(id)).map((one) => one.id);
  const ids = cases.map((one) => one.id);
  const suggestion = closest(id, ids);
  const why = begun.length > 0
    ? `it is only the beginning of ${listed(begun)}`
    : casesOverHttp2.some((one) => one.id.startsWith(id))
    ? "it is about HTTP/2, of which only the log of a run has the octets"
    : `there is no such case${suggestion === undefined ? "" : `. Did you mean ${suggestion}?`}`;
  throw new UsageError(`Cannot reproduce ${quote(id)}: ${why}`, REPRO_USAGE);
}

/** Number of ids that are listed. */
const LISTED = 3;

function listed(ids: readonly string[]): string {
  const left = ids.length - LISTED;
  return ids.slice(0, LISTED).join(", ") + (left > 0 ? ` and ${left} more` : "");
}

function languageOf(
  test: Case,
  node: boolean | undefined,
  python: boolean | undefined,
): Language | undefined {
  if (node && python) {
    throw new UsageError(
      "Cannot use --node with --python: a program has one language",
      REPRO_USAGE,
    );
  }
  const language = node ? "node" : python ? "python" : undefined;
  const reason = language === undefined ? undefined : reasonAgainstProgram(test);
  if (reason === undefined) return language;
  throw new UsageError(`Cannot write a program of ${test.id}: ${reason}`, REPRO_USAGE);
}

function dumpOptions(
  address: string | undefined,
  { headers = {} }: RunOptions,
  subject: Subject | undefined,
): DumpOptions {
  const options = { headers, ...(subject && { subject }) };
  if (address === undefined) return options;
  const { url } = readAddress(address);
  return { ...options, host: url.host, target: (url.pathname || "/") + url.search };
}

/** A result, and the run that it is of. */
type Found = readonly [Run, Result];

/** Returns what a server answers now. */
async function ask(address: string, test: Case, options: RunOptions): Promise<Found[]> {
  if (!test.judges.includes("server")) {
    throw new UsageError(`Cannot ask a server: ${test.id} judges clients`, REPRO_USAGE);
  }
  const run = await judgeServer(address, { ...options, cases: [test], full: true });
  if (run.results.length === 0) {
    throw new UsageError(run.stopped ?? "Cannot judge the server", REPRO_USAGE);
  }
  return run.results.map((result) => [run, result]);
}

/** Returns what targets answered, from a report. */
async function readFound(file: string, test: Case): Promise<Found[]> {
  let runs: Run[];
  try {
    runs = fromJson(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${fileErrorReason(error)}`, REPRO_USAGE);
  }
  const found = runs.filter(subjectOf).flatMap((run): Found[] =>
    run.results.filter(({ id }) => id === test.id).map((result) => [run, result])
  );
  if (found.length > 0) return found;
  const why = runs.length > 0 && runs.every((run) => subjectOf(run) === undefined)
    ? "it is of HTTP/2 or a proxy, where other octets are sent"
    : `${test.id} is not in it`;
  throw new UsageError(`Cannot use ${file}: ${why}`, REPRO_USAGE);
}
