/** The gate of `--expect`: exit codes by what is known not to pass. @module */

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { cases } from "../../conformance/cases/mod.ts";
import {
  describeSurprises,
  type Expectations,
  expectationsFrom,
  isAsExpected,
  readExpectations,
  surprises,
  writeExpectations,
} from "../../conformance/report/expectations.ts";
import type { Run } from "../../conformance/result.ts";
import { complain, UsageError } from "../shared/command_line.ts";
import { FAILED, OK, UNUSABLE } from "../shared/exit_code.ts";
import { fileErrorReason } from "../shared/file.ts";
import { wantsColour } from "./progress.ts";
import { checkFile } from "./report_files.ts";

/** The file of `--expect`. */
export interface Gate {
  /** Its path. */
  readonly file: string;

  /** What is in it. */
  readonly expectations: Expectations;

  /** Whether to write it anew, instead of comparing. */
  readonly updates: boolean;
}

/**
 * Reads the file of `--expect`.
 *
 * @returns `undefined` if it is not given.
 * @throws {UsageError} If it cannot be read, or not be written where that is wanted.
 */
export async function readGate(
  file: string | undefined,
  updates: boolean,
  usage: string,
): Promise<Gate | undefined> {
  if (file === undefined) {
    if (!updates) return undefined;
    throw new UsageError("Cannot use --update-expect alone: it needs --expect FILE", usage);
  }
  let expectations: Expectations = {};
  try {
    expectations = readExpectations(await readFile(file, "utf8"));
  } catch (error) {
    const isMissing = (error as { code?: string }).code === "ENOENT";
    if (error instanceof SyntaxError) throw new UsageError(`${error.message} (${file})`, usage);
    if (!(updates && isMissing)) {
      const hint = isMissing ? ". --update-expect writes it" : "";
      throw new UsageError(`Cannot read ${file}: ${fileErrorReason(error)}${hint}`, usage);
    }
  }
  if (updates) await checkFile(file, usage);
  return { file, expectations, updates };
}

/** Compares runs with what is expected, or writes it. Returns their exit codes. */
export async function passGate(gate: Gate, runs: readonly Run[]): Promise<number[]> {
  const { file, expectations, updates } = gate;
  if (updates) {
    const unfinished = runs.find(({ stopped }) => stopped !== null);
    if (unfinished !== undefined) {
      complain(`Cannot update ${file}: the run was cut short`);
      return [UNUSABLE];
    }
    await writeFile(file, writeExpectations(expectationsFrom(runs, known(expectations))));
    return [OK];
  }
  const look = { colour: wantsColour(), width: process.stdout.columns || 100 };
  return runs.map((run) => {
    const found = surprises(run, expectations, IDS);
    process.stdout.write(describeSurprises(found, expectations, look));
    if (!isAsExpected(found)) return FAILED;
    return run.stopped === null ? OK : UNUSABLE;
  });
}

const IDS: ReadonlySet<string> = new Set(cases.map(({ id }) => id));

/** Leaves out entries for which there is no case any more. */
function known(expectations: Expectations): Expectations {
  return Object.fromEntries(Object.entries(expectations).filter(([id]) => IDS.has(id)));
}
