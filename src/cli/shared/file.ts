/** Reads the files that options name. @module */

import { readFile } from "node:fs/promises";
import { UsageError } from "./command_line.ts";

/**
 * Reads a file that an option names.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function readText(option: string, path: string, usage: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read ${option} ${path}: ${fileErrorReason(error)}`, usage);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EEXIST: "a file is in its place",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "its name is too long",
  ENOSPC: "there is no space left",
  EROFS: "nothing can be written there",
  EACCES: "the system does not allow it",
  EPERM: "the system does not allow it",
};

/** Returns why a file cannot be opened, in words that are the same on all runtimes. */
export function fileErrorReason(error: unknown): string {
  const { code = "", message } = error as Error & { code?: string };
  return REASONS[code] ?? message;
}
