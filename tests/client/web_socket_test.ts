// The class, by the letter of the WHATWG WebSockets standard: what a program sees before, during and
// after a connection. The contract tests the underlying socket.

import { serve, type Server, Socket, upgrade, WebSocket } from "@isosocket/isosocket";
import { WebSocket as WebSocketOfClients } from "@isosocket/isosocket/client";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { runtime } from "../runtime.ts";

const NOWHERE = "ws://127.0.0.1:9/"; // the discard service: nobody listens

const Loose = WebSocket as unknown as new (...args: unknown[]) => WebSocket;

/** Makes a socket, and closes it at once. */
function closedSocket(...args: unknown[]): WebSocket {
  const socket = new Loose(...args);
  socket.close();
  return socket;
}

/** Runs a test with an echo server. Node 22 has no `await using`. */
async function withEchoServer(use: (server: Server) => Promise<void>): Promise<void> {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request, { protocols: ["echo"] });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => data === "bye" ? socket.close(4001, "ok") : socket.send(data);
    return response;
  });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const syntaxError = { name: "SyntaxError", code: 12 };

test("the class has the name, the length, the parent and the tag of the standard's", () => {
  assert.deepEqual([WebSocket.name, WebSocket.length], ["WebSocket", 1]);
  assert.equal(Object.prototype.toString.call(WebSocket.prototype), "[object WebSocket]");
  assert.equal(Object.getPrototypeOf(WebSocket), EventTarget);
  assert.equal(Object.getPrototypeOf(WebSocket.prototype), EventTarget.prototype);
  const socket = closedSocket(NOWHERE);
  assert.ok(socket instanceof WebSocket);
  assert.ok(socket instanceof Socket);
  assert.ok(socket instanceof EventTarget);
  assert.equal(socket.constructor, WebSocket);
  assert.equal(String(socket), "[object WebSocket]");
  assert.deepEqual(Reflect.ownKeys(socket), []);
  assert.throws(() => (WebSocket as unknown as (url: string) => void)(NOWHERE), TypeError);
});

test("both entry points have the same class where connections are the platform's", () => {
  assert.equal(WebSocket === WebSocketOfClients, runtime === "bun");
});

test("constants are on the class and on the prototype, and cannot be changed", () => {
  const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
  for (const [name, value] of Object.entries(constants)) {
    for (const on of [WebSocket, WebSocket.prototype]) {
      assert.deepEqual(Object.getOwnPropertyDescriptor(on, name), {
        value,
        writable: false,
        enumerable: true,
        configurable: false,
      });
    }
  }
});

test("members are the prototype's own: accessors and functions that can be listed", () => {
  const accessors = "url readyState bufferedAmount onopen onerror onclose extensions protocol " +
    "onmessage binaryType";
  for (const name of accessors.split(" ")) {
    const member = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
    assert.equal(typeof member?.get, "function", name);
    assert.equal(member!.set !== undefined, /^on|binaryType/.test(name), name);
    assert.deepEqual([member!.enumerable, member!.configurable], [true, true], name);
    assert.throws(() => Reflect.get(WebSocket.prototype, name), TypeError, name);
  }
  for (const [name, length] of [["send", 1], ["close", 0]] as const) {
    const member = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
    assert.deepEqual([member?.enumerable, member?.writable, member?.configurable], [
      true,
      true,
      true,
    ]);
    assert.equal(member!.value.length, length);
  }
  // The parent's own would refuse our sockets.
  const names = ["addEventListener", "removeEventListener", "dispatchEvent"] as const;
  const lengths = names.map((name) => {
    assert.ok(Object.getOwnPropertyDescriptor(WebSocket.prototype, name)?.enumerable, name);
    return WebSocket.prototype[name].length;
  });
  assert.deepEqual(lengths, [2, 2, 1]);
});

test("attributes that can only be read stay what they are", () => {
  const socket = closedSocket(NOWHERE) as unknown as Record<string, unknown>;
  for (const name of ["url", "readyState", "bufferedAmount", "extensions", "protocol"]) {
    const before = socket[name];
    assert.throws(() => socket[name] = "other", TypeError);
    assert.ok(!Reflect.set(socket, name, "other"));
    assert.equal(socket[name], before);
  }
});

