// Frameworks in front of a handler: they catch errors, and have their own responses.

import { serve, type Server, upgrade, type UpgradeError } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "./raw_client.ts";

let server: Server;
let handle: (request: Request) => Response;

before(async () => {
  const options = { port: 0, hostname: "127.0.0.1" };
  server = await serve(options, (request) => handle(request));
});

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

/** Sends a handshake of a version that there is not. */
function askWrongly(): Promise<Answer> {
  return askUpgrade(server.port, "/", { "Sec-WebSocket-Version": "12" });
}

/** Upgrades, and makes an answer of what that throws. */
function caught(answerTo: (error: UpgradeError) => Response): (request: Request) => Response {
  return (request) => {
    try {
      return upgrade(request).response;
    } catch (error) {
      return answerTo(error as UpgradeError);
    }
  };
}

test("a refusal that a framework has answered is counted, and has the headers it needs", async () => {
  handle = caught(({ status }) => {
    const headers = { "content-type": "application/json", "x-framework": "yes" };
    return new Response(`{"status":${status}}`, { status, headers });
  });
  const before = server.stats().refused.handshake;
  const answer = await askWrongly();
  assert.equal(answer.status, 426);
  assert.equal(answer.header("sec-websocket-version"), "13");
  assert.equal(answer.header("content-type"), "application/json");
  assert.equal(answer.header("x-framework"), "yes");
  assert.equal(await answer.body(), '{"status":426}');
  assert.equal(server.stats().refused.handshake, before + 1);
});

test("a refusal that a framework takes for a bug of the server's is counted too", async () => {
  handle = caught(() => new Response("Internal Server Error", { status: 500 }));
  const before = server.stats().refused.handshake;
  const answer = await askWrongly();
  assert.deepEqual([answer.status, await answer.body()], [500, "Internal Server Error"]);
  assert.equal(server.stats().refused.handshake, before + 1);
});

test("a handler that has a page for what is no handshake has refused nobody", async () => {
  handle = caught(() => new Response("a page"));
  const before = server.stats().refused.handshake;
  assert.equal(await (await askWrongly()).body(), "a page");
  assert.equal(server.stats().refused.handshake, before);
});

test("a copy of what is no handshake is refused as that", async () => {
  handle = (request) => upgrade(new Request(request)).response;
  const answer = await fetch(server.url);
  assert.equal(answer.status, 426);
  assert.match(await answer.text(), /^Cannot upgrade: the Upgrade header must have "websocket"/);
});

/** A response as a package brings it: it looks like the platform's, and is none. */
class OwnResponse {
  readonly type = "default";
  readonly statusText = "";
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream | null;

  constructor({ status, headers, body }: Response) {
    this.status = status;
    this.headers = new Headers(headers);
    this.body = body;
    this.headers.append("set-cookie", "a=1");
    this.headers.append("set-cookie", "b=2");
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

test("a response of a framework's own class is sent like the platform's", async () => {
  handle = () => new OwnResponse(new Response("a page", { status: 201 })) as unknown as Response;
  const answer = await fetch(server.url);
  assert.deepEqual([answer.status, await answer.text()], [201, "a page"]);
  assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
});

test("a placeholder that was copied into one becomes a 101, with its headers", async () => {
  handle = (request) => new OwnResponse(upgrade(request).response) as unknown as Response;
  const { status, head, peer } = await askUpgrade(server.port);
  assert.equal(status, 101);
  assert.equal(head.match(/^set-cookie: [ab]=\d\r?$/gim)?.length, 2);
  await peer.wire.end();
});

test("what only calls itself an answer is none", async () => {
  handle = () => ({ status: 200, headers: new Headers() }) as Response;
  const log = console.error;
  console.error = () => {};
  try {
    assert.equal((await fetch(server.url)).status, 500);
  } finally {
    console.error = log;
  }
});
