// Requests and responses on their way through frameworks: middleware, apps inside apps, errors.
// tests/examples shows them as they are used.

import { serve, type Server, upgrade } from "@isosocket/isosocket";
import { attach, through, upgrade as upgradeNode } from "@isosocket/isosocket/node";
import { Application, Router } from "@oakserver/oak";
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import express from "express";
import { fastify } from "fastify";
import { H3, handleCors, onResponse, withBase } from "h3";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { csrf } from "hono/csrf";
import { etag } from "hono/etag";
import { logger } from "hono/logger";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { timeout } from "hono/timeout";
import { timing } from "hono/timing";
import { runtime } from "../runtime.ts";
import { type Answer, askUpgrade } from "../server/raw_client.ts";

type Handle = Parameters<typeof serve>[1];

/** Serves an app, asks it for an upgrade at some paths, and shows what it answers. */
async function ask(
  app: Handle,
  paths: readonly string[],
  see: (answer: Answer, path: string, server: Server) => Promise<void> | void,
): Promise<void> {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, app);
  for (const path of paths) {
    const answer = await askUpgrade(server.port, path, { "Accept-Encoding": "gzip" });
    await see(answer, path, server);
    await answer.peer.wire.end();
  }
  await server.close({ deadline: 0 });
}

test("Hono: its middleware adds to the answer, in apps inside apps too", async () => {
  const lines: string[] = [];
  const inner = new Hono().get("/a/:room", (c) => {
    const { response } = upgrade(c.req.raw);
    c.header("x-own", c.req.param("room"));
    return response;
  });
  const app = new Hono()
    .use(logger((line) => void lines.push(line)), cors(), secureHeaders(), compress(), etag())
    .use(timing(), requestId(), timeout(5000), bodyLimit({ maxSize: 1 }), csrf())
    .route("/", inner)
    .route("/routed", inner)
    .mount("/mounted", inner.fetch);
  await ask(app.fetch, ["/a/b", "/routed/a/b", "/mounted/a/b"], ({ status, header }, path) => {
    assert.equal(status, 101, path);
    assert.equal(header("access-control-allow-origin"), "*");
    assert.equal(header("x-frame-options"), "SAMEORIGIN");
    assert.match(header("server-timing")!, /^total/);
    assert.match(header("x-request-id")!, /./);
    if (!path.startsWith("/mounted")) assert.equal(header("x-own"), "b");
  });
  assert.equal(lines.length, 6);
});

test("Hono: its bindings are what a handler gets of a request", async () => {
  const app = new Hono<{ Bindings: { remoteAddress: string } }>();
  app.get("/", (c) => c.text(c.env.remoteAddress, 403));
  await ask(app.fetch, ["/"], async (answer) => {
    assert.equal(await answer.body(), "127.0.0.1");
  });
});

declare const Bun: {
  serve(options: object): { readonly port: number; stop(force: boolean): Promise<void> };
};

/** An app behind a runtime's own server. */
const inOwnServer = new Hono().use(secureHeaders()).get("/", (c) => {
  const { socket, response } = upgrade(c.req.raw);
  socket.onopen = () => socket.send("here");
  return response;
});

async function askOwn(port: number): Promise<void> {
  const { status, header, peer } = await askUpgrade(port);
  assert.deepEqual([status, header("x-frame-options")], [101, "SAMEORIGIN"]);
  assert.deepEqual(await peer.next(), { kind: "text", data: "here" });
  await peer.wire.end();
}

test("Hono: wrap(app.fetch) goes with Deno.serve", {
  skip: runtime !== "deno" && "this is not Deno",
}, async () => {
  const { wrap } = await import("@isosocket/isosocket/deno");
  const app = wrap(inOwnServer.fetch);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app);
  await askOwn(server.addr.port);
  await app.close({ deadline: 100 });
  await server.shutdown();
});

