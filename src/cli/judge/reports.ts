/** Writes the judge's reports to the terminal and to files. @module */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  differences,
  exitCode,
  fromJson,
  toAutobahn,
  toComparison,
  toHtml,
  toJson,
  toJUnit,
  toMarkdown,
  toTerminal,
} from "../../conformance/report/mod.ts";
import type { Run } from "../../conformance/result.ts";
import { wantsColour } from "./progress.ts";
import { checkFile, makeFolder } from "./report_files.ts";
import { dumpOf } from "./repro.ts";
import { UsageError } from "../shared/command_line.ts";
import { FAILED, OK } from "../shared/exit_code.ts";
import { fileErrorReason } from "../shared/file.ts";

/** Files to write, each if given. */
export interface ReportOptions {
  /** File for the runs as JSON. */
  readonly json?: string | undefined;

  /** File for JUnit XML. */
  readonly junit?: string | undefined;

  /** File for the summary as Markdown. */
  readonly markdown?: string | undefined;

  /** Directory for the page. */
  readonly html?: string | undefined;

  /** Directory for files in Autobahn's format. */
  readonly autobahn?: string | undefined;
}

/** Returns the file of one of several runs: `run.xml`, `run-2.xml`. */
function numbered(file: string, at: number): string {
  return at === 0 ? file : file.replace(/(\.[^./\\]*)?$/, `-${at + 1}$1`);
}

/**
 * Checks that all reports can be written, before the cases are played for nothing.
 *
 * @throws {UsageError} If one cannot.
 */
export async function checkReports(options: ReportOptions, usage: string): Promise<void> {
  const { json, junit, markdown, html, autobahn } = options;
  for (const file of [json, junit, markdown]) if (file !== undefined) await checkFile(file, usage);
  const pages = [[html, "index.html"], [autobahn, "index.json"]] as const;
  for (const [directory, name] of pages) {
    if (directory === undefined) continue;
    try {
      await makeFolder(directory);
    } catch (error) {
      throw new UsageError(`Cannot make ${directory}: ${fileErrorReason(error)}`, usage);
    }
    await checkFile(join(directory, name), usage);
  }
}

/** Writes runs to the terminal and to files. */
export async function writeReports(runs: readonly Run[], options: ReportOptions): Promise<void> {
  const look = { colour: wantsColour(), width: process.stdout.columns || 100 };
  for (const run of runs) process.stdout.write(`\n${toTerminal(run, look)}`);
  await writeFiles(runs, options);
}

/**
 * Writes all files that are asked for.
 *
 * @throws {UsageError} If one cannot be written after all: the disk is full, for instance.
 */
async function writeFiles(runs: readonly Run[], options: ReportOptions): Promise<void> {
  try {
    await writeTexts(runs, options);
    await writePages(runs, options);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const usage = "The other reports may be missing, too";
    throw new UsageError(`Cannot write the reports: ${fileErrorReason(error)}`, usage);
  }
}

async function writeTexts(runs: readonly Run[], options: ReportOptions): Promise<void> {
  for (const [at, run] of options.junit === undefined ? [] : runs.entries()) {
    await writeFile(numbered(options.junit!, at), toJUnit(run));
  }
  if (options.json !== undefined) await writeFile(options.json, toJson(runs));
  if (options.markdown !== undefined) await writeFile(options.markdown, toMarkdown(runs));
}

async function writePages(runs: readonly Run[], { html, autobahn }: ReportOptions): Promise<void> {
  if (html !== undefined) {
    await makeFolder(html);
    await writeFile(join(html, "index.html"), toHtml(runs, dumpOf));
  }
  if (autobahn !== undefined) {
    await makeFolder(autobahn);
    for (const [name, text] of toAutobahn(runs)) await writeFile(join(autobahn, name), text);
  }
}

/**
 * Compares runs that were written as JSON.
 *
 * @returns The exit code. Of one run, that which it had; of two, 1 if something got worse; of more,
 * which are subjects side by side, 0.
 * @throws {UsageError} If a file is not a report.
 */
export async function compareRuns(
  files: readonly string[],
  options: ReportOptions,
): Promise<number> {
  const usage = "Usage: isosocket judge report [--html DIR] A.json [B.json …]";
  if (files.length === 0) throw new UsageError("Cannot report: no file is given", usage);
  await checkReports(options, usage);
  const runs: Run[] = [];
  for (const file of files) {
    try {
      runs.push(...fromJson(await readFile(file, "utf8")));
    } catch (error) {
      throw new UsageError(`Cannot read ${file}: ${fileErrorReason(error)}`, usage);
    }
  }
  if (runs.length === 1) {
    await writeReports(runs, options);
    return exitCode(runs[0]!);
  }
  const look = { colour: wantsColour(), width: process.stdout.columns || 100 };
  process.stdout.write(toComparison(runs, look));
  await writeFiles(runs, options);
  if (runs.length > 2) return OK;
  return differences(runs).some(({ change }) => change === "worse") ? FAILED : OK;
}
