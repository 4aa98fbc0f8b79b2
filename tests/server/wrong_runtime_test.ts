// Whoever stands at the door of another runtime is told which one is right.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as bun from "@isosocket/isosocket/bun";
import * as deno from "@isosocket/isosocket/deno";
import * as node from "@isosocket/isosocket/node";
import { createServer } from "node:http";
import { runtime } from "../runtime.ts";

const answer = (): Response => new Response();

const RIGHT = runtime === "deno"
  ? 'on Deno it must be wrap() of "./deno", or serve()'
  : runtime === "bun"
  ? 'on Bun it must be wrap() of "./bun", or serve()'
  : 'on Node it must be attach() of "./node", or serve()';

const DOORS = { deno: ["Deno", deno.wrap], bun: ["Bun", bun.wrap] } as const;

for (const [entryPoint, [own, wrap]] of Object.entries(DOORS)) {
  test(`wrap() of "./${entryPoint}" works on ${own}, and names the right entryPoint elsewhere`, () => {
    if (entryPoint === runtime) return void assert.equal(typeof wrap(answer).publish, "function");
    assert.throws(() => wrap(answer), {
      name: "TypeError",
      message: `Cannot wrap here: this entry point is for ${own}, and ${RIGHT}`,
    });
  });
}

test('attach() of "./node" works wherever there is node:http', () => {
  assert.equal(typeof node.attach(createServer(), answer).publish, "function");
});
