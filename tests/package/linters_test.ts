// What the linters of npm packages say of this one: nothing, since nothing is excused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tarball } from "./consumer.ts";
import { findByAttw, findByPublint } from "./linters.ts";

test("publint finds nothing", async () => {
  assert.deepEqual(await findByPublint(tarball), []);
});

test("attw finds nothing wrong with the types, by any way to resolve them", async () => {
  assert.deepEqual(await findByAttw(tarball), []);
});
