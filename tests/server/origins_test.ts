// Pages of other origins at a server: who is refused, how, and what a handler can say about it.

import {
  connect,
  serve,
  type Server,
  type SocketOptions,
  upgrade,
  type UpgradeOptions,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { askUpgrade } from "./raw_client.ts";

const OWN = "http://127.0.0.1"; // the Host that askUpgrade() names
const EVIL = "https://evil.example";

let server: Server;
let options: UpgradeOptions = {};
const errors: unknown[] = [];

function handler(request: Request): Response {
  const { socket, response } = upgrade(request, options);
  socket.onmessage = (event) => socket.send(event.data);
  return response;
}

function start(more: SocketOptions = {}): Promise<Server> {
  const onError = (error: unknown): void => void errors.push(error);
  return serve({ port: 0, hostname: "127.0.0.1", onError, onRefuse: false, ...more }, handler);
}

before(async () => {
  server = await start();
});

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

/** Returns the answer to a page: status and body. */
async function answerTo(
  origin: string | null,
  { port }: Server = server,
): Promise<[status: number, body: string]> {
  const answer = await askUpgrade(port, "/", { Origin: origin });
  if (answer.status !== 101) return [answer.status, await answer.body()];
  await answer.peer.send("x");
  assert.deepEqual(await answer.peer.next(), { kind: "text", data: "x" });
  await answer.peer.wire.end();
  return [101, ""];
}

/** With options of `upgrade()`. */
async function using(own: UpgradeOptions, use: () => Promise<void>): Promise<void> {
  options = own;
  errors.length = 0;
  try {
    await use();
  } finally {
    options = {};
  }
}

test("a page of the server's own may connect, and who is no browser too", async () => {
  assert.deepEqual(await answerTo(OWN), [101, ""]);
  assert.deepEqual(await answerTo("https://127.0.0.1"), [101, ""]);
  assert.deepEqual(await answerTo(null), [101, ""]);
});

test("a page of another origin is refused with 403, and reads why", async () => {
  const { origin } = server.stats().refused;
  assert.deepEqual(await answerTo(EVIL), [
    403,
    `Cannot upgrade: the origin "${EVIL}" is not that of this server, "127.0.0.1": the server's ` +
    'option "origins" must allow it\n',
  ]);
  assert.equal((await answerTo(`${OWN}:${server.port}`))[0], 403); // the Host has no port
  assert.equal(server.stats().refused.origin, origin + 2);
  assert.equal(server.sockets.size, 0);
});

const MALFORMED: [string, string][] = [
  ["comes twice", `${OWN}\r\nOrigin: ${EVIL}`],
  ["comes twice, and is the same", `${OWN}\r\nOrigin: ${OWN}`],
  ["is a list", `${OWN} ${EVIL}`],
  ["is empty", ""],
  ["has a path", `${OWN}/`],
];

for (const [what, origin] of MALFORMED) {
  test(`an Origin that ${what} is refused`, async () => {
    const [status, body] = await answerTo(origin);
    assert.equal(status, 403);
    assert.match(body, /is malformed/);
  });
}

test("a refusal repeats no byte that is not plain ASCII", async () => {
  const [status, body] = await answerTo("https://ev\u00edl\t.example");
  assert.equal(status, 403);
  assert.match(body, /^[ -~]+\n$/);
});

test("what a server allows, holds for its sockets, and upgrade() can say otherwise", async () => {
  const other = await start({ origins: ["https://app.example", "null"] });
  try {
    assert.deepEqual(await answerTo("https://app.example", other), [101, ""]);
    assert.deepEqual(await answerTo("null", other), [101, ""]);
    assert.deepEqual(await answerTo(null, other), [101, ""]);
    assert.deepEqual(await answerTo(OWN, other), [
      403,
      `Cannot upgrade: the origin "${OWN}" is not allowed: the server's option "origins" must ` +
      "allow it\n",
    ]);
    await using({ origins: "*" }, async () => {
      assert.deepEqual(await answerTo(EVIL, other), [101, ""]);
      assert.deepEqual(await answerTo(`${OWN}, ${EVIL}`, other), [101, ""]);
    });
    await using({ origins: [EVIL] }, async () => {
      assert.deepEqual(await answerTo(EVIL, other), [101, ""]);
      assert.equal((await answerTo("https://app.example", other))[0], 403);
    });
    await using({ origins: undefined as unknown as "*" }, async () => {
      assert.equal((await answerTo(EVIL, other))[0], 403); // as if nothing were said
    });
  } finally {
    await other.close({ deadline: 0 });
  }
});

test("a function decides by origin and request", async () => {
  const origins = (origin: string, request: Request): boolean =>
    origin === EVIL && new URL(request.url).pathname === "/";
  await using({ origins }, async () => {
    assert.deepEqual(await answerTo(EVIL), [101, ""]);
    assert.equal((await answerTo(OWN))[0], 403);
    assert.equal((await askUpgrade(server.port, "/x", { Origin: EVIL })).status, 403);
  });
});

test("a function that throws is a 500, and the server lives", async () => {
  const failure = new Error("a bug");
  const origins = (): boolean => {
    throw failure;
  };
  await using({ origins }, async () => {
    assert.deepEqual(await answerTo(EVIL), [500, "Internal Server Error\n"]);
    assert.deepEqual(errors, [failure]);
    assert.deepEqual(await answerTo(null), [101, ""]);
  });
});

test("an asynchronous function lets nobody in, and its rejection harms nobody", async () => {
  const functions = [() => Promise.resolve(true), () => Promise.reject(new Error("a bug"))];
  for (const promising of functions) {
    await using({ origins: promising as unknown as () => boolean }, async () => {
      assert.deepEqual(await answerTo(EVIL), [500, "Internal Server Error\n"]);
      assert.equal(errors.length, 1);
      assert.match(String(errors[0]), /TypeError: Cannot tell if an origin .* by a promise/);
    });
  }
  assert.deepEqual(await answerTo(null), [101, ""]);
});

test("an origin that is none is refused by serve(), and by upgrade() for each request", async () => {
  await assert.rejects(start({ origins: ["app.example"] }), {
    name: "TypeError",
    message: /^Cannot allow origin "app\.example": it must be/,
  });
  await using({ origins: ["https://app.example/"] }, async () => {
    assert.equal((await answerTo(null))[0], 500);
    assert.match(String(errors[0]), /TypeError: Cannot allow origin "https:\/\/app\.example\/"/);
  });
});

test("a malformed handshake is refused before its origin is checked", async () => {
  const answer = await askUpgrade(server.port, "/", { "Sec-WebSocket-Key": "x", Origin: EVIL });
  assert.equal(answer.status, 400);
  assert.match(await answer.body(), /Sec-WebSocket-Key/);
});

test("this runtime's own client is let in", async () => {
  const log = new EventLog(connect(server.url));
  await log.next("open");
});
