/** Pages of the documentation, and the code on them. @module */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** Returns all files below a folder whose path matches, as paths from the root. */
export function filesIn(folder: string, kind: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((path) => kind.test(path) && !/\bnode_modules\b/.test(path))
    .map((path) => join(folder, path))
    .sort();
}

/** Pages of the documentation, as paths from the root. */
export const pages: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  ...filesIn("docs", /\.md$/),
];

/** Reads a file of the repository. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Fenced code on a page. */
export interface Block {
  /** Path of the page. */
  readonly page: string;
  /** Number of its first line. */
  readonly line: number;
  /** Info string of the fence, for instance `ts ignore`. */
  readonly info: string;
  readonly code: string;
}

/** Returns all fenced code on a page, or in the comments of a source. */
export function blocksOf(page: string): Block[] {
  const isSource = page.endsWith(".ts");
  const text = read(page).replaceAll(/^\s*\* ?/gm, isSource ? "" : "$&");
  return [...text.matchAll(/^( *)```(.*)\n([^]*?)^\1```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length + 1,
    info: match[2]!.trim(),
    code: match[3]!.replace(/\n$/, ""),
  }));
}

/** All fenced code on all pages. */
export const blocks: readonly Block[] = pages.flatMap(blocksOf);
