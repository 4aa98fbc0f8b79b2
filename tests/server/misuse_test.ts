// Misuses by a handler: each has one clear outcome, and the server lives.

import {
  type RequestInfo,
  serve,
  type Server,
  type ServerSocket,
  type Socket,
  upgrade,
  type UpgradeOptions,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readHead, request, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { text } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { askUpgrade } from "./raw_client.ts";

type Handle = (request: Request, info: RequestInfo) => Response | Promise<Response>;

let server: Server;
let handle: Handle;
let errors: unknown[] = [];

before(async () => {
  const onError = (error: unknown): void => void errors.push(error);
  const options = { port: 0, hostname: "127.0.0.1", handshakeTimeout: 1000, onError };
  server = await serve(options, (request, info) => handle(request, info));
});

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

/** Uses a handler, and shows afterwards that the server lives. */
async function using(handler: Handle, use: () => Promise<void>): Promise<void> {
  errors = [];
  handle = handler;
  await use();
  handle = (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  };
  const { peer } = await askUpgrade(server.port);
  await peer.send("alive");
  assert.deepEqual(await peer.next(), { kind: "text", data: "alive" });
  await peer.wire.end();
}

/** A socket that never opens: `error`, then `close` with 1006. */
async function fails(log: EventLog): Promise<unknown> {
  const { code, wasClean } = await log.next("close");
  assert.deepEqual([code, wasClean, log.types], [1006, false, ["error", "close"]]);
  return log.errors[0];
}

test("upgrade() twice throws, and the first socket is none the worse", async () => {
  let second: unknown;
  let log!: EventLog;
  await using((request) => {
    const { socket, response } = upgrade(request);
    log = new EventLog(socket);
    try {
      upgrade(request);
    } catch (error) {
      second = error;
    }
    return response;
  }, async () => {
    const answer = await askUpgrade(server.port);
    assert.equal(answer.status, 101);
    await log.next("open");
    assert.match(String(second), /TypeError: Cannot upgrade this request: it is upgraded already/);
    await answer.peer.wire.end();
  });
});

test("another response than upgrade()'s is sent, and the socket fails", async () => {
  let log!: EventLog;
  await using((request) => {
    log = new EventLog(upgrade(request).socket);
    return new Response("something else", { status: 403 });
  }, async () => {
    const answer = await askUpgrade(server.port);
    assert.deepEqual([answer.status, await answer.body()], [403, "something else"]);
    assert.match(String(await fails(log)), /another response/);
    assert.equal(errors.length, 1);
  });
});

test("a handler that throws after upgrade() is a 500, and the socket fails", async () => {
  let log!: EventLog;
  const failure = new Error("a bug");
  for (const asynchronous of [false, true]) {
    await using((request) => {
      log = new EventLog(upgrade(request).socket);
      if (asynchronous) return Promise.reject(failure);
      throw failure;
    }, async () => {
      const answer = await askUpgrade(server.port);
      assert.deepEqual([answer.status, await answer.body()], [500, "Internal Server Error\n"]);
      assert.equal(await fails(log), failure);
      assert.deepEqual(errors, [failure]);
    });
  }
});

test("a handler that throws, or returns no Response, is a 500", async () => {
  const handlers: Handle[] = [
    () => {
      throw new Error("a bug");
    },
    () => undefined as unknown as Response,
    () => Promise.reject("not even an Error"),
  ];
  for (const handler of handlers) {
    await using(handler, async () => {
      assert.equal((await askUpgrade(server.port)).status, 500);
      assert.equal(errors.length, 1);
    });
  }
});

/** Copies of a request, as frameworks make them for an app inside another one, with another URL. */
const COPIES: readonly ((of: Request) => Request)[] = [
  (of) => of.clone(),
  (of) => new Request(new URL("/elsewhere", of.url), of),
  (of) => new Proxy(of, { get: (target, name) => Reflect.get(target, name) }),
];

test("a copy of the request is upgraded like the request", async () => {
  for (const copy of COPIES) {
    let socket!: ServerSocket;
    await using((request) => {
      const upgraded = upgrade(copy(request));
      assert.throws(() => upgrade(request), /it is upgraded already/);
      socket = upgraded.socket;
      return upgraded.response;
    }, async () => {
      const { status, peer } = await askUpgrade(server.port, "/here");
      assert.deepEqual([status, socket.url], [101, "ws://127.0.0.1/here"]);
      await peer.wire.end();
    });
  }
});

test("a copy cannot be upgraded if two clients have sent its key, or it is answered", async () => {
  const outcomes: string[] = [];
  const copies: Request[] = [];
  let goOn!: () => void;
  const both = new Promise<void>((resolve) => goOn = resolve);
  const tryCopy = (copy: Request): void => {
    try {
      upgrade(copy);
    } catch (error) {
      outcomes.push(String(error));
    }
  };
  await using(async (request) => {
    copies.push(request.clone());
    if (copies.length === 2) goOn();
    await both;
    tryCopy(request.clone());
    await new Promise((resolve) => setTimeout(resolve)); // so that both are asked before one leaves
    return new Response("no", { status: 403 });
  }, async () => {
    const answers = await Promise.all([askUpgrade(server.port), askUpgrade(server.port)]);
    assert.deepEqual(answers.map(({ status }) => status), [403, 403]);
    for (const { peer } of answers) await peer.wire.end();
    tryCopy(copies[0]!);
    assert.equal(outcomes.length, 3);
    for (const outcome of outcomes) {
      assert.match(outcome, /TypeError: Cannot upgrade this request: it must come from/);
    }
  });
});

test("a request that is answered cannot be upgraded", async () => {
  let kept!: Request;
  await using((request) => {
    kept = request;
    return new Response("no");
  }, async () => {
    await (await askUpgrade(server.port)).body();
    assert.throws(() => upgrade(kept), /TypeError: Cannot upgrade this request: it is answered/);
  });
});

test("work before and after upgrade() may take its time", async () => {
  let log!: EventLog;
  await using(async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { socket, response } = upgrade(request);
    log = new EventLog(socket);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return response;
  }, async () => {
    const answer = await askUpgrade(server.port);
    assert.equal(answer.status, 101);
    await log.next("open");
    await answer.peer.wire.end();
  });
});

