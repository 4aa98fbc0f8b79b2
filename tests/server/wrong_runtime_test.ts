// The entry point of another runtime names the right one, as it can be imported: by the package's name,
// which is another one on npm.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as bun from "@isosocket/isosocket/bun";
import * as deno from "@isosocket/isosocket/deno";
import * as node from "@isosocket/isosocket/node";
import { createServer } from "node:http";
import { runtime } from "../runtime.ts";

const answer = (): Response => new Response();

const RIGHT = runtime === "deno"
  ? /on Deno it must be wrap\(\) of "(@isosocket\/)?isosocket\/deno", or serve\(\)$/
  : runtime === "bun"
  ? /on Bun it must be wrap\(\) of "(@isosocket\/)?isosocket\/bun", or serve\(\)$/
  : /on Node it must be attach\(\) of "(@isosocket\/)?isosocket\/node", or serve\(\)$/;

const ENTRY_POINTS = { deno: ["Deno", deno.wrap], bun: ["Bun", bun.wrap] } as const;

for (const [entryPoint, [own, wrap]] of Object.entries(ENTRY_POINTS)) {
  test(`wrap() of ./${entryPoint} works on ${own}, and names the right one elsewhere`, () => {
    if (entryPoint === runtime) return void assert.equal(typeof wrap(answer).publish, "function");
    assert.throws(() => wrap(answer), { name: "TypeError", message: RIGHT });
    assert.throws(() => wrap(answer), new RegExp(`Cannot wrap here: .* is for ${own}, and on`));
  });
}

test("attach() of ./node works wherever there is node:http", () => {
  assert.equal(typeof node.attach(createServer(), answer).publish, "function");
});