test("a new socket is CONNECTING, with nothing agreed on", () => {
  const socket = new WebSocket(NOWHERE);
  const { readyState, protocol, extensions, bufferedAmount, binaryType } = socket;
  assert.deepEqual([readyState, protocol, extensions, bufferedAmount, binaryType], [
    0,
    "",
    "",
    0,
    "blob",
  ]);
  socket.close();
});

test("binaryType takes blob and arraybuffer, and ignores the rest", () => {
  const socket = closedSocket(NOWHERE);
  socket.binaryType = "arraybuffer";
  for (const value of ["", "Blob", "notBlob", "nodebuffer", null, undefined, 1]) {
    socket.binaryType = value as BinaryType;
    assert.equal(socket.binaryType, "arraybuffer");
  }
  socket.binaryType = "blob";
  assert.equal(socket.binaryType, "blob");
});

test("on… attributes hold functions and objects; the rest becomes null", () => {
  const socket = closedSocket(NOWHERE) as unknown as Record<string, unknown>;
  for (const name of ["onopen", "onmessage", "onerror", "onclose"]) {
    assert.equal(socket[name], null);
    for (const value of [() => {}, { handleEvent() {} }]) {
      socket[name] = value;
      assert.equal(socket[name], value);
    }
    for (const value of [null, undefined, 0, "", "text", Symbol("none"), true]) {
      socket[name] = value;
      assert.equal(socket[name], null);
    }
  }
});

test("send() while CONNECTING is an InvalidStateError, and without an argument a TypeError", () => {
  const socket = new WebSocket(NOWHERE);
  assert.throws(() => socket.send("early"), { name: "InvalidStateError", code: 11 });
  assert.throws(() => (socket.send as () => void)(), TypeError);
  assert.equal(socket.bufferedAmount, 0);
  socket.close();
});

test("close() while CONNECTING is error, then close with 1006, in later tasks", async () => {
  const socket = new WebSocket(NOWHERE);
  const log = new EventLog(socket);
  socket.close(1000, "enough");
  assert.equal(socket.readyState, WebSocket.CLOSING);
  assert.deepEqual(log.types, []);
  const { code, reason, wasClean } = await log.next("close");
  assert.deepEqual([code, reason, wasClean], [1006, "", false]);
  assert.deepEqual(log.types, ["error", "close"]);
  assert.deepEqual(log.states, [3, 3]);
});

test("a refused connection is error, then close with 1006", async () => {
  const socket = new WebSocket(NOWHERE);
  const log = new EventLog(socket);
  const { code, reason, wasClean } = await log.next("close");
  assert.deepEqual([code, reason, wasClean], [1006, "", false]);
  assert.deepEqual(log.types, ["error", "close"]);
});

test("close() takes 1000 and 3000 to 4999, and up to 123 bytes", () => {
  const socket = closedSocket(NOWHERE);
  for (const code of [0, 999, 1001, 1005, 1006, 1012, 2999, 5000, 65536 + 1000, -1, NaN, null]) {
    assert.throws(() => socket.close(code as number), { name: "InvalidAccessError", code: 15 });
  }
  for (const code of [undefined, 1000, 3000, 4999, 1000.4, "3000" as unknown as number]) {
    socket.close(code);
  }
  socket.close(1000, "x".repeat(123));
  assert.throws(() => socket.close(1000, "x".repeat(124)), syntaxError);
  assert.throws(() => socket.close(1000, "ä".repeat(62)), syntaxError);
});