test("Hono: wrap(app.fetch) goes with Bun.serve", {
  skip: runtime !== "bun" && "this is not Bun",
}, async () => {
  const { websocket, wrap } = await import("@isosocket/isosocket/bun");
  const app = wrap(inOwnServer.fetch);
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app, websocket });
  await askOwn(server.port);
  await app.close({ deadline: 100 });
  await server.stop(true);
});

/** Requests a page at the path of a socket, and checks that the refusal is counted. */
async function askForPage(url: string, refused: () => number): Promise<Response> {
  const page = await fetch(url);
  const { status, headers } = page;
  assert.deepEqual([status, headers.get("sec-websocket-version")], [426, "13"]);
  assert.equal(headers.get("upgrade"), "websocket");
  assert.equal(refused(), 1);
  return page;
}

test("Hono: a refusal is an answer to it, and counted", async () => {
  const app = new Hono().use(cors()).get("/", (c) => upgrade(c.req.raw).response);
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, app.fetch);
  const page = await askForPage(server.url, () => server.stats().refused.handshake);
  assert.match(await page.text(), /^Cannot upgrade: the Upgrade header/);
  assert.equal(page.headers.get("access-control-allow-origin"), "*");
  await server.close();
});

test("h3: its middleware adds to the answer, in apps inside apps too", async () => {
  const inner = new H3().get("/a/:room", ({ req, res, context }) => {
    res.headers.set("x-own", context.params!.room!);
    return upgrade(req).response;
  });
  const app = new H3()
    .use((event) => void handleCors(event, { origin: "*" }))
    .use(({ res }) => void ["a=1", "b=2"].forEach((it) => res.headers.append("set-cookie", it)))
    .use(onResponse((response) => new Response(response.body, response)))
    .mount("/routed", inner)
    .mount("/mounted", { fetch: (request: Request) => inner.fetch(request) })
    .all("/based/**", withBase("/based", inner.handler));
  await ask(
    (request) => app.fetch(request),
    ["/routed/a/b", "/mounted/a/b", "/based/a/b"],
    ({ status, head, header }, path) => {
      assert.deepEqual([status, header("x-own")], [101, "b"], path);
      assert.equal(header("access-control-allow-origin"), "*");
      assert.deepEqual(head.match(/(?<=^set-cookie: ).*?(?=\r?$)/gim), ["a=1", "b=2"]);
    },
  );
});

test("h3: a refusal is an answer to it, and counted", async () => {
  const app = new H3({ silent: true }).get("/", ({ req }) => upgrade(req).response);
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, app.fetch);
  const page = await askForPage(server.url, () => server.stats().refused.handshake);
  assert.equal((await page.json()).status, 426);
  await server.close();
});

test("Oak: its middleware adds to the answer, and its errors are answers", async () => {
  const router = new Router();
  router.get("/socket", ({ request, response }) => {
    const { headers } = upgrade(request.source as unknown as Request).response;
    for (const [name, value] of headers) response.headers.set(name, value);
  });
  router.get("/throws", (context) => context.throw(418, "I am a teapot"));
  const app = new Application({ logErrors: false });
  app.use(async ({ response }, next) => {
    await next();
    response.headers.append("set-cookie", "a=1");
    response.headers.append("set-cookie", "b=2");
  });
  app.use(router.routes());
  const handle = app.handle as unknown as (request: Request) => Promise<Response>;
  await ask((request) => handle(request), ["/socket"], async ({ status, head }, _, server) => {
    assert.equal(status, 101);
    assert.deepEqual(head.match(/(?<=^set-cookie: ).*?(?=\r?$)/gim), ["a=1", "b=2"]);
    assert.equal((await fetch(`${server.url}throws`)).status, 418);
    await askForPage(`${server.url}socket`, () => server.stats().refused.handshake);
  });
});

/** Serves an app of Node's kind. */
async function using(
  app: RequestListener,
  use: (port: number, refused: () => number) => Promise<void>,
): Promise<void> {
  const http = createServer(app);
  const hub = attach(http, through(app));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  await use((http.address() as AddressInfo).port, () => hub.stats().refused.handshake);
  await hub.close({ deadline: 0 });
  http.close();
  http.closeAllConnections();
}

