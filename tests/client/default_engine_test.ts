// The engine of clients that name none: that of this package on Node and Deno, unless a program has put a
// class of its own into globalThis.WebSocket.

import {
  connect,
  type ConnectFailure,
  type ConnectOptions,
  reconnect,
  Socket,
  WebSocket,
  WebSocketStream,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { runtime } from "../runtime.ts";
import { failureOf } from "./connect_failure.ts";
import { listenHttp } from "./http_server.ts";

const { port, close } = await listenHttp((_, response) => response.writeHead(401).end("Who?"));
after(close);

const url = `ws://127.0.0.1:${port}/`;

/** Returns whether a socket that is refused was one of the engine `tcp`, which tells the body. */
async function isByTcp(socket: Socket): Promise<boolean> {
  const cause: Partial<ConnectFailure> | undefined = await failureOf(socket);
  return cause?.body === "Who?";
}

const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
const OwnWebSocket = globalThis.WebSocket as typeof globalThis.WebSocket | undefined;

/** Runs a test while a program's class is `globalThis.WebSocket`. */
async function withGlobal(Class: unknown, use: () => Promise<void> | void): Promise<void> {
  Object.defineProperty(globalThis, "WebSocket", {
    value: Class,
    configurable: true,
    writable: true,
  });
  try {
    await use();
  } finally {
    if (own === undefined) delete (globalThis as { WebSocket?: unknown }).WebSocket;
    else Object.defineProperty(globalThis, "WebSocket", own);
  }
}

/** Stands in for servers, as a library for tests does. It knows no options. */
class MockWebSocket extends EventTarget {
  static readonly urls: string[] = [];

  constructor(url: string) {
    super();
    MockWebSocket.urls.push(url);
  }

  close(): void {}
}

const expected = runtime !== "bun";

test("connect() and WebSocket take the engine tcp on Node and Deno", async () => {
  assert.equal(await isByTcp(connect(url)), expected);
  assert.equal(await isByTcp(new WebSocket(url)), expected);
  assert.equal(await isByTcp(connect(url, { engine: "tcp" })), true);
  if (OwnWebSocket !== undefined) {
    assert.equal(await isByTcp(connect(url, { engine: "native" })), false);
  }
});

test("a class that a program has put into globalThis.WebSocket is taken, and only while it is there", async () => {
  await withGlobal(MockWebSocket, async () => {
    const asked = (): string[] => MockWebSocket.urls.filter((it) => it === url);
    const sockets = [connect(url), reconnect(url), new WebSocket(url), new WebSocketStream(url)];
    while (asked().length < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const socket of sockets) socket.close();
    assert.equal(await isByTcp(connect(url, { engine: "tcp" })), true);
    assert.equal(asked().length, 4);
  });
  assert.equal(await isByTcp(connect(url)), expected);
});

test("so is a class that extends the runtime's own", async (t) => {
  if (OwnWebSocket === undefined) return t.skip?.("this runtime has none");
  const urls: string[] = [];
  class Recording extends OwnWebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      urls.push(url);
    }
  }
  await withGlobal(Recording, async () => {
    await failureOf(connect(url));
    assert.deepEqual(urls, [url]);
  });
});

test("the class of this package in globalThis.WebSocket does not dial itself", async () => {
  await withGlobal(WebSocket, async () => {
    assert.equal(await isByTcp(connect(url)), expected);
    const socket = new globalThis.WebSocket(url) as unknown as Socket;
    assert.ok(socket instanceof Socket);
    assert.equal(await isByTcp(socket), expected);
  });
});

test("options that a program's class lacks are reasons for the engine tcp", async () => {
  await withGlobal(MockWebSocket, async () => {
    const needs: ConnectOptions[] = [
      { headers: { "x-one": "1" } },
      { tls: { rejectUnauthorized: true } },
      { compression: false },
      { compression: { threshold: 1 } },
    ];
    for (const need of needs) assert.equal(await isByTcp(connect(url, need)), true);
  });
});

test("only the engine tcp leaves the choice of compression", async () => {
  assert.equal(await isByTcp(connect(url, { compression: true })), true);
  for (const dial of [connect, reconnect]) {
    assert.throws(() => dial(url, { engine: "native", compression: false }), {
      name: "NotSupportedError",
      message: /^Cannot connect (?:with (?:compression|engine "native") )?here: /,
    });
    assert.throws(() => dial(url, { compression: 5 as unknown as boolean }), {
      name: "TypeError",
      message: "Cannot use compression 5: it must be true, false or an object",
    });
    assert.throws(() => dial(url, { compression: { threshold: -1 } }), RangeError);
  }
});

test("where the runtime has no WebSocket, engine native names the other", async () => {
  await withGlobal(undefined, () => {
    assert.throws(() => connect(url, { engine: "native" }), {
      name: "NotSupportedError",
      message:
        'Cannot connect with engine "native" here: this runtime has no WebSocket, and "tcp" needs none',
    });
  });
});
