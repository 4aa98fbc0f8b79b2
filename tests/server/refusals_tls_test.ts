// Handshakes that are refused, over TLS: the same answers as without, and a server that goes on. What
// else is refused, and why, other files try.

import { serve, upgrade, UpgradeError } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { request as handshake } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { by, engines, SECURE, to } from "./places.ts";
import { ask, askUpgrade } from "./raw_client.ts";

after(() => TcpWire.dropAll());

type Handler = (request: Request) => Response | Promise<Response>;

const accept: Handler = (request) => upgrade(request, { protocols: ["chat"] }).response;

/** Behaviours of a handler, and what its client sees. */
const REFUSALS: Readonly<
  Record<
    string,
    readonly [
      headers: Readonly<Record<string, string | null>>,
      handler: Handler,
      status: number,
      body: RegExp,
    ]
  >
> = {
  "no Upgrade header": [{ Upgrade: null, Connection: "close" }, accept, 426, /Upgrade header/],
  "no key": [{ "Sec-WebSocket-Key": null }, accept, 400, /Key/],
  "version 8": [{ "Sec-WebSocket-Version": "8" }, accept, 426, /is "8"/],
  "a subprotocol with a space": [{ "Sec-WebSocket-Protocol": "a b" }, accept, 400, /Protocol/],
  "another origin": [{ Origin: "https://evil.example" }, accept, 403, /origin/],
  "a handler's 401": [{}, () => new Response("Who are you?", { status: 401 }), 401, /^Who are you/],
  "a handler's page": [{}, () => new Response("x".repeat(10_000)), 200, /^x{10000}$/],
  "an UpgradeError": [
    {},
    () => {
      throw new UpgradeError("Not now", 503, { "Retry-After": "7" });
    },
    503,
    /Not now/,
  ],
  "a handler that throws": [
    {},
    () => {
      throw new Error("internal");
    },
    500,
    /^Internal Server Error\n$/,
  ],
  "a handler that rejects later": [
    {},
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error("internal");
    },
    500,
    /^Internal Server Error\n$/,
  ],
  "another response than upgrade()'s": [
    {},
    (request) => {
      upgrade(request).socket.onerror = () => {};
      return new Response("a page");
    },
    200,
    /^a page$/,
  ],
  "an answer with a control character": [
    {},
    () => new Response("a page", { headers: { "X-A": "a\x01b" } }),
    500,
    /^Internal Server Error\n$/,
  ],
};

for (const engine of engines) {
  for (const [what, [headers, handler, status, body]] of Object.entries(REFUSALS)) {
    test(`${what} is ${status} over TLS${by(engine)}`, async () => {
      let handle = handler;
      const server = await serve({ ...SECURE, engine, onError() {} }, (request) => handle(request));
      try {
        const answer = await askUpgrade(to(server), "/", headers);
        assert.equal(answer.status, status, answer.head);
        assert.match(await answer.body(), body);
        handle = accept;
        const alive = await askUpgrade(to(server));
        assert.equal(alive.status, 101, alive.head);
        await alive.peer.wire.end();
      } finally {
        await server.close({ deadline: 0 });
      }
    });
  }

  test(`a handshake with another method is refused over TLS${by(engine)}`, async () => {
    const server = await serve({ ...SECURE, engine, onError() {} }, accept);
    try {
      const answer = await ask(to(server), handshake("/", {}, "POST / HTTP/1.1"));
      // Deno refuses with 400 before any handler is called.
      assert.ok([400, 405].includes(answer.status), answer.head);
      await answer.body();
    } finally {
      await server.close({ deadline: 0 });
    }
  });

  test(`a page of the server's own may connect over TLS${by(engine)}`, async () => {
    const server = await serve({ ...SECURE, engine, onError() {} }, accept);
    try {
      for (const [origin, status] of [["https://127.0.0.1", 101], ["https://localhost", 403]]) {
        const answer = await askUpgrade(to(server), "/", { Origin: `${origin}` });
        assert.equal(answer.status, status, answer.head);
        await answer.peer.wire.end();
      }
    } finally {
      await server.close({ deadline: 0 });
    }
  });
}
