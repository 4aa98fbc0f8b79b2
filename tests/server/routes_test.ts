// Pages beside sockets: a handler's other responses are answered as ever, wherever the server listens.

import { serve, type Server, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { text, utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { places, removePaths, to } from "./places.ts";
import { type Answer, ask, askUpgrade } from "./raw_client.ts";

const servers: Server[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
  removePaths();
});

/** Lets the stream of the handler go on. */
let goOn: () => void = () => {};

async function handler(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/socket") {
    const { socket, response } = upgrade(request);
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  }
  if (pathname === "/page") return new Response(`${request.method} ${pathname}`);
  if (pathname === "/form") {
    const body = await request.text();
    return new Response(`${body.length} ${body.slice(0, 4)}`, { status: 201 });
  }
  if (pathname === "/stream") return new Response(numbers());
  return new Response("nothing here", { status: 404, headers: { "x-why": "unknown" } });
}

/** Two pieces: the second one when it is read. */
function numbers(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(utf8("one "));
      await new Promise<void>((resolve) => goOn = resolve);
      controller.enqueue(utf8("two"));
      controller.close();
    },
  });
}

for (const [name, place] of places) {
  const started = serve(place(), handler);
  started.then((server) => servers.push(server));

  const get = async (path: string, method = "GET", body = ""): Promise<Answer> => {
    const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
    const head = `${method} ${path} HTTP/1.1\r\nHost: app.example\r\n${length}\r\n`;
    return await ask(to(await started), utf8(head + body));
  };

  test(`over ${name}, GET is answered`, async () => {
    const answer = await get("/page");
    assert.equal(answer.status, 200);
    assert.equal(await answer.body(), "GET /page");
  });

  test(`over ${name}, HEAD is answered without a body`, async () => {
    const bytes = utf8("HEAD /page HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n");
    const answer = await ask(to(await started), bytes);
    assert.equal(answer.status, 200);
    assert.equal(await answer.body(), "");
  });

  test(`over ${name}, the body of POST is read`, async () => {
    for (const size of [4, 200_000]) {
      const answer = await get("/form", "POST", "x".repeat(size));
      assert.equal(answer.status, 201);
      assert.equal(await answer.body(), `${size} xxxx`);
    }
  });

  test(`over ${name}, a response that streams arrives piece by piece`, async () => {
    const answer = await get("/stream");
    assert.equal(answer.status, 200);
    await answer.part("one "); // and not all of it: the rest waits for this
    goOn();
    assert.equal(await answer.body(), "one two");
  });

  test(`over ${name}, 404 is answered with its headers`, async () => {
    const answer = await get("/elsewhere");
    assert.deepEqual([answer.status, answer.header("x-why")], [404, "unknown"]);
    assert.equal(await answer.body(), "nothing here");
  });

  test(`over ${name}, one connection serves several requests, and then a socket`, async () => {
    const wire = await to(await started)();
    const again = (): Promise<TcpWire> => Promise.resolve(wire);
    for (let i = 0; i < 2; i++) {
      const answer = await ask(again, utf8("GET /page HTTP/1.1\r\nHost: app.example\r\n\r\n"));
      assert.equal(answer.status, 200);
      assert.equal(await answer.body(true), "GET /page");
    }
    const { status, peer } = await askUpgrade(again, "/socket");
    assert.equal(status, 101);
    await peer.send(text("still here"));
    assert.deepEqual(await peer.next(), { kind: "text", data: "still here" });
    await peer.wire.end();
  });

  test(`over ${name}, an answer that is under way when the server closes arrives whole`, async () => {
    const size = 4 * 1024 * 1024;
    let closing: Promise<unknown> | undefined;
    const server: Server = await serve(place(), () => {
      closing = server.close();
      return new Response("x".repeat(size));
    });
    const answer = await ask(to(server), utf8("GET / HTTP/1.1\r\nHost: app.example\r\n\r\n"));
    assert.equal((await answer.body()).length, size);
    await closing;
  });
}
