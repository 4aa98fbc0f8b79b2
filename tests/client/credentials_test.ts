// A user and a password in an address. The contract tests what is sent; here is what is printed: no
// password, neither of a socket nor of an error.

import {
  connect,
  type ConnectOptions,
  reconnect,
  WebSocket,
  WebSocketStream,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { redact, redactText } from "../../src/core/credentials.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { listenHttp } from "./http_server.ts";
import { ENGINES } from "./trust.ts";

const SECRET = "s3cret";

const { port, close } = await listenHttp((_, response) => response.writeHead(401).end());
after(close);

/** Returns a value as the consoles of this runtime print it. */
function printed(value: unknown): string[] {
  const { Deno, Bun } = globalThis as unknown as Record<
    string,
    { inspect(value: unknown): string }
  >;
  const inspects = [Deno, Bun].filter((it) => it !== undefined).map((it) => it.inspect);
  return [inspect, ...inspects].flatMap((show) => [show(value), show({ in: [value] })]);
}

test("an address is printed without its password", () => {
  const shown = {
    "ws://host/": "ws://host/",
    "ws://user@host/": "ws://user@host/",
    "ws://user:pass@host:80/a": "ws://user:***@host:80/a",
    "wss://:pass@host/": "wss://:***@host/",
    "ws://user:p%40:s%2F@[::1]:8080/?a=b:c@d": "ws://user:***@[::1]:8080/?a=b:c@d",
    "ws://host:8080/@user:pass@": "ws://host:8080/@user:pass@",
    "ws://host:8080/?a@b": "ws://host:8080/?a@b",
    "": "",
  };
  for (const [url, text] of Object.entries(shown)) assert.equal(redact(url), text);
});

test("what is no address is printed without what may be a password", () => {
  for (
    const text of [
      `ws://user:${SECRET}@host:port/`,
      `user:${SECRET}@host`,
      `ws:user:${SECRET}@host:port`,
      `ws:\\\\user:${SECRET}@host:port`,
      `ws://user:${SECRET}/${SECRET}@host`,
      `ws://user:${SECRET}?${SECRET}@${SECRET}#@host`,
      `ftp://user:${SECRET}@host/`,
      `ws://user:${SECRET}@host/#a`,
    ]
  ) {
    assert.ok(!redactText(text).includes(SECRET), redactText(text));
    for (const dial of [connect, reconnect]) {
      assert.throws(() => dial(text), (error: Error) => {
        assert.equal(error.name, "SyntaxError");
        assert.match(error.message, /^Cannot connect to "/);
        return !inspect(error).includes(SECRET);
      });
    }
  }
  assert.equal(redactText("ws://host:port/"), "ws://host:port/");
  const begun = performance.now();
  redactText(`a:${":/\\".repeat(100_000)}`);
  redact(`ws://${"a:".repeat(100_000)}`);
  assert.ok(performance.now() - begun < 1000);
});

test("the url of a socket is whole, as the standard says, and consoles print no password", async () => {
  const url = `ws://user:${SECRET}@127.0.0.1:${port}/`;
  const sockets = [connect(url), reconnect(url), new WebSocket(url), new WebSocketStream(url)];
  for (const socket of sockets) {
    assert.equal(socket.url, url);
    for (const text of printed(socket)) assert.ok(!text.includes(SECRET), text);
    socket.close();
    await socket.closed.catch(() => {}); // the stream's
  }
});

for (const engine of ENGINES) {
  test(`an error does not contain the password: engine ${engine}`, async () => {
    const options: ConnectOptions = { engine };
    for (const to of [`127.0.0.1:${port}`, "127.0.0.1:9"]) {
      const log = new EventLog(connect(`ws://user:${SECRET}@${to}/`, options));
      await log.next("close");
      const [error] = log.errors as Error[];
      assert.match(error!.message, /^The connection was not established/);
      for (
        const text of [...printed(error), inspect(error!.cause, { depth: 5, showHidden: true })]
      ) {
        assert.ok(!text.includes(SECRET), text);
      }
    }
  });
}
