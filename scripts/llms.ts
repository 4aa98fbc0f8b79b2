// Writes llms.txt, the index of the documentation for language models (https://llmstxt.org), from the
// first lines of README.md and the lists of docs/README.md.
//
//   node scripts/llms.ts

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Path of the index that this file is made from. */
const INDEX = "docs/README.md";

/** A page in the index. */
export interface Entry {
  readonly title: string;
  /** Path from the root of the repository. */
  readonly path: string;
  readonly description: string;
}

/** Returns the pages in the index, by its headings. */
export function entries(): ReadonlyMap<string, readonly Entry[]> {
  const [, ...parts] = readFileSync(join(root, INDEX), "utf8").split(/^## /m);
  return new Map(parts.map((part) => {
    const [heading = "", ...lines] = part.split("\n");
    const items = lines.join("\n").replaceAll(/\n {2}/g, " ");
    const found = [...items.matchAll(/^- \[([^\]]+)\]\(([^)]+)\): (.+)$/gm)];
    return [
      heading,
      found.map(([, title = "", link = "", description = ""]) => {
        return { title, path: join(dirname(INDEX), link), description };
      }),
    ];
  }));
}

/** Returns the content that llms.txt should have. */
export function llmsText(): string {
  const [, summary = ""] = /\*\*([^*]+)\*\*/.exec(readFileSync(join(root, "README.md"), "utf8")) ??
    [];
  const lists = [...entries()].map(([heading, pages]) => {
    const lines = pages.map(({ title, path, description }) =>
      `- [${title}](${path}): ${description}`
    );
    return `## ${heading}\n\n${lines.join("\n")}\n`;
  });
  return `# isosocket

> ${summary.replaceAll(/\s+/g, " ")}

Each page is plain Markdown, at its path in the repository. Code marked \`ts\` is a whole program that
is run by a test; it imports from \`@isosocket/isosocket\`, which is \`isosocket\` on npm.

${lists.join("\n")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, "llms.txt"), llmsText());
}