test("a client that sent data meanwhile is heard, or refused", async () => {
  let log: EventLog | undefined;
  await using(async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { socket, response } = upgrade(request);
    log = new EventLog(socket);
    return response;
  }, async () => {
    const wire = await TcpWire.connect(server.port);
    await wire.write(request("/"));
    await new WirePeer(wire, true, new Uint8Array(0)).send(text("early"));
    const { head } = (await readHead(wire))!;
    if (head.includes(" 101 ")) assert.equal((await log!.next("message")).data, "early");
    else assert.match(head, /HTTP\/1.1 (400|500)/); // Bun answers by itself: it takes data for a request
    await wire.end();
  });
});

test("a client that left meanwhile is an error and close, within handshakeTimeout", async () => {
  for (const how of ["drop", "reset"] as const) {
    let made!: (socket: Socket) => void;
    let came!: () => void;
    const socket = new Promise<Socket>((resolve) => made = resolve);
    const arrived = new Promise<void>((resolve) => came = resolve);
    let left!: () => void;
    const gone = new Promise<void>((resolve) => left = resolve);
    await using(async (request) => {
      came();
      await gone;
      const { socket, response } = upgrade(request);
      made(socket);
      return response;
    }, async () => {
      const wire = await TcpWire.connect(server.port);
      await wire.write(request("/"));
      await arrived;
      await wire[how]();
      setTimeout(left, 50); // the system needs a moment to notify the server
      const log = new EventLog(await socket);
      await log.next("close");
      assert.deepEqual(log.types.slice(-2), ["error", "close"]);
      assert.deepEqual(errors, []); // clients may leave: no bug of the program's
    });
  }
});

test("a handler that keeps the socket waiting longer than handshakeTimeout gets a 503", async () => {
  let log!: EventLog;
  await using(async (request) => {
    const { socket, response } = upgrade(request);
    log = new EventLog(socket);
    await new Promise((resolve) => socket.onclose = resolve);
    return response;
  }, async () => {
    const answer = await askUpgrade(server.port);
    assert.equal(answer.status, 503);
    assert.equal((await fails(log) as DOMException).name, "TimeoutError");
  });
});

test("options that make no sense are refused, and nothing is sent", async () => {
  const wrong: [UpgradeOptions, RegExp][] = [
    [{ protocols: ["a b"] }, /Cannot upgrade with protocol "a b": it must be a token/],
    [{ protocols: [""] }, /must be a token/],
    [{ binaryType: "nodebuffer" as BinaryType }, /binaryType "nodebuffer"/],
    [{ headers: { "Sec-WebSocket-Accept": "x" } }, /"sec-websocket-accept": it belongs/],
    [{ headers: { Connection: "close" } }, /"connection"/],
    [{ headers: { "X-Bad": "a\r\nSet-Cookie: b=1" } }, /TypeError/],
  ];
  for (const [options, message] of wrong) {
    await using((request) => upgrade(request, options).response, async () => {
      const answer = await askUpgrade(server.port);
      assert.equal(answer.status, 500);
      assert.ok(errors[0] instanceof TypeError);
      assert.match(String(errors[0]), message);
      assert.equal(answer.header("set-cookie"), undefined);
    });
  }
});

test("a request's headers, address and peer can be read after open", async () => {
  let seen!: (value: unknown) => void;
  const read = new Promise((resolve) => seen = resolve);
  await using((request, info) => {
    const { socket, response } = upgrade(request);
    socket.onopen = () => {
      seen([request.headers.get("x-ticket"), new URL(socket.url).pathname, info.remoteAddress]);
    };
    return response;
  }, async () => {
    const answer = await askUpgrade(server.port, "/chat?x=1", { "X-Ticket": "42" });
    assert.deepEqual(await read, ["42", "/chat", "127.0.0.1"]);
    await answer.peer.wire.end();
  });
});
