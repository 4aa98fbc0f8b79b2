// The figures of SECURITY.md are those of the code: each is the default that the option documents.

import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "./page.ts";

/** Tables of the page, by their heads, and the files that document their options. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "a server's": ["src/server/limits.ts", "src/server/options.ts"],
  "a client's": ["src/client/connect.ts", "src/client/reconnect/send_queue.ts"],
};

const UNITS: Readonly<Record<string, number>> = { MiB: 1024 * 1024, s: 1000, "": 1 };

/** Returns the number of a figure on the page: bytes, milliseconds, or a count. */
function numberOf(figure: string): number {
  if (figure === "no limit") return Infinity;
  const [, digits = "", unit = ""] = /^([\d,]+) ?(\w*)$/.exec(figure) ?? [];
  return Number(digits.replaceAll(",", "")) * UNITS[unit]!;
}

/** Returns the default that an option documents. */
function defaultOf(option: string, sources: readonly string[]): number {
  const documented = new RegExp(`@default \\{(\\w+)\\}\n[ *]*\\/\n  ${option}\\?:`);
  const [, value] = sources.map((path) => documented.exec(read(path))).find(Boolean) ?? [];
  assert.ok(value !== undefined, `no source documents a default of ${option}`);
  return Number(value);
}

for (const [head, sources] of Object.entries(SOURCES)) {
  test(`each figure of the table of ${head} limits is the option's default`, () => {
    const [, rows = ""] = read("SECURITY.md").split(new RegExp(`^\\| ${head} .*\n\\|.*\n`, "m"));
    const [table = ""] = rows.split("\n\n");
    const figures = [...table.matchAll(/^\| `(?:\w+\.)?(\w+)` *\| ([^|]*?) *\|/gm)];
    assert.equal(figures.length, table.trim().split("\n").length);
    for (const [, option, figure] of figures) {
      assert.equal(numberOf(figure!), defaultOf(option!, sources), option);
    }
  });
}
