// The linters of npm packages find nothing in this one, without any exception.

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
