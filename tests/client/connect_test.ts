// Options of connect() and reconnect() beyond subprotocols: headers, a signal, an engine; and what
// happens if the platform does not support them.

import { connect, reconnect, type Socket } from "@isosocket/isosocket";
import {
  connect as connectByPlatform,
  reconnect as reconnectByPlatform,
} from "@isosocket/isosocket/client";
import { acceptClient } from "./accept_client.ts";
import { connect as connectInPage } from "../../src/page/mod.ts";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { headerOf, readHead } from "../../src/testing/contract/raw_peer.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { listen, TcpWire } from "../raw_peer/tcp_wire.ts";

after(() => TcpWire.dropAll());

const NOWHERE = "ws://127.0.0.1:9/"; // the discard service: nobody listens

/** Runs a test with another class in place of the platform's, or with none. */
function withPlatform(Platform: unknown, use: () => void): void {
  const globals = globalThis as { WebSocket?: unknown };
  const own = Object.getOwnPropertyDescriptor(globals, "WebSocket");
  if (Platform === undefined) delete globals.WebSocket;
  else Object.defineProperty(globals, "WebSocket", { value: Platform, configurable: true });
  try {
    use();
  } finally {
    if (own === undefined) delete globals.WebSocket;
    else Object.defineProperty(globals, "WebSocket", own);
  }
}

/** A class as in pages: its second argument is a subprotocol, or a list of them. */
class PlainWebSocket extends EventTarget {
  static readonly instances: PlainWebSocket[] = [];
  readonly given: unknown;

