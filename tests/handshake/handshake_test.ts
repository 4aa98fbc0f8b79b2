// checkHandshake(): a request is judged in the order that the module documents.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHandshake } from "../../src/handshake/handshake.ts";
import { UpgradeError } from "../../src/handshake/upgrade_error.ts";
import { KEY } from "../../src/testing/contract/raw_peer.ts";

/** Rules in their order: the header that breaks one, the refusal, and the header that keeps it. */
const RULES: readonly [name: string, wrong: string, status: number, right: string | null][] = [
  ["upgrade", "h2c", 426, "websocket"],
  ["connection", "close", 400, "upgrade"],
  ["host", "a b", 400, "a.example"],
  ["content-length", "1", 400, null],
  ["sec-websocket-version", "8", 426, "13"],
  ["sec-websocket-key", "short", 400, KEY],
  ["sec-websocket-protocol", "a b", 400, "chat"],
  ["sec-websocket-extensions", "a b", 400, "a; b=c"],
];

/** Status and text of the refusal; `undefined` if the handshake is valid. */
function refusal(method: string, headers: Headers, httpVersion: string) {
  try {
    checkHandshake({ method, headers }, httpVersion);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UpgradeError, String(error));
    return { status: error.status, text: error.message.toLowerCase() };
  }
}

test("the first rule that a handshake breaks decides how it is refused", () => {
  const headers = new Headers(RULES.map(([name, wrong]) => [name, wrong]));
  assert.equal(refusal("POST", headers, "1.0")?.status, 405);
  assert.match(refusal("GET", headers, "1.0")!.text, /version of http is 1\.0/);
  for (const [name, , status, right] of RULES) {
    const found = refusal("GET", headers, "1.1");
    assert.equal(found?.status, status, name);
    assert.ok(found.text.includes(name === "content-length" ? "no body" : name), found.text);
    if (right === null) headers.delete(name);
    else headers.set(name, right);
  }
  assert.equal(refusal("GET", headers, "1.1"), undefined);
});
