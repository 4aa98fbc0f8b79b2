// Links on the pages lead to files and headings that exist, and so do the pages that comments name.
// Links to other sites are well formed; no request checks whether they answer.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { filesIn, pages, read, root } from "./page.ts";

/** Returns the prose of a page, or the comments of a source, without code. */
function prose(path: string): string {
  const text = read(path);
  if (path.endsWith(".md")) return text.replaceAll(/^```[^]*?^```$|`[^`\n]*`/gm, "");
  const comments = text.match(/\/\*\*[^]*?\*\/|^\s*\/\/.*$/gm) ?? [];
  return comments.join("\n").replaceAll(/^\s*\* ?/gm, "").replaceAll(/^```[^]*?^```$/gm, "");
}

/** Returns the targets of a text's links. */
function linksOf(text: string): string[] {
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]*)>?[^)]*\)/g)];
  const defined = [...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  const attributes = [...text.matchAll(/\b(?:href|src)="([^"]*)"/g)];
  return [...inline, ...defined, ...attributes].map(([, target]) => target!);
}

/** Returns the anchors that GitHub makes of a page's headings. */
function anchorsOf(path: string): Set<string> {
  const text = read(path).replaceAll(/^```[^]*?^```$/gm, "");
  const anchors = new Set<string>();
  for (const [, heading] of text.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const words = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replaceAll(/[^\p{L}\p{N}\p{Pc}\s-]/gu, "").replaceAll(/\s/g, "-");
    let name = slug;
    for (let count = 1; anchors.has(name); count++) name = `${slug}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** Returns the problem of a link; `undefined` for none. */
function problemOf(from: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) {
    if (!URL.canParse(target)) return "no URL";
    const { protocol, hostname, username } = new URL(target);
    if (protocol !== "https:") return `${protocol} where https: is expected`;
    return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(hostname) && username === "" ? undefined : "no host";
  }
  if (target === "" || target.startsWith("/")) return "neither relative nor https:";
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? from : join(dirname(from), decodeURIComponent(path));
  if (file.startsWith("..") || !existsSync(join(root, file))) return `there is no ${file}`;
  if (anchor === undefined) return undefined;
  if (!file.endsWith(".md")) return `${file} has no headings`;
  return anchorsOf(file).has(anchor) ? undefined : `${file} has no heading #${anchor}`;
}

/** Returns the broken links of some files. */
function broken(files: readonly string[]): string[] {
  return files.flatMap((file) =>
    linksOf(prose(file)).flatMap((target) => {
      const problem = problemOf(file, target);
      return problem === undefined ? [] : `${file}: ${target}: ${problem}`;
    })
  );
}

test("each link of the README, the pages of docs/ and their like leads somewhere", () => {
  const links = pages.flatMap((page) => linksOf(prose(page)));
  assert.ok(links.length > 50, `only ${links.length} links were found`);
  assert.deepEqual(broken(pages), []);
});

const sources = ["mod.ts", ...filesIn("src", /\.ts$/)];

test("each link in a comment leads to another site: readers of the package have no files", () => {
  assert.deepEqual(broken(sources), []);
  const relative = sources.flatMap((file) => linksOf(prose(file)))
    .filter((target) => !target.startsWith("https:"));
  assert.deepEqual(relative, []);
});

test("each page that a comment names is there, with the part that it names", () => {
  const all = [...sources, ...filesIn("scripts", /^scripts\/(?!node_modules).*\.(ts|mjs)$/)];
  let named = 0;
  for (const file of all) {
    const text = prose(file).replaceAll(/\s+/g, " ");
    for (const [, part, page] of text.matchAll(/(?:"([^"]+)" in )?\b(docs\/\w+\.md)/g)) {
      named++;
      assert.ok(pages.includes(page!), `${file} names ${page}, which is not there`);
      if (part === undefined) continue;
      const heading = `\n## ${part}\n`;
      assert.ok(read(page!).includes(heading), `${file}: "${part}"`);
    }
  }
  assert.ok(named >= 2);
});

test("each page of docs/ can be reached from the README", () => {
  const seen = new Set<string>();
  const visit = (page: string): void => {
    if (seen.has(page)) return;
    seen.add(page);
    for (const target of linksOf(prose(page))) {
      if (/^https?:/.test(target)) continue;
      const to = join(dirname(page), target.split("#")[0]!);
      if (pages.includes(to)) visit(to);
    }
  };
  visit("README.md");
  assert.deepEqual(pages.filter((page) => !seen.has(page)), []);
});
