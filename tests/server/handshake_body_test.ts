// A handshake has no body: a length of 0 is none, and whatever else says that there is one is 400.

import { upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checkHandshake } from "../../src/handshake/handshake.ts";
import { KEY, request } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { entryPoints, type Open } from "./entry_points.ts";
import { ask } from "./raw_client.ts";

const HEADERS = {
  Host: "a",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": KEY,
};

const NONE = ["0", "00", "0, 0", "0,0 ,\t0"];

const SOME = [
  "1",
  "x",
  "",
  "+0",
  "-0",
  "0x0",
  "0.0",
  "0 0",
  "0, 1",
  "0,",
  ",0",
  "00000000001",
  "\xb2",
];

function check(headers: Record<string, string>): unknown {
  return checkHandshake({ method: "GET", headers: new Headers({ ...HEADERS, ...headers }) }, "1.1");
}

for (const length of NONE) {
  test(`Content-Length: ${length} is no body`, () => {
    assert.ok(check({ "Content-Length": length }));
  });
}

for (const length of SOME) {
  test(`Content-Length: ${length} may be a body`, () => {
    assert.throws(() => check({ "Content-Length": length }), { status: 400, message: /no body/ });
  });
}

test("Transfer-Encoding may be a body, also beside a length of 0", () => {
  for (const coding of ["chunked", "identity", ""]) {
    const headers = { "Transfer-Encoding": coding };
    assert.throws(() => check(headers), { status: 400, message: /no body/ });
    assert.throws(() => check({ ...headers, "Content-Length": "0" }), { status: 400 });
  }
});

/** Outcomes that differ, by reader. Each must be as it stands here. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  deno: "Deno refuses each handshake that has a Content-Length, before any program sees it",
};

for (const entryPoint of entryPoints) {
  let open: Open;
  before(async () => void (open = await entryPoint.open((request) => upgrade(request).response)));
  after(async () => {
    TcpWire.dropAll();
    await open.close();
  });

  const statusFor = async (headers: Record<string, string>): Promise<number> => {
    const { status, peer } = await ask(open.connect, request("/", headers));
    await peer.wire.end();
    return status;
  };

  test(`${entryPoint.name}: a handshake with Content-Length: 0, as Java sends it, is accepted`, async () => {
    const expected = entryPoint.reader in DEVIATIONS ? 400 : 101;
    assert.equal(
      await statusFor({ "Content-Length": "0" }),
      expected,
      DEVIATIONS[entryPoint.reader],
    );
  });

  // Without its handler, a request with a body is one for a page of the user's (RFC 9110, 7.8).
  const [what, withBody] = entryPoint.hasPages ? ["refused", 400] : ["an ordinary request", 200];
  test(`${entryPoint.name}: a handshake that may have a body is ${what}`, async () => {
    for (const length of ["x", "-0", "0, 1"]) {
      assert.equal(await statusFor({ "Content-Length": length }), 400, length);
    }
    assert.equal(await statusFor({ "Content-Length": "1" }), withBody);
    assert.equal(await statusFor({ "Transfer-Encoding": "chunked" }), withBody);
    const smuggled = { "Content-Length": "0", "Transfer-Encoding": "chunked" };
    assert.equal(await statusFor(smuggled), 400);
  });
}
