// Clients over TCP as sockets: what the core makes of handshakes and of connections. Which answers are
// accepted, and what is told of others, is tried in client_handshake_test.ts.

import {
  type CompressionOptions,
  connect,
  type ConnectOptions,
  type Socket,
} from "@isosocket/isosocket";
import { FakeClock } from "@isosocket/isosocket/testing";
import assert from "node:assert/strict";
import net, { type AddressInfo } from "node:net";
import { test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { EventLog } from "../../../src/testing/contract/event_log.ts";
import { authority, localhost } from "../../client/certificates.ts";
import { failureOf } from "../../client/connect_failure.ts";
import { answering, endAfter, right } from "./handshake_server.ts";

endAfter();

function dial(port: number, options: ConnectOptions = {}, scheme = "ws"): Socket {
  return connect(`${scheme}://127.0.0.1:${port}/`, { engine: "tcp", ...options });
}

/** Text frames of a server, one for each word. */
function frames(...words: readonly string[]): string {
  return words.map((word) => `\x81${String.fromCharCode(word.length)}${word}`).join("");
}

test("a message behind the answer can be answered, though a Close frame is behind it", async () => {
  let sent = "";
  const server = await answering((socket, accept) => {
    socket.on("data", (bytes: Uint8Array) => {
      sent += String.fromCharCode(...bytes);
      if (sent.includes("\x88")) socket.end();
    });
    socket.write(right(accept) + frames("one") + "\x88\x02\x03\xe8", "latin1");
  });
  const socket = dial(server.port, { compression: false });
  socket.onmessage = () => socket.send("two");
  await socket.closed;
  assert.equal(sent.slice(0, 2), "\x81\x83"); // a text of three octets, masked
  assert.equal(sent.slice(9, 11), "\x88\x82"); // and then the Close frame
});

test("frames behind the answer are events, in order, after open", async () => {
  const server = await answering((socket, accept) =>
    socket.end(right(accept) + frames("one", "two") + "\x88\x02\x03\xe8", "latin1")
  );
  const log = new EventLog(dial(server.port));
  const { code, wasClean } = await log.next("close");
  assert.deepEqual(log.types, ["open", "message", "message", "close"]);
  assert.deepEqual([code, wasClean], [1000, true]);
});

test("protocol and extensions are what was agreed on", async () => {
  const server = await answering((socket, accept) =>
    socket.write(right(accept, "Sec-WebSocket-Protocol: two"))
  );
  const socket = dial(server.port, { protocols: ["one", "two"] });
  await socket.opened;
  assert.deepEqual([socket.protocol, socket.extensions], ["two", ""]);
  socket.terminate();
  await server.ended;
});

test("what was not offered is a failure, and the connection is closed", async () => {
  const offers: readonly (readonly [header: string, options: ConnectOptions])[] = [
    ["Sec-WebSocket-Protocol: one", {}],
    ["Sec-WebSocket-Protocol: three", { protocols: ["one", "two"] }],
    ["Sec-WebSocket-Protocol: ONE", { protocols: ["one"] }],
    ["X-None: 1", { protocols: ["one"] }],
    ["Sec-WebSocket-Extensions: x-other", {}],
    ["Sec-WebSocket-Extensions: x-other", { compression: false }],
    ["Sec-WebSocket-Extensions: permessage-deflate", { compression: false }],
    ["Sec-WebSocket-Extensions: permessage-deflate; =; ;", {}],
  ];
  for (const [header, options] of offers) {
    const server = await answering((socket, accept) =>
      socket.write(right(accept, header) + frames("early"), "latin1")
    );
    const log = new EventLog(dial(server.port, options));
    assert.equal((await log.next("close")).code, 1006, header);
    assert.deepEqual(log.types, ["error", "close"], header);
    await server.ended;
  }
});

test("a reset behind the answer is error and close with 1006, once each", async () => {
  const server = await answering((socket, accept) => {
    socket.write(right(accept));
    setTimeout(() => socket.resetAndDestroy(), 50);
  });
  const log = new EventLog(dial(server.port));
  assert.equal((await log.next("close")).code, 1006);
  assert.deepEqual(log.types, ["open", "error", "close"]);
});

test("timeout ends the attempt while TLS is under way, or an answer is awaited", async () => {
  for (const scheme of ["ws", "wss"]) {
    const clock = new FakeClock();
    let came!: (socket: net.Socket) => void;
    const coming = new Promise<net.Socket>((resolve) => came = resolve);
    const server = net.createServer(came).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const log = new EventLog(dial(port, { clock, timeout: 5000 }, scheme));
    const peer = await coming;
    const ended = new Promise((resolve) =>
      peer.on("error", () => {}).resume().on("close", resolve)
    );
    await clock.advance(5000);
    assert.equal((await log.next("close")).code, 1006);
    assert.equal((log.errors[0] as Error).name, "TimeoutError");
    await ended;
    server.close();
  }
});

test("a signal that is aborted ends the attempt at once", async () => {
  const controller = new AbortController();
  const server = await answering(() => controller.abort(new RangeError("enough")));
  const log = new EventLog(dial(server.port, { signal: controller.signal }));
  await log.next("close");
  assert.equal(((log.errors[0] as Error).cause as Error).message, "enough");
  await server.ended;
});

test("frames behind the answer are events over TLS, too", async () => {
  const server = await answering(
    (socket, accept) => socket.write(right(accept) + frames("one", "two"), "latin1"),
    localhost,
  );
  const socket = dial(server.port, { tls: { ca: authority } }, "wss");
  const log = new EventLog(socket);
  while (log.data.length < 2) await log.next("message");
  assert.deepEqual(log.data, ["one", "two"]);
  socket.terminate();
  await server.ended;
});

test("a user and a password in the address are credentials, and the address has none", async () => {
  const server = await answering((socket, accept) => socket.write(right(accept)));
  const socket = connect(`ws://us%20er:p%C3%A4ss@127.0.0.1:${server.port}/`, { engine: "tcp" });
  await socket.opened;
  const [head] = server.heads;
  const basic = /^authorization: Basic (.*)\r$/im.exec(head!)?.[1];
  assert.equal(
    new TextDecoder().decode(Uint8Array.from(atob(basic!), (char) => char.charCodeAt(0))),
    "us er:päss",
  );
  assert.ok(!/@|us%20er/.test(head!));
  socket.terminate();
});

test("the cause of a refusal is told by the error", async () => {
  const server = await answering((socket) =>
    socket.write("HTTP/1.1 503 Full\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nFull")
  );
  const cause = (await failureOf(dial(server.port)))!;
  const { status, statusText, headers, body, retryAfter } = cause;
  assert.deepEqual([status, statusText, headers!.get("retry-after"), body, retryAfter], [
    503,
    "Full",
    "5",
    "Full",
    5000,
  ]);
});

/** Returns the payload of the frame that a client has sent, unmasked, and the first byte of its head. */
function unmasked(bytes: Uint8Array): readonly [first: number, payload: Uint8Array] {
  const short = bytes[1]! & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const key = bytes.subarray(at, at + 4);
  return [bytes[0]!, bytes.subarray(at + 4).map((byte, index) => byte ^ key[index & 3]!)];
}

/** Returns a compressed text message of a server, as a frame of up to 64 KiB. */
function deflated(text: string): Uint8Array {
  const payload = deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
  const { length } = payload;
  const head = length < 126 ? [0xc1, length] : [0xc1, 126, length >> 8, length & 0xff];
  return Uint8Array.from([...head, ...payload]);
}

test("compression is offered by default, and as the option says", async () => {
  const offers: readonly (readonly [boolean | CompressionOptions | null, RegExp])[] = [
    [null, /^sec-websocket-extensions: permessage-deflate;.* server_no_context_takeover/im],
    [true, /^sec-websocket-extensions: permessage-deflate;.* client_max_window_bits/im],
    [
      { contextTakeover: true },
      /^sec-websocket-extensions: permessage-deflate; client_max_window/im,
    ],
    [{ windowBits: 10 }, /server_max_window_bits=10/],
    [false, /^(?![^]*sec-websocket-extensions)/i],
  ];
  for (const [compression, expected] of offers) {
    const server = await answering((socket, accept) => socket.write(right(accept)));
    const socket = dial(server.port, compression === null ? {} : { compression });
    await socket.opened;
    assert.match(server.heads[0]!, expected);
    assert.equal(socket.extensions, "");
    socket.terminate();
  }
});

test("messages are compressed from the threshold on, if the server has agreed", async () => {
  for (
    const [answer, threshold, size, isCompressed] of [
      ["permessage-deflate", undefined, 1024, true],
      ["permessage-deflate; server_no_context_takeover", undefined, 1023, false],
      ["permessage-deflate; client_max_window_bits=10", 10, 10, true],
      ["permessage-deflate", 10, 9, false],
      [undefined, 10, 5000, false],
    ] as const
  ) {
    let heard!: (bytes: Uint8Array) => void;
    const hearing = new Promise<Uint8Array>((resolve) => heard = resolve);
    const server = await answering((socket, accept) => {
      const more = answer === undefined ? [] : [`Sec-WebSocket-Extensions: ${answer}`];
      socket.write(right(accept, ...more));
      socket.once("data", heard);
      if (answer !== undefined) setTimeout(() => socket.write(deflated("y".repeat(9000))), 20);
    });
    const socket = dial(server.port, threshold === undefined ? {} : { compression: { threshold } });
    const log = new EventLog(socket);
    await socket.opened;
    assert.equal(socket.extensions, answer ?? "");
    socket.send("x".repeat(size));
    const [first, payload] = unmasked(await hearing);
    assert.equal(first, isCompressed ? 0xc1 : 0x81, answer);
    const text = isCompressed
      ? inflateRawSync(Uint8Array.of(...payload, 0, 0, 0xff, 0xff), { finishFlush: 2 }).toString()
      : new TextDecoder().decode(payload);
    assert.equal(text, "x".repeat(size));
    if (answer !== undefined) {
      assert.equal((await log.next("message")).data, "y".repeat(9000));
    }
    socket.terminate();
  }
});

test("terms of compression that were not offered are a failure", async () => {
  for (
    const answer of [
      "permessage-deflate; server_max_window_bits=7",
      "permessage-deflate; client_max_window_bits",
      "permessage-deflate; server_no_context_takeover=1",
      "permessage-deflate; x",
      "permessage-deflate, permessage-deflate",
      "permessage-deflate, x-other",
    ]
  ) {
    const server = await answering((socket, accept) =>
      socket.write(right(accept, `Sec-WebSocket-Extensions: ${answer}`))
    );
    const { message } = (await failureOf(dial(server.port)))!;
    assert.match(message, /extensions/, answer);
    await server.ended;
  }
});

test("a message that inflates to too much is refused, however it is inflated", async () => {
  for (const size of [100_001, 32 << 20]) {
    const server = await answering((socket, accept) => {
      socket.write(right(accept, "Sec-WebSocket-Extensions: permessage-deflate"));
      socket.write(deflated("x".repeat(size)));
    });
    const socket = dial(server.port, { maxPayload: 100_000, closeTimeout: 100 });
    const log = new EventLog(socket);
    assert.equal((await log.next("close")).code, 1006);
    const { name, message } = log.errors[0] as Error;
    assert.equal(name, "QuotaExceededError");
    assert.equal(message, "A message has more than maxPayload, 100000 bytes");
  }
});