/** The part of Express that is used here: it has no types of its own. */
interface ExpressApp extends RequestListener {
  use(...handlers: unknown[]): ExpressApp;
  get(path: string, handler: RequestListener): ExpressApp;
  set(name: string, value: string): ExpressApp;
}
const createExpress = express as unknown as {
  (): ExpressApp;
  json(): unknown;
  Router(): ExpressApp;
};

test("Express: its middleware adds to the answer, in routers too; bodies are parsed", async () => {
  const seen: string[] = [];
  const router = createExpress.Router().get("/:room", (request, response) => {
    response.setHeaders(upgradeNode(request).response.headers).end();
  });
  const app = createExpress();
  app.use(
    createExpress.json(),
    ((_request, response, next) => {
      response.setHeader("x-own", "yes");
      response.on("finish", () => seen.push("finish"));
      next();
    }) as (...args: [unknown, Parameters<RequestListener>[1], () => void]) => void,
  );
  app.use("/rooms", router);
  await using(app, async (port) => {
    const { status, header, peer } = await askUpgrade(port, "/rooms/a");
    assert.deepEqual([status, header("x-own"), header("x-powered-by")], [101, "yes", "Express"]);
    await peer.wire.end();
    assert.deepEqual(seen, ["finish"]);
    const unknown = await askUpgrade(port, "/elsewhere");
    assert.equal(unknown.status, 404);
    assert.match(await unknown.body(), /Cannot GET \/elsewhere/);
  });
});

test("Express: a refusal is an answer to it, and counted where it was a handshake", async () => {
  const app = createExpress().get("/", (request, response) => {
    response.setHeaders(upgradeNode(request).response.headers).end();
  });
  app.use(
    (error: { status: number; headers: object }, _: unknown, response: never, __: unknown) => {
      (response as Parameters<RequestListener>[1])
        .writeHead(error.status, error.headers as Record<string, string>).end();
    },
  );
  await using(app, async (port, refused) => {
    const answer = await askUpgrade(port, "/", { "Sec-WebSocket-Version": "12" });
    assert.equal(answer.status, 426);
    await answer.body();
    await askForPage(`http://127.0.0.1:${port}`, refused);
  });
});

test("Express: a page at the path of a socket is 426 and a sentence, without a stack", async () => {
  const app = createExpress().get("/", (request) => void upgradeNode(request));
  app.set("env", "test"); // in which it shows stacks, but does not log them
  await using(app, async (port) => {
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(page.status, 426);
    assert.match(
      await page.text(),
      /<pre>UpgradeError: Cannot upgrade: the Upgrade header [^<]*<\/pre>/,
    );
  });
});

test("Fastify: its hooks add to the answer, in plugins too, and see its end", async () => {
  const seen: string[] = [];
  const app = fastify();
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("set-cookie", ["a=1", "b=2"]);
    done();
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.header("x-own", "yes");
    done(null, payload);
  });
  app.addHook("onResponse", (_request, _reply, done) => {
    seen.push("onResponse");
    done();
  });
  app.register((plugin, _options, done) => {
    plugin.get("/:room", ({ raw }) => upgradeNode(raw).response);
    done();
  }, { prefix: "/rooms" });
  await app.ready();
  await using(app.routing, async (port, refused) => {
    const { status, head, header, peer } = await askUpgrade(port, "/rooms/a");
    assert.deepEqual([status, header("x-own")], [101, "yes"]);
    assert.deepEqual(head.match(/(?<=^set-cookie: ).*?(?=\r?$)/gim), ["a=1", "b=2"]);
    await peer.wire.end();
    assert.deepEqual(seen, ["onResponse"]);
    const answer = await askUpgrade(port, "/rooms/a", { "Sec-WebSocket-Version": "12" });
    assert.equal(answer.status, 426);
    await answer.body();
    await askForPage(`http://127.0.0.1:${port}/rooms/a`, refused);
  });
  await app.close();
});
