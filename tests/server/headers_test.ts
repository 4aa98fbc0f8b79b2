// Headers that a handler sets: they are sent, the same on all runtimes, or refused; and whatever they
// are, the server lives.

import { serve, type Server, upgrade, UpgradeError } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "./raw_client.ts";

type Lines = [name: string, value: string][];

let server: Server;
let handle: (request: Request) => Response;
const errors: unknown[] = [];

before(async () => {
  const onError = (error: unknown): void => void errors.push(error);
  const options = { port: 0, hostname: "127.0.0.1", onError, onRefuse: false } as const;
  server = await serve(options, (request) => handle(request));
});

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

/** The ways in which a handler can set headers. */
const WAYS: Readonly<Record<string, (request: Request, headers: Lines) => Response>> = {
  "for upgrade()": (request, headers) => upgrade(request, { headers }).response,
  "on its response": (request, headers) => {
    const { response } = upgrade(request);
    for (const [name, value] of headers) response.headers.append(name, value);
    return response;
  },
  "on a copy of its response": (request, headers) => {
    const { response } = upgrade(request);
    const copy = new Response(response.body, response);
    for (const [name, value] of headers) copy.headers.append(name, value);
    return copy;
  },
};

/** Asks a handler, and shows afterwards that the server lives. */
async function using(
  handler: typeof handle,
  use: (answer: Answer) => Promise<unknown> | void,
): Promise<void> {
  errors.length = 0;
  handle = handler;
  const answer = await askUpgrade(server.port);
  await use(answer);
  await answer.peer.wire.end();
  handle = (request) => upgrade(request).response;
  const alive = await askUpgrade(server.port);
  assert.equal(alive.status, 101);
  await alive.peer.wire.end();
}

/** The lines of an answer with a name. */
function linesOf({ head }: Answer, name: string): string[] {
  return head.split("\r\n").slice(1).filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

const MALFORMED: Lines = [
  ["X-A", "a\rX-B: b"],
  ["X-A", "a\nX-B: b"],
  ["X-A", "a\r\nX-B: b"],
  ["X-A", "a\r\n\r\nb"],
  ["X-A", "a\0b"],
  ["X-A", "a\x01b"],
  ["X-A", "a\x1bb"],
  ["X-A", "a\x7fb"],
  ["X-A", "caf\u00e9"],
  ["X-A", "\u2713"],
  ["X A", "a"],
  ["X-A:", "a"],
  ["X-A\r\nX-B", "a"],
  ["", "a"],
];

for (const [way, set] of Object.entries(WAYS)) {
  for (const line of MALFORMED) {
    test(`the header ${JSON.stringify(line.join(": "))} ${way} is a 500`, async () => {
      await using((request) => set(request, [line]), async (answer) => {
        assert.equal(answer.status, 500, answer.head);
        assert.equal(answer.header("x-b"), undefined);
        assert.equal(await answer.body(), "Internal Server Error\n");
        assert.equal(errors.length, 1);
        assert.ok(errors[0] instanceof TypeError);
      });
    });
  }

  test(`headers ${way} are sent as they are`, async () => {
    const date = "Thu, 01 Jan 2026 00:00:00 GMT";
    const headers: Lines = [
      ["Set-Cookie", "a=1; Path=/"],
      ["Set-Cookie", "b=2, 3"],
      ["set-cookie", "c=4"],
      ["X-Tab", "a\tb"],
      ["X-Ends", "a\r\n"],
      ["X-Empty", ""],
      ["X-Twice", "1"],
      ["X-Twice", "2"],
      ["Date", date],
      ["Server", "mine"],
    ];
    await using((request) => set(request, headers), (answer) => {
      assert.equal(answer.status, 101, answer.head);
      assert.deepEqual(linesOf(answer, "set-cookie"), ["a=1; Path=/", "b=2, 3", "c=4"]);
      const names = ["x-tab", "x-ends", "x-empty", "date", "server"];
      const lines = names.map((name) => linesOf(answer, name));
      assert.deepEqual(lines, [["a\tb"], ["a"], [""], [date], ["mine"]]);
      assert.equal(answer.header("x-twice"), "1, 2");
    });
  });
}

const OWN: Lines = [
  ["Connection", "close"],
  ["Content-Length", "5"],
  ["Keep-Alive", "timeout=5"],
  ["Proxy-Connection", "close"],
  ["TE", "trailers"],
  ["Trailer", "X-A"],
  ["Transfer-Encoding", "chunked"],
  ["Upgrade", "h2c"],
  ["Sec-WebSocket-Accept", "forged"],
  ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ["Sec-WebSocket-Key", "forged"],
  ["Sec-WebSocket-Protocol", "forged"],
  ["Sec-WebSocket-Version", "8"],
];

/** Headers of the handshake itself. */
const TRUE: Readonly<Record<string, string>> = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
};