test("a conversation, from open to close", () =>
  withEchoServer(async (server) => {
    const socket = new WebSocket(server.url, ["other", "echo"]);
    const log = new EventLog(socket);
    const open = await log.next("open");
    assert.ok(open instanceof Event);
    assert.equal(open.target, socket);
    assert.deepEqual([socket.readyState, socket.protocol], [1, "echo"]);

    socket.send(null as unknown as string);
    socket.send("text");
    socket.send(new Uint8Array([0, 1, 2, 3]).subarray(1, 3));
    socket.send(new Blob(["blob"]));
    const [nothing, text, view, blob] = [
      await log.next("message"),
      await log.next("message"),
      await log.next("message"),
      await log.next("message"),
    ];
    assert.ok(text instanceof MessageEvent);
    assert.deepEqual([nothing.data, text.data], ["null", "text"]);
    assert.equal(text.origin, server.url.replace("http", "ws").replace(/\/$/, ""));
    assert.deepEqual(new Uint8Array(await view.data.arrayBuffer()), new Uint8Array([1, 2]));
    assert.equal(await blob.data.text(), "blob");

    socket.binaryType = "arraybuffer";
    socket.send(new Uint8Array([7]));
    assert.deepEqual((await log.next("message")).data, new Uint8Array([7]).buffer);

    socket.send("bye");
    const close = await log.next("close");
    assert.deepEqual([close.type, close.code, close.reason, close.wasClean], [
      "close",
      4001,
      "ok",
      true,
    ]);
    assert.equal(socket.readyState, 3);
    socket.send("äpfel"); // too late, and counted: 6 bytes
    socket.send(new Uint8Array(4));
    assert.equal(socket.bufferedAmount, 10);
  }));

test("bufferedAmount counts the messages' own bytes, all until the task has ended", () =>
  withEchoServer(async (server) => {
    const socket = new WebSocket(server.url, "echo");
    const log = new EventLog(socket);
    await log.next("open");
    socket.send("äpfel");
    socket.send(new Uint8Array(4));
    assert.equal(socket.bufferedAmount, 10);
    const other = new WebSocket(server.url, "echo");
    socket.send(new Blob(["blob"]));
    assert.equal(socket.bufferedAmount, 14);
    assert.equal(other.bufferedAmount, 0);
    for (let i = 0; i < 3; i++) await log.next("message");
    assert.equal(socket.bufferedAmount, 0);
    for (const it of [socket, other]) it.close();
    await log.next("close");
  }));

test("several sockets that send in one task count what is their own", () =>
  withEchoServer(async (server) => {
    const sockets = [1, 2, 3].map(() => new WebSocket(server.url, "echo"));
    const logs = sockets.map((socket) => new EventLog(socket));
    for (const log of logs) await log.next("open");
    for (const [i, socket] of sockets.entries()) socket.send("x".repeat(i + 1));
    assert.deepEqual(sockets.map(({ bufferedAmount }) => bufferedAmount), [1, 2, 3]);
    for (const log of logs) await log.next("message");
    assert.deepEqual(sockets.map(({ bufferedAmount }) => bufferedAmount), [0, 0, 0]);
    for (const socket of sockets) socket.close();
    for (const log of logs) await log.next("close");
  }));

test("close() closes with its code and its reason, and no message comes after it", () =>
  withEchoServer(async (server) => {
    const socket = new WebSocket(server.url, "echo");
    const log = new EventLog(socket);
    await log.next("open");
    socket.send("never seen");
    socket.close(3000, "enough");
    assert.equal(socket.readyState, 2);
    const { code, reason, wasClean } = await log.next("close");
    assert.deepEqual([code, reason, wasClean], [3000, "enough", true]);
    assert.deepEqual(log.types, ["open", "close"]);
  }));

test("it can be extended, and put in the place of the runtime's own", () =>
  withEchoServer(async (server) => {
    class Counting extends WebSocket {
      sent = 0;
      override send(data: string): void {
        this.sent++;
        super.send(data);
      }
    }
    const globals = globalThis as { WebSocket?: unknown };
    const native = globals.WebSocket;
    globals.WebSocket = Counting;
    try {
      for (const Class of [Counting, WebSocket]) {
        const socket = new Class(server.url, "echo");
        const log = new EventLog(socket);
        await log.next("open");
        assert.ok(socket instanceof Class);
        socket.send("bye");
        assert.equal((await log.next("close")).code, 4001);
        if (socket instanceof Counting) assert.equal(socket.sent, 1);
      }
    } finally {
      if (native === undefined) delete globals.WebSocket;
      else globals.WebSocket = native;
    }
  }));
