// The opening handshake of a client on bytes: which answers open a connection, what is told of others,
// and that nothing of them stays.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { FakeClock } from "@isosocket/isosocket/testing";
import { answering, endAfter, right, shaken } from "./handshake_server.ts";

endAfter();

const to = (port: number): string => `ws://127.0.0.1:${port}/`;

/** Waits for the tasks that are due. */
const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function byteByByte(socket: Socket, text: string): Promise<void> {
  socket.setNoDelay(true);
  for (const byte of text) {
    socket.write(byte);
    await turn();
  }
}

test("the request is a handshake, with the program's headers behind", async () => {
  const server = await answering((socket, accept) => socket.write(right(accept)));
  const { error } = await shaken(`${to(server.port)}a%20b?c=d&e`, {
    protocols: ["one", "two"],
    extensions: "permessage-deflate",
    headers: { "x-one": "1", "user-agent": "test" },
  });
  assert.equal(error, undefined);
  const [line, ...headers] = server.heads[0]!.trimEnd().split("\r\n");
  assert.equal(line, "GET /a%20b?c=d&e HTTP/1.1");
  const values = new Map(
    headers.map((header) => [header.split(":", 1)[0]!.toLowerCase(), header.split(": ")[1]]),
  );
  assert.equal(values.size, headers.length);
  const key = values.get("sec-websocket-key")!;
  assert.match(key, /^[+/\w]{22}==$/);
  values.delete("sec-websocket-key");
  assert.deepEqual(Object.fromEntries(values), {
    host: `127.0.0.1:${server.port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-protocol": "one, two",
    "sec-websocket-extensions": "permessage-deflate",
    "x-one": "1",
    "user-agent": "test",
  });
  await shaken(to(server.port));
  assert.ok(!server.heads[1]!.includes(key));
  assert.ok(!/protocol|extensions|user-agent/i.test(server.heads[1]!), server.heads[1]);
});

test("an answer is accepted whole or byte by byte, with what comes behind, in order", async () => {
  const early = "Early".repeat(20);
  const ways = {
    whole: (socket: Socket, text: string) => void socket.write(text),
    "byte by byte": byteByByte,
  };
  for (const [how, write] of Object.entries(ways)) {
    const server = await answering((socket, accept) =>
      write(socket, right(accept, "Sec-WebSocket-Protocol: one", "X-More: 1") + early)
    );
    const { stream, head, terms } = await shaken(to(server.port), { protocols: ["one"] });
    assert.deepEqual(terms, { protocol: "one", extensions: undefined }, how);
    let text = head!;
    stream!.on("data", (bytes) => text += bytes.toString());
    while (text.length < early.length) await turn(1);
    assert.equal(text, early, how);
    stream!.write("hello"); // both directions
    stream!.destroy();
    await server.ended;
  }
});

test("what RFC 6455 leaves open is accepted", async () => {
  const answers: ((accept: string) => string)[] = [
    (accept) => right(accept).replace("Upgrade: websocket", "uPGRADE:WebSocket"),
    (accept) => right(accept).replace("Connection: Upgrade", "Connection: close, uPGRADE ,foo"),
    (accept) =>
      right(accept).replace("Connection: Upgrade", "Connection: foo\r\nConnection: Upgrade"),
    (accept) => right(`  ${accept} \t`),
    (accept) => right(accept).replace("101 Switching Protocols", "101 "),
    (accept) => right(accept).replace("101 Switching Protocols", "101 Come In"),
    (accept) => `HTTP/1.1 100 Continue\r\n\r\n${right(accept)}`,
    (accept) => `HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n${right(accept)}`,
    (accept) => right(accept, `X-Large: ${"x".repeat(4096)}`),
    (accept) => right(accept, ...Array.from({ length: 100 }, (_, at) => `X-${at}: 1`)),
    (accept) => right(accept, "Content-Length: 5"),
  ];
  for (const answer of answers) {
    const server = await answering((socket, accept) => socket.write(answer(accept)));
    const { error } = await shaken(to(server.port));
    assert.equal(error, undefined, `${answer}`);
  }
});

test("extensions are told as they came", async () => {
  const server = await answering((socket, accept) =>
    socket.write(right(accept, "Sec-WebSocket-Extensions: a; b=1", "sec-websocket-extensions: c"))
  );
  const { terms } = await shaken(to(server.port), { extensions: "a, c" });
  assert.equal(terms!.extensions, "a; b=1,c");
});

const replaced = (what: string | RegExp, by: string) => (accept: string): string =>
  right(accept).replace(what, by);

const wrong: Readonly<Record<string, readonly [(accept: string) => string, RegExp]>> = {
  "no Upgrade": [replaced("Upgrade: websocket\r\n", ""), /Upgrade header/],
  "an empty Upgrade": [replaced("Upgrade: websocket", "Upgrade: "), /Upgrade header/],
  "another Upgrade": [replaced("websocket", "h2c"), /Upgrade header is "h2c"/],
  "an Upgrade that goes on": [replaced("websocket", "websockets"), /Upgrade header/],
  "two upgrades": [replaced("websocket", "websocket, h2c"), /Upgrade header/],
  "no Connection": [replaced("Connection: Upgrade\r\n", ""), /Connection header/],
  "Connection: close": [replaced("Connection: Upgrade", "Connection: close"), /Connection header/],
  "a Connection that goes on": [
    replaced("Connection: Upgrade", "Connection: Upgraded"),
    /Connection header/,
  ],
  "no Accept": [replaced(/Sec-WebSocket-Accept.*\r\n/, ""), /Sec-WebSocket-Accept is "",/],
  "an empty Accept": [() => right(""), /Sec-WebSocket-Accept/],
  "another key's Accept": [() => right("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), /Sec-WebSocket-Accept/],
  "an Accept in lower case": [(accept) => right(accept.toLowerCase()), /Sec-WebSocket-Accept/],
  "an Accept that goes on": [(accept) => right(`${accept}=`), /Sec-WebSocket-Accept/],
  "two Accepts": [(accept) => right(accept, `Sec-WebSocket-Accept: ${accept}`), /-Accept/],
  "two subprotocols": [
    (accept) => right(accept, "Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: a"),
    /Sec-WebSocket-Protocol is "a,a"/,
  ],
  "a list of subprotocols": [
    (accept) => right(accept, "Sec-WebSocket-Protocol: a, b"),
    /one token/,
  ],
  "an empty subprotocol": [(accept) => right(accept, "Sec-WebSocket-Protocol:"), /one token/],
  "HTTP/1.0": [replaced("HTTP/1.1", "HTTP/1.0"), /version of HTTP/],
  "another protocol": [() => "SSH-2.0-OpenSSH_9.6\r\n\r\n", /Parse Error/],
  "a status of four digits": [replaced("101", "1010"), /Parse Error/],
  "a header without a colon": [(accept) => right(accept, "no colon"), /Parse Error/],
  "a NUL": [(accept) => right(accept, "X-Nul: a\0b"), /Parse Error/],
  "a header that is too large": [
    (accept) => right(accept, `X-Large: ${"x".repeat(200_000)}`),
    /Header overflow/,
  ],
};

for (const [what, [answer, message]] of Object.entries(wrong)) {
  test(`an answer with ${what} opens nothing, and the connection is closed`, async () => {
    const server = await answering((socket, accept) => socket.write(answer(accept)));
    const { error } = await shaken(to(server.port));
    assert.match(error!.message, message);
    assert.ok(error!.message.length < 700);
    assert.equal(error!.status, undefined);
    await server.ended;
    assert.equal(server.connections(), 1);
  });
}

test("a refusal tells status, headers and body, and the connection is closed", async () => {
  const server = await answering((socket) =>
    socket.write(
      "HTTP/1.1 401 Who Are You\r\nWWW-Authenticate: Basic\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n" +
        "Retry-After: 7\r\nX-Latin: \xe9\r\nContent-Length: 7\r\n\r\nN\u00fc, no",
    )
  );
  const { error } = await shaken(to(server.port));
  const { message, status, statusText, headers, body, retryAfter, code } = error!;
  assert.deepEqual([message, status, statusText, body, retryAfter, code], [
    "Unexpected server response: 401",
    401,
    "Who Are You",
    "N\u00fc, no",
    7000,
    undefined,
  ]);
  assert.equal(headers!.get("www-authenticate"), "Basic");
  assert.deepEqual(headers!.getSetCookie(), ["a=1", "b=2"]);
  await server.ended;
});

test("no other status opens a connection, and no redirect is followed", async () => {
  const elsewhere = await answering((socket) => socket.end());
  for (const status of [200, 201, 204, 301, 302, 303, 307, 308, 304, 400, 407, 426, 503, 999]) {
    const server = await answering((socket, accept) =>
      socket.write(
        right(accept, `Location: http://127.0.0.1:${elsewhere.port}/`, "Content-Length: 0")
          .replace("101", `${status}`),
      )
    );
    const { error } = await shaken(to(server.port));
    assert.equal(error!.status, status);
    assert.equal(error!.body, "");
    await server.ended;
  }
  assert.equal(elsewhere.connections(), 0);
});

