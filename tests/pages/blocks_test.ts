// Code on the pages: each block is run by a test, or the names in it are checked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { skip } from "../cli/command.ts";
import { commandsOf, problemOf } from "./commands.ts";
import { isFragment } from "./fragment.ts";
import { type Block, blocks, read } from "./page.ts";

function at({ page, line }: Block): string {
  return `${page}, line ${line}`;
}

test("each page whose code is marked `ts` is given to `deno test --doc`", () => {
  const args: string[] = JSON.parse(read("deno.json")).tasks["check:examples"].split(" ");
  const left = blocks.filter(({ page, info }) => {
    return info === "ts" && !args.some((arg) => page === arg || page.startsWith(`${arg}/`));
  });
  assert.deepEqual(left.map(at), []);
});

/** Pages whose programs are run by a test of their own, with the file of the test. */
const TESTS: Readonly<Record<string, string>> = {
  "README.md": "tests/pages/readme_test.ts",
  "docs/brokers.md": "tests/pages/brokers_test.ts",
  "docs/frameworks.md": "tests/pages/frameworks_test.ts",
  "docs/hosts.md": "tests/pages/hosts_test.ts",
  "docs/migrating.md": "tests/pages/migrating_test.ts",
};

test("a program that is no fragment stands on a page with a test of its own", () => {
  const whole = blocks.filter((block) => block.info === "ts ignore" && !isFragment(block));
  assert.deepEqual(whole.filter(({ page }) => !(page in TESTS)).map(at), []);
  for (const [page, file] of Object.entries(TESTS)) {
    assert.ok(whole.some((block) => block.page === page), page);
    assert.ok(read(file).includes(`"${page}"`), file);
  }
});

test("code is in a language that something reads", () => {
  const known = /^(ts|ts ignore|sh|text|yaml|nginx|haproxy|caddyfile|html|mermaid)$/;
  assert.deepEqual(blocks.filter(({ info }) => !known.test(info)).map(at), []);
});

test("each piece of configuration is run before a server, by tests/proxies", () => {
  const kinds = read("tests/proxies/kinds.ts");
  const parts = [...kinds.matchAll(/codeOf\("(\w+)", "([^"]+)"\)/g)];
  const isRun = ({ info, code }: Block): boolean =>
    parts.some(([, language, part]) => language === info && code.includes(part!));
  const own = blocks.filter(({ info }) => info === "nginx" || info === "haproxy");
  assert.ok(own.length > 0);
  assert.deepEqual(own.filter((block) => !isRun(block)).map(at), []);
});

for (const block of blocks.filter(({ info }) => info === "sh")) {
  test(`the commands of ${at(block)} are there`, { skip }, async () => {
    const commands = commandsOf(block.code);
    assert.ok(commands.length > 0);
    for (const command of commands) assert.equal(await problemOf(command), undefined, command);
  });
}