  constructor(url: string, protocols: unknown = []) {
    super();
    const names = Symbol.iterator in Object(protocols) ? protocols : [`${protocols}`];
    const isWrong = [...names as Iterable<string>].some((name) => /[^\w.-]/.test(name));
    if (!/^wss?:\/\//.test(url) || isWrong) throw new DOMException("No", "SyntaxError");
    this.given = protocols;
    PlainWebSocket.instances.push(this);
  }

  close(): void {}
}

test("headers that a program may not set are refused, and so are values that not all runtimes send", () => {
  const own = [
    "Connection",
    "content-length",
    "Expect",
    "HOST",
    "keep-alive",
    "proxy-connection",
    "Sec-WebSocket-Accept",
    "sec-websocket-extensions",
    "Sec-WebSocket-Key",
    "sec-websocket-protocol",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Whatever",
    "TE",
    "Trailer",
    "transfer-encoding",
    "Upgrade",
  ];
  for (const dial of [connect, reconnect, connectByPlatform, reconnectByPlatform]) {
    for (const name of own) {
      assert.throws(() => dial(NOWHERE, { headers: { [name]: "1" } }), {
        name: "TypeError",
        message: `Cannot set the header "${name.toLowerCase()}": it belongs to the handshake`,
      });
    }
    for (
      const headers of [
        { "x a": "1" },
        { a: "1\r\nb: 2" },
        { a: "\0" },
        { a: "é" },
        { a: "\x01" },
        [["a"]],
      ]
    ) {
      assert.throws(() => dial(NOWHERE, { headers: headers as HeadersInit }), TypeError);
    }
  }
});

test("headers may be a record, a list or Headers", async () => {
  for (
    const headers of [
      { "X-One": "1", a: " b " },
      [["x-one", "1"], ["A", "b"]],
      new Headers([["x-one", "1"], ["a", "b"]]),
    ]
  ) {
    const { port, accepted } = await listen();
    const socket = connect(`ws://127.0.0.1:${port}/`, { headers: headers as HeadersInit });
    const log = new EventLog(socket);
    const wire = await accepted;
    const { head } = (await readHead(wire))!;
    assert.deepEqual([headerOf(head, "x-one"), headerOf(head, "a")], ["1", "b"]);
    socket.terminate();
    await log.next("close");
  }
});

test("a platform that knows no options does not connect with headers", () => {
  withPlatform(PlainWebSocket, () => {
    const notSupported = {
      name: "NotSupportedError",
      message: /^Cannot connect with headers here/,
    };
    const headers = { authorization: "Bearer abc" };
    assert.throws(() => connectByPlatform(NOWHERE, { headers }), notSupported);
    assert.throws(() => reconnectByPlatform(NOWHERE, { headers }), notSupported);
    assert.throws(() => reconnectByPlatform(NOWHERE, { headers: () => headers }), notSupported);
    assert.throws(() => connect(NOWHERE, { headers, engine: "native" }), notSupported);
    assert.throws(() => reconnect(NOWHERE, { headers, engine: "native" }), notSupported);
    assert.deepEqual(PlainWebSocket.instances, []);

    connectByPlatform(NOWHERE, { headers: {}, protocols: "a" }).close();
    connect(NOWHERE, { headers: new Headers(), tls: {}, protocols: ["a", "b"] }).close();
    assert.deepEqual(PlainWebSocket.instances.map(({ given }) => given), [["a"], ["a", "b"]]);
  });
});

test("without a platform's WebSocket, the client's entry point says so, and the main entry point uses tcp", async () => {
  let socket!: Socket;
  const { port, accepted } = await listen();
  withPlatform(undefined, () => {
    const notSupported = { name: "NotSupportedError", message: /^Cannot connect here/ };
    assert.throws(() => connectByPlatform(NOWHERE), notSupported);
    assert.throws(() => reconnectByPlatform(NOWHERE), notSupported);
    assert.throws(() => connect(NOWHERE, { engine: "native" }), {
      ...notSupported,
      message:
        'Cannot connect with engine "native" here: this runtime has no WebSocket, and "tcp" needs none',
    });
    socket = connect(`ws://127.0.0.1:${port}/`, { headers: { "x-one": "1" } });
  });
  const log = new EventLog(socket);
  const { head } = (await readHead(await accepted))!;
  assert.equal(headerOf(head, "x-one"), "1");
  socket.close();
  assert.equal((await log.next("close")).code, 1006);
});

test("subprotocols can be the second argument, as of new WebSocket()", async () => {
  const given: (string | Iterable<string>)[] = ["a", ["a"], new Set(["a"]), ["a", "b"]];
  const dials = "WebSocket" in globalThis ? [connect, connectByPlatform] : [connect]; // Node 20
  for (const dial of dials) {
    for (const protocols of given) {
      const { port, accepted } = await listen();
      const socket = dial(`ws://127.0.0.1:${port}/`, protocols);
      const log = new EventLog(socket);
      const { head } = (await readHead(await accepted))!;
      const offered = headerOf(head, "sec-websocket-protocol")!.replaceAll(" ", "");
      assert.equal(offered, [...protocols].join(","));
      socket.terminate();
      await log.next("close");
    }
    for (const wrong of [5, true, Symbol("a"), () => {}]) {
      assert.throws(() => dial(NOWHERE, wrong as unknown as string), TypeError);
    }
    assert.throws(() => dial(NOWHERE, "two words"), { name: "SyntaxError" });
    dial(NOWHERE, null as unknown as string).close();
  }
});

test("subprotocols can be the second argument in a page, too", {
  skip: "ErrorEvent" in globalThis ? false : "it stands on a page's classes",
}, async () => {
  for (const protocols of ["a", ["a"], new Set(["a"])]) {
    const { port, accepted } = await listen();
    const socket = connectInPage(`ws://127.0.0.1:${port}/`, protocols);
    const peer = (await acceptClient(await accepted, "Sec-WebSocket-Protocol: a\r\n"))!;
    await socket.opened;
    assert.equal(socket.protocol, "a");
    socket.close();
    await peer.part();
  }
});

test("an engine is native or tcp", () => {
  for (const dial of [connect, reconnect]) {
    assert.throws(() => dial(NOWHERE, { engine: "undici" as "tcp" }), {
      name: "TypeError",
      message: 'Cannot connect with engine "undici": it must be "native" or "tcp"',
    });
  }
});

test("a socket that is closed before the engine tcp is there never connects", async () => {
  const { port, accepted } = await listen();
  let came = false;
  accepted.then(() => came = true);
  const socket = connect(`ws://127.0.0.1:${port}/`, { engine: "tcp" });
  const log = new EventLog(socket);
  socket.close();
  assert.equal((await log.next("close")).code, 1006);
  const other = await listen();
  const second = connect(`ws://127.0.0.1:${other.port}/`, { engine: "tcp" });
  await other.accepted; // the first would have come before
  second.terminate();
  assert.equal(came, false);
});

test("an aborted signal is thrown, and nothing is sent", () => {
  const reason = new RangeError("enough");
  const signal = AbortSignal.abort(reason);
  withPlatform(PlainWebSocket, () => {
    const made = PlainWebSocket.instances.length;
    for (const dial of [connect, reconnect, connectByPlatform, reconnectByPlatform]) {
      assert.throws(() => dial(NOWHERE, { signal }), reason);
    }
    assert.equal(PlainWebSocket.instances.length, made);
  });
});

test("a signal is let go of when the socket has ended, and does nothing after that", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (type: string, listener: EventListener) => {
    listeners.add(listener);
    addEventListener.call(signal, type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    removeEventListener.call(signal, type, listener);
  };
  const sockets = Array.from({ length: 5 }, () => connect(NOWHERE, { signal }));
  assert.equal(listeners.size, 5);
  const logs = sockets.map((socket) => new EventLog(socket));
  for (const log of logs) await log.next("close");
  assert.equal(listeners.size, 0);
  controller.abort();
  for (const log of logs) assert.deepEqual(log.types, ["error", "close"]);
});

test("a signal that has timed out is the cause of the error", async () => {
  const { port } = await listen();
  const socket = connect(`ws://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(20) });
  const { error } = await new EventLog(socket).next("error");
  const { name, cause } = error as Error;
  assert.deepEqual([name, (cause as Error).name], ["AbortError", "TimeoutError"]);
});
