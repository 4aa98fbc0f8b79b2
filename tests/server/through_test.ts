// Handshakes that go through an app of node:http: it answers them as it answers everything else, and
// its routes may upgrade. An app is a function here; tests/examples has Express and Fastify.

import { attach, through, upgrade, UpgradeError } from "@isosocket/isosocket/node";
import {
  type Hub,
  serve,
  type ServerSocket,
  upgrade as portableUpgrade,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { text } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "./raw_client.ts";

let http: Server;
let port: number;
let hub: Hub;
let app: RequestListener;
const errors: unknown[] = [];

before(async () => {
  const listener: RequestListener = (request, response) => app(request, response);
  http = createServer(listener);
  const onError = (error: unknown): void => void errors.push(error);
  hub = attach(http, through(listener), { onError });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  port = (http.address() as AddressInfo).port;
});

after(async () => {
  TcpWire.dropAll();
  await hub.close({ deadline: 0 });
  http.close();
});

/** Uses an app, and shows afterwards that the server lives. */
async function using(listener: RequestListener, use: () => Promise<unknown>): Promise<void> {
  errors.length = 0;
  app = listener;
  await use();
  app = (request, response) => {
    const { socket, response: { headers } } = upgrade(request);
    socket.onmessage = (event) => socket.send(event.data);
    response.setHeaders(headers).end();
  };
  const { peer } = await askUpgrade(port);
  await peer.send(text("alive"));
  assert.deepEqual(await peer.next(), { kind: "text", data: "alive" });
  await peer.wire.end();
}

/** Adds what a page of the app may have: its middleware does not know that this is a handshake. */
const WAYS: Readonly<Record<string, RequestListener>> = {
  "set one by one, and the head implied": (request, response) => {
    response.setHeader("x-a", "1");
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.setHeaders(upgrade(request).response.headers).end();
  },
  "set by middleware that hooks writeHead() and holds up end()": (request, response) => {
    const { writeHead, end } = response;
    response.writeHead = (...args: unknown[]) => {
      response.setHeader("x-a", "1");
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      return Reflect.apply(writeHead, response, args);
    };
    response.end = (...args: unknown[]) => {
      setTimeout(() => Reflect.apply(end, response, args)); // as long as a session is saved
      return response;
    };
    response.setHeaders(upgrade(request).response.headers).end();
  },
  "given to writeHead() by name": (request, response) => {
    response.setHeader("x-a", "0");
    const { headers } = upgrade(request).response;
    const given = { ...Object.fromEntries(headers), "X-A": 1, "set-cookie": ["a=1", "b=2"] };
    response.writeHead(204, given).end();
  },
  "given to writeHead() in turn": (request, response) => {
    const given = [...upgrade(request).response.headers].flat();
    response.writeHead(200, "OK", [...given, "x-a", "1", "set-cookie", "a=1", "set-cookie", "b=2"]);
    response.end("a body, which an answer to a handshake has not");
  },
};

for (const [how, listener] of Object.entries(WAYS)) {
  test(`headers ${how}, are those of the answer to the handshake`, async () => {
    await using(listener, async () => {
      const { status, head, header, peer } = await askUpgrade(port);
      assert.deepEqual([status, header("x-a")], [101, "1"]);
      assert.deepEqual(head.match(/(?<=^set-cookie: ).*?(?=\r?$)/gim), ["a=1", "b=2"]);
      assert.equal(header("isosocket-upgrade"), undefined);
      assert.equal(header("content-length"), undefined);
      hub.publish("none", ""); // nothing of the body is on the wire, only frames
      for (const socket of hub.sockets) socket.close(4001);
      assert.equal((await peer.next()).kind, "close");
      await peer.wire.end();
    });
  });
}

test("a route may take its time, and sees the end of its answer", async () => {
  const ended: string[] = [];
  await using(async (request, response) => {
    response.on("finish", () => ended.push("finish"));
    response.on("close", () => ended.push("close"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { response: { headers } } = upgrade(request);
    await new Promise((resolve) => setTimeout(resolve, 20));
    response.setHeaders(headers).end();
  }, async () => {
    const { status, peer } = await askUpgrade(port);
    assert.equal(status, 101);
    while (ended.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(ended, ["finish", "close"]);
    await peer.wire.end();
  });
});

test("what an app answers without an upgrade arrives whole, and the connection ends", async () => {
  const size = 1024 * 1024;
  const pages: RequestListener[] = [
    (_request, response) => response.writeHead(401, { "x-a": "1" }).end("x".repeat(size)),
    (_request, response) => {
      response.statusCode = 401;
      response.setHeader("x-a", "1");
      response.write("x".repeat(size / 2));
      setTimeout(() => response.end("x".repeat(size / 2)));
    },
  ];
  for (const page of pages) {
    await using(page, async () => {
      const { status, header, body, peer } = await askUpgrade(port);
      assert.deepEqual([status, header("x-a"), header("connection")], [401, "1", "close"]);
      const whole = await body(true);
      assert.deepEqual([whole.length, /^x+$/.test(whole)], [size, true]);
      assert.equal(await peer.wire.read(), undefined);
      assert.deepEqual(errors, []);
    });
  }
});

test("a client that leaves while an app still answers ends that answer only", async () => {
  let ended!: () => void;
  const over = new Promise<void>((resolve) => ended = resolve);
  await using((_request, response) => {
    const more = (): void => {
      if (response.destroyed) return ended();
      response.write("x".repeat(1024 * 1024));
      setTimeout(more, 1);
    };
    response.on("close", ended);
    more();
  }, async () => {
    const wire = await TcpWire.connect(port);
    assert.equal((await askUpgrade(wire)).status, 200);
    await wire.reset();
    await over;
  });
});

test("other upgrades are the app's as well", async () => {
  await using(
    (request, response) => response.end(`no ${request.headers.upgrade} here`),
    async () => {
      const answer = await askUpgrade(port, "/", { Upgrade: "h2c" });
      assert.deepEqual([answer.status, await answer.body()], [200, "no h2c here"]);
    },
  );
});

test("an app that throws, now or later, is a 500", async () => {
  const failure = new Error("a bug");
  const apps: RequestListener[] = [
    () => {
      throw failure;
    },
    () => Promise.reject(failure),
    (_request, response) => {
      queueMicrotask(() => response.end("too late"));
      throw failure;
    },
  ];
  for (const broken of apps) {
    await using(broken, async () => {
      const answer = await askUpgrade(port);
      const whole = await answer.body(true);
      assert.deepEqual([answer.status, whole], [500, "Internal Server Error\n"]);
      assert.equal(await answer.peer.wire.read(), undefined);
      assert.deepEqual(errors, [failure]);
    });
  }
});

test("an app that upgrades and then answers with a page fails the socket, not the page", async () => {
  let log!: EventLog;
  await using((request, response) => {
    log = new EventLog(upgrade(request).socket);
    response.writeHead(403).end("changed my mind");
  }, async () => {
    const answer: Answer = await askUpgrade(port);
    assert.deepEqual([answer.status, await answer.body()], [403, "changed my mind"]);
    assert.equal((await log.next("close")).code, 1006);
    assert.match(String(errors), /^TypeError: Cannot open: the handler returned another response/);
  });
});

test("a client that leaves before the app has answered fails its socket only", async () => {
  let socket!: ServerSocket;
  let answer!: () => void;
  const asked = new Promise<void>((resolve) => {
    app = (request, response) => {
      const upgraded = upgrade(request);
      socket = upgraded.socket;
      answer = () => response.setHeaders(upgraded.response.headers).end();
      resolve();
    };
  });
  await using(app, async () => {
    const wire = await TcpWire.connect(port);
    void askUpgrade(wire).catch(() => {});
    await asked;
    const log = new EventLog(socket);
    const gone = new Promise((resolve) => {
      http.getConnections((_error, count) => resolve(count));
    });
    await wire.end();
    await gone;
    setTimeout(answer, 20);
    assert.equal((await log.next("close")).code, 1006);
  });
});

test("an app that upgrades when its client has left gets a socket that fails", async () => {
  let left!: () => void;
  const hasLeft = new Promise<void>((resolve) => left = resolve);
  let came!: () => void;
  const asked = new Promise<void>((resolve) => came = resolve);
  let end!: (outcome: unknown) => void;
  const outcome = new Promise<unknown>((resolve) => end = resolve);
  await using(async (request, response) => {
    response.on("close", () => setTimeout(left, 20)); // when attach() knows it, too
    came();
    await hasLeft;
    try {
      const { socket, response: { headers } } = upgrade(request);
      socket.onclose = ({ code }) => end(code);
      response.setHeaders(headers).end();
    } catch (error) {
      end(error);
    }
  }, async () => {
    const wire = await TcpWire.connect(port);
    void askUpgrade(wire).catch(() => {});
    await asked;
    await wire.reset();
    assert.equal(await outcome, 1006);
    assert.deepEqual(errors, []);
    assert.equal(hub.sockets.size, 0);
  });
});

test("a refusal is thrown to the app, and counted", async () => {
  let refusal: unknown;
  await using((request, response) => {
    try {
      upgrade(request);
    } catch (error) {
      refusal = error;
      const { status, headers } = error as UpgradeError;
      response.writeHead(status, headers).end();
    }
  }, async () => {
    const before = hub.stats().refused.origin;
    const answer = await askUpgrade(port, "/", { Origin: "https://evil.example" });
    assert.equal(answer.status, 403);
    await answer.body();
    assert.ok(refusal instanceof UpgradeError);
    assert.equal(hub.stats().refused.origin, before + 1);
  });
});

test("a request for a page is refused as that, wherever it comes from", async () => {
  let refusal: unknown;
  await using((request, response) => {
    try {
      upgrade(request);
    } catch (error) {
      refusal = error;
    }
    response.end();
  }, async () => {
    await (await fetch(`http://127.0.0.1:${port}`)).text();
    assert.match(String(refusal), /UpgradeError: Cannot upgrade: the Upgrade header must have/);
  });
});

test("a handshake that did not come through cannot be upgraded by an app", async () => {
  const other = createServer();
  let thrown: unknown;
  other.on("upgrade", (request, stream) => {
    try {
      upgrade(request);
    } catch (error) {
      thrown = error;
    }
    stream.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  await (await askUpgrade((other.address() as AddressInfo).port)).peer.wire.end();
  other.close();
  assert.match(String(thrown), /TypeError: Cannot upgrade this request: it must come from attach/);
});

test("a handler of through() is for attach() only", async () => {
  let error: unknown;
  const options = { port: 0, hostname: "127.0.0.1", onError: (it: unknown) => void (error = it) };
  const server = await serve(options, through(() => {}));
  assert.equal((await fetch(server.url)).status, 500);
  assert.match(String(error), /TypeError: Cannot go through the app/);
  await server.close();
});

test("the portable upgrade() names the one that takes requests of node:http", async () => {
  let thrown: unknown;
  await using((request, response) => {
    try {
      portableUpgrade(request as unknown as Request);
    } catch (error) {
      thrown = error;
      response.writeHead(500).end();
    }
  }, async () => {
    assert.equal((await askUpgrade(port)).status, 500);
    assert.match(
      String(thrown),
      /^TypeError: .* one of node:http, .* of "(?:@isosocket\/)?isosocket\/node"$/,
    );
  });
});