for (const [name, value] of OWN) {
  test(`the header ${name} for upgrade() is refused: it belongs to the handshake`, async () => {
    const headers: Lines = [["X-A", "a"], [name, value]];
    await using((request) => upgrade(request, { headers }).response, (answer) => {
      assert.equal(answer.status, 500, answer.head);
      assert.equal(
        String(errors[0]),
        `TypeError: Cannot set the header "${name.toLowerCase()}": it belongs to the handshake`,
      );
    });
  });

  test(`the header ${name} on a response is left out: frameworks may have added it`, async () => {
    const set = WAYS["on a copy of its response"]!;
    await using((request) => set(request, [[name, value], ["X-A", "a"]]), async (answer) => {
      assert.equal(answer.status, 101, answer.head);
      assert.equal(answer.header("x-a"), "a");
      assert.equal(answer.header(name)?.toLowerCase(), TRUE[name]?.toLowerCase());
      await answer.peer.send({ opcode: 9, payload: new Uint8Array([120]) });
      assert.deepEqual(await answer.peer.next(), { kind: "pong", data: "x" });
    });
  });
}

test("an answer that is none, or has a control character in a header, is a 500", async () => {
  // A bare Deno server ends for the control characters, and so does every other socket of it.
  const answers: (() => Response)[] = [
    () => new Response("a page", { headers: { "X-A": "a\x01b" } }),
    () => new Response("a page", { headers: { "X-A": "a\x7fb" } }),
    () => Response.error(),
  ];
  for (const answer of answers) {
    await using(answer, async (answer) => {
      assert.equal(answer.status, 500, answer.head);
      assert.equal(await answer.body(), "Internal Server Error\n");
      assert.match(String(errors[0]), /^TypeError: Cannot answer: /);
    });
  }
});

test("an answer with a header that is not ASCII is the handler's own business", async () => {
  await using(() => new Response("a page", { headers: { "X-A": "caf\u00e9" } }), (answer) => {
    assert.equal(answer.status, 200);
  });
});

test("an UpgradeError is refused when it is made, if it cannot be sent", async () => {
  for (const status of [0, 99, 101, 200, 204, 304, 399, 600, 404.5, NaN, Infinity]) {
    assert.throws(() => new UpgradeError("no", status), {
      name: "RangeError",
      message: `Cannot refuse with status ${status}: it must be between 400 and 599`,
    });
  }
  for (const [name, value] of MALFORMED) {
    assert.throws(() => new UpgradeError("no", 400, { [name]: value }), TypeError);
  }
  const throwing = (): never => {
    throw new UpgradeError("no", 204);
  };
  await using(throwing, async (answer) => {
    assert.deepEqual([answer.status, await answer.body()], [500, "Internal Server Error\n"]);
    assert.match(String(errors[0]), /^RangeError/);
  });
});

test("an UpgradeError sends its headers, also another type of content", async () => {
  const headers = { "X-A": "a", "Content-Type": "application/json" };
  const throwing = (): never => {
    throw new UpgradeError('{"error":"no"}', 401, headers);
  };
  await using(throwing, async (answer) => {
    assert.equal(answer.status, 401);
    assert.deepEqual(linesOf(answer, "content-type"), ["application/json"]);
    assert.equal(answer.header("x-a"), "a");
    assert.equal(await answer.body(), '{"error":"no"}\n');
  });
});
