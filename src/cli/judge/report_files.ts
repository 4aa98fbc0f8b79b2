/** Files of reports. @module */

import { access, open, rm } from "node:fs/promises";
import { UsageError } from "../shared/command_line.ts";
import { fileErrorReason } from "../shared/file.ts";

/**
 * Checks that a file can be written, without changing it.
 *
 * @throws {UsageError} If it cannot.
 */
export async function checkFile(file: string, usage: string): Promise<void> {
  const isThere = await access(file).then(() => true, () => false);
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${fileErrorReason(error)}`, usage);
  }
  if (!isThere) await rm(file);
}