test("the body of a refusal is read to 4 KiB at most, and no character is cut", async () => {
  let sent = 0;
  const server = await answering(async (socket) => {
    socket.write("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (!socket.destroyed && sent < 64 << 20) {
      const isRead = socket.write(`ffff\r\n${"\u20ac".repeat(21845)}\r\n`);
      sent += 65535;
      if (!isRead) {
        await Promise.race([
          turn(20),
          new Promise((drain) => socket.once("drain", drain)),
        ]);
      } else await turn();
    }
  });
  const { error } = await shaken(to(server.port));
  assert.equal(error!.body, "\u20ac".repeat(1365));
  await server.ended;
  assert.ok(sent < 16 << 20, `${sent} bytes`);
});

test("a body that never ends is waited for no longer than a second", async () => {
  const server = await answering((socket) =>
    socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nBecause")
  );
  const clock = new FakeClock();
  const outcome = shaken(to(server.port), { clock });
  while (clock.timers.length === 0) await turn(1);
  await clock.advance(1000);
  const { error } = await outcome;
  assert.deepEqual([error!.status, error!.body], [403, "Because"]);
  await server.ended;
});

test("a refusal that is cut short is told as far as it came", async () => {
  for (const cut of ["end", "resetAndDestroy"] as const) {
    const server = await answering((socket) => {
      socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nBecause");
      setTimeout(() => socket[cut](), 50);
    });
    const { error } = await shaken(to(server.port));
    assert.deepEqual([error!.status, error!.body], [403, "Because"]);
  }
});
