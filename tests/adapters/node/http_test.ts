// Time limits of node:http: they follow one option, and uploads have their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttp } from "../../../src/adapters/node/http.ts";

const WHERE = { port: 0, hostname: "127.0.0.1", reusePort: false, unix: undefined, tls: undefined };

const LIMITS: [given: number, forHead: number, forRequest: number][] = [
  [0, 0, 0],
  [1, 1, 300_000],
  [10_000, 10_000, 300_000],
  [600_000, 600_000, 600_000],
  [0x7fffffff, 0x7fffffff, 0x7fffffff],
];

for (const [given, forHead, forRequest] of LIMITS) {
  test(`with ${given} ms for a head, Node waits ${forHead} for it, ${forRequest} for all`, () => {
    const { headersTimeout, requestTimeout } = createHttp(WHERE, given, () => {});
    assert.deepEqual([headersTimeout, requestTimeout], [forHead, forRequest]);
  });
}
