// Pictures on the pages: each in light and dark, small, and with words for who does not see it.

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { cases } from "../../src/conformance/cases/mod.ts";
import { select } from "../../src/conformance/selection.ts";
import { skip } from "../cli/command.ts";
import { problemOf } from "./commands.ts";
import { pages, read, root } from "./page.ts";

const FOLDER = "docs/pictures";

/** Bytes that a picture may have. */
const BOUNDS: Readonly<Record<string, number>> = { png: 200_000, svg: 20_000 };

/** What helps if a picture shows what is no more. */
const AGAIN = "the terminal shows other figures: run scripts/pictures.ts";

/** Shortest description of a picture. */
const SHORTEST = 40;

const PICTURE =
  /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*<img alt="([^"]+)" src="([^"]+)" width="\d+">\s*<\/picture>/g;

/** Pictures on all pages. */
const pictures = pages.flatMap((page) =>
  [...read(page).matchAll(PICTURE)].map(([, dark = "", alt = "", light = ""]) => {
    return { page, dark: join(dirname(page), dark), alt, light: join(dirname(page), light) };
  })
);

test("each picture has a light and a dark form, and words", () => {
  assert.ok(pictures.length >= 3);
  for (const { page, dark, alt, light } of pictures) {
    assert.equal(dark, light.replace("-light.", "-dark."), page);
    assert.ok(alt.length >= SHORTEST, `${page}: ${alt}`);
  }
  const tags = pages.flatMap((page) => [...read(page).matchAll(/<img\b/g)]);
  assert.equal(tags.length, pictures.length, "an image without a dark form");
});

test("each file of docs/pictures is on a page, and small", () => {
  const shown = pictures.flatMap(({ dark, light }) => [dark, light]);
  const files = readdirSync(join(root, FOLDER)).map((name) => `${FOLDER}/${name}`);
  assert.deepEqual([...new Set(shown)].sort(), files.sort());
  for (const file of files) {
    const bound = BOUNDS[file.split(".").at(-1)!]!;
    assert.ok(
      statSync(join(root, file)).size <= bound,
      `${file} is large: run scripts/pictures.ts`,
    );
  }
});

test("the terminal shows commands that are there, and loads nothing", { skip }, async () => {
  const svg = read(`${FOLDER}/terminal-light.svg`);
  assert.doesNotMatch(svg, /<script|<image|<foreignObject|href|url\(|@import/);
  const text = svg.replaceAll(/<style>[^]*<\/style>|<[^>]*>/g, "");
  const commands = [...text.matchAll(/^\$ (.+)$/gm)].map(([, command]) => command!);
  assert.equal(commands.length, 2);
  for (const command of commands) assert.equal(await problemOf(command), undefined, command);
  const pattern = commands.at(-1)!.split(" ").at(-1)!;
  const { length } = select(cases, "server", { patterns: [pattern] });
  const told = `${length} of ${length} cases passed`;
  assert.match(text, new RegExp(`^${length} cases in .+: ${length} passed, 0 failed$`, "m"), AGAIN);
  assert.ok(pictures.some(({ alt }) => alt.includes(told)), `none says "${told}"`);
  const [, width] = /width="(\d+)"/.exec(svg)!;
  assert.ok(
    read("README.md").includes(`terminal-light.svg" width="${width}"`),
    `it is ${width} wide`,
  );
});
