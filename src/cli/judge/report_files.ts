/** Files of reports. @module */

import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../shared/command_line.ts";
import { fileErrorReason } from "../shared/file.ts";

/**
 * Checks that a file can be written, without changing it.
 *
 * @throws {UsageError} If it cannot.
 */
export async function checkFile(file: string, usage: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  // A pipe or a terminal is only there once: to open it is to use it.
  if (found !== undefined && !found.isFile() && !found.isDirectory()) return;
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${fileErrorReason(error)}`, usage);
  }
  if (found === undefined) await rm(file);
}

/**
 * Makes a folder, and those above it.
 *
 * One by one: the `recursive` of Node tries for ever where the system denies that there is a folder
 * above, as in `/proc`.
 */
export async function makeFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then((found) => found.isDirectory(), () => false);
  if (isFolder) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path);
}
