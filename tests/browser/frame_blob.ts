/** Script of a page that tries Blobs of a frame in it. @module */

import assert from "node:assert/strict";
import { test } from "node:test";
import { echoed } from "../interop/realm.ts";
import { makeFrame } from "./frame_realm.ts";

test("a frame: our WebSocket takes its Blobs", async () => {
  const [realm, end] = makeFrame();
  assert.equal(await echoed(realm, 'new Blob(["\\x01\\x02"])'), "1,2");
  await end();
});
