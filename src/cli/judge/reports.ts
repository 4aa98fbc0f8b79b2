/** Writes the judge's reports to the terminal and to files. @module */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  fromJson,
  toAutobahn,
  toComparison,
  toHtml,
  toJson,
  toJUnit,
  toTerminal,
} from "../../conformance/report/mod.ts";
import type { Run } from "../../conformance/result.ts";
import { wantsColour } from "./progress.ts";
import { UsageError } from "../shared/command_line.ts";

/** Files to write, each if given. */
export interface ReportOptions {
  /** File for the runs as JSON. */
  readonly json?: string | undefined;

  /** File for JUnit XML. */
  readonly junit?: string | undefined;

  /** Directory for the page. */
  readonly html?: string | undefined;

  /** Directory for files in Autobahn's format. */
  readonly autobahn?: string | undefined;
}

/** Returns the file of one of several runs: `run.xml`, `run-2.xml`. */
function numbered(file: string, at: number): string {
  return at === 0 ? file : file.replace(/(\.[^./\\]*)?$/, `-${at + 1}$1`);
}

/** Writes runs to the terminal and to files. */
export async function writeReports(runs: readonly Run[], options: ReportOptions): Promise<void> {
  const look = { colour: wantsColour(), width: process.stdout.columns || 100 };
  for (const [at, run] of runs.entries()) {
    process.stdout.write(`\n${toTerminal(run, look)}`);
    if (options.junit !== undefined) await writeFile(numbered(options.junit, at), toJUnit(run));
  }
  if (options.json !== undefined) await writeFile(options.json, toJson(runs));
  await writePages(runs, options);
}

async function writePages(runs: readonly Run[], { html, autobahn }: ReportOptions): Promise<void> {
  if (html !== undefined) {
    await mkdir(html, { recursive: true });
    await writeFile(join(html, "index.html"), toHtml(runs));
  }
  if (autobahn !== undefined) {
    await mkdir(autobahn, { recursive: true });
    for (const [name, text] of toAutobahn(runs)) await writeFile(join(autobahn, name), text);
  }
}

/**
 * Compares runs that were written as JSON.
 *
 * @returns The exit code: 2 if a file is not a report.
 */
export async function compareRuns(
  files: readonly string[],
  options: ReportOptions,
): Promise<number> {
  const usage = "Usage: isosocket judge report [--html DIR] A.json [B.json …]";
  if (files.length === 0) throw new UsageError("Cannot report: no file is given", usage);
  const runs: Run[] = [];
  for (const file of files) {
    try {
      runs.push(...fromJson(await readFile(file, "utf8")));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(`Cannot read ${file}: ${why}`, usage);
    }
  }
  if (runs.length === 1) {
    await writeReports(runs, options);
  } else {
    const look = { colour: wantsColour(), width: process.stdout.columns || 100 };
    process.stdout.write(toComparison(runs, look));
    await writePages(runs, options);
  }
  return 0;
}
