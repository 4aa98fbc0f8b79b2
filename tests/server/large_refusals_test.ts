// Answers to handshakes that are no upgrades, and more than a buffer holds: they end, or are cut, and
// nothing of them stays.

import { attach, through } from "@isosocket/isosocket/node";
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, pipeline, Readable } from "node:stream";
import { after, test } from "node:test";
import { readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { allEntryPoints, type EntryPoint } from "./entry_points.ts";
import { assertServes, HANDSHAKE_TIMEOUT, type Pages, type Site, startSite } from "./site.ts";
import { ask, askUpgrade } from "./raw_client.ts";

const servers: { close(): Promise<void> }[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close();
});

/** Characters of a page: more than all buffers of a connection hold together. */
const LARGE = 16 * 1024 * 1024;

const PART = 256 * 1024;
const part = utf8("x".repeat(PART));

/** A page that is made as it is read. */
function streamed(source: { cancel?: () => void; fail?: Error } = {}): Response {
  let left = LARGE;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (source.fail !== undefined && left < LARGE / 2) return controller.error(source.fail);
      controller.enqueue(part);
      left -= PART;
      if (left === 0) controller.close();
    },
    cancel: () => source.cancel?.(),
  });
  return new Response(body, { status: 404 });
}

/** Number of bytes up to the end of a connection. */
async function sizeOf(wire: TcpWire): Promise<number> {
  let size = 0;
  for (let bytes; (bytes = await wire.read()) !== undefined;) size += bytes.length;
  return size;
}

/** Waits until a condition holds. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!await condition()) {
    assert.ok(performance.now() < end, "The condition does not hold after 10 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const PAGES: Readonly<Record<string, () => Response>> = {
  "in one piece": () => new Response("x".repeat(LARGE), { status: 404 }),
  "that is streamed": () => streamed(),
};

/** As a client over TLS, Deno reads on after pause(), and sometimes does not after resume(). */
const canPause = ({ isSecure }: EntryPoint): boolean => !(isSecure && runtime === "deno");

for (const entryPoint of allEntryPoints) {
  for (const [how, page] of Object.entries(PAGES)) {
    test(`a large page ${how} answers a handshake, and its connection ends: ${entryPoint.name}`, async () => {
      const pages: Pages = ({ url }) => url.endsWith("/page") ? page() : undefined;
      const site = await startSite(entryPoint, pages);
      servers.push(site);
      const wire = await site.connect();
      if (canPause(entryPoint)) await wire.pause();
      const asked = askUpgrade(wire, "/page");
      await new Promise((resolve) => setTimeout(resolve, 50)); // its buffers fill
      if (canPause(entryPoint)) await wire.resume();
      const { status, header, body } = await asked;
      assert.equal(status, 404);
      assert.equal((await body(true)).length, LARGE);
      if (entryPoint.isNode) {
        assert.equal(header("connection"), "close");
        assert.equal(await wire.read(), undefined);
      }
      assert.deepEqual(site.errors, []);
      await assertServes(site);
    });
  }

  test(`a client that leaves such a page ends its source: ${entryPoint.name}`, async () => {
    let cancelled = 0;
    const pages: Pages = ({ url }) =>
      url.endsWith("/page") ? streamed({ cancel: () => void cancelled++ }) : undefined;
    const site = await startSite(entryPoint, pages);
    servers.push(site);
    const wire = await site.connect();
    assert.equal((await askUpgrade(wire, "/page")).status, 404);
    await wire.pause();
    await wire.drop();
    await until(() => cancelled === 1);
    assert.deepEqual(site.errors, []);
    await assertServes(site);
  });

  test(`a page that fails in the middle is cut: ${entryPoint.name}`, async () => {
    const fail = new Error("the disk is gone");
    const pages: Pages = ({ url }) => url.endsWith("/page") ? streamed({ fail }) : undefined;
    const site = await startSite(entryPoint, pages);
    servers.push(site);
    for (const upgrade of ["websocket", "h2c"]) {
      const wire = await site.connect();
      await wire.write(request("/page", { Upgrade: upgrade }));
      assert.ok(await sizeOf(wire) < LARGE);
    }
    if (entryPoint.isNode && entryPoint.hasPages) assert.deepEqual(site.errors, [fail, fail]);
    await assertServes(site);
  });

  if (!entryPoint.isNode || !canPause(entryPoint)) continue;

  test(`a client that takes nothing of such a page is cut after handshakeTimeout: ${entryPoint.name}`, async () => {
    let cancelled = 0;
    const pages: Pages = ({ url }) =>
      url.endsWith("/page") ? streamed({ cancel: () => void cancelled++ }) : undefined;
    const site = await startSite(entryPoint, pages);
    servers.push(site);
    const wire = await site.connect();
    await wire.pause();
    const begun = performance.now();
    await wire.write(request("/page"));
    await until(() => cancelled === 1);
    assert.ok(performance.now() - begun > 0.9 * HANDSHAKE_TIMEOUT, "It was cut too early");
    await wire.resume();
    assert.ok(await sizeOf(wire) < LARGE);
    await assertServes(site);
  });

  test(`a client that leaves an answer which says nothing more is let go: ${entryPoint.name}`, async () => {
    let cancelled = 0;
    const silent = (): Response => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(utf8("begun")),
        cancel: () => void cancelled++,
      });
      return new Response(body, { status: 403 });
    };
    const site = await startSite(
      entryPoint,
      ({ url }) => url.endsWith("/page") ? silent() : undefined,
    );
    servers.push(site);
    const wire = await site.connect();
    assert.equal((await askUpgrade(wire, "/page")).status, 403);
    await wire.drop();
    await until(() => cancelled === 1);
    assert.deepEqual(site.errors, []);
    await assertServes(site);
  });
}

/** A server whose app answers all requests. */
async function serving(app: RequestListener): Promise<
  Pick<Site, "connect" | "errors"> & {
    connections: () => Promise<number>;
  }
> {
  const errors: unknown[] = [];
  const http = createServer(app);
  const hub = attach(http, through(app), { onError: (error) => void errors.push(error) });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    await hub.close({ deadline: 0 });
    http.closeAllConnections();
    http.close();
  };
  servers.push({ close });
  const { port } = http.address() as AddressInfo;
  const connections = (): Promise<number> =>
    new Promise((resolve) => http.getConnections((_error, count) => resolve(count)));
  return { connect: () => TcpWire.connect(port), errors, connections };
}

const WAYS: Readonly<Record<string, RequestListener>> = {
  "piped, as express.static() does it": (_request, response) => {
    Readable.from(parts()).pipe(response.writeHead(404));
  },
  "by pipeline(), of which a part has been written": (_request, response) => {
    response.writeHead(404);
    response.write(part, () => pipeline(Readable.from(parts(LARGE - PART)), response, () => {}));
  },
  "through another stream": (_request, response) => {
    pipeline(Readable.from(parts()), new PassThrough(), response.writeHead(404), () => {});
  },
  "written as the drain allows": (_request, response) => {
    response.statusCode = 404;
    let left = LARGE;
    const more = (): void => {
      while (left > 0) {
        left -= PART;
        if (!response.write(part)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  },
};

function* parts(size = LARGE): Generator<Uint8Array> {
  for (let left = size; left > 0; left -= PART) yield part;
}

for (const [how, app] of Object.entries(WAYS)) {
  test(`a large page of an app arrives whole, ${how}`, async () => {
    const site = await serving(app);
    const { status, body, peer } = await askUpgrade(site.connect);
    assert.equal(status, 404);
    assert.equal((await body(true)).length, LARGE);
    assert.equal(await peer.wire.read(), undefined);
    await until(async () => await site.connections() === 0);
    assert.deepEqual(site.errors, []);
  });
}

const failure = new Error("a bug");

/** Misuses by an app, and what its client gets: a status, or nothing but the end. */
const MISUSES: readonly (readonly [
  what: string,
  app: RequestListener,
  status: number | undefined,
  says?: RegExp,
])[] = [
  ["destroys its answer", (_request, response) => void response.destroy(), undefined],
  [
    "destroys its answer later",
    (_request, response) => void setTimeout(() => response.destroy(), 5),
    undefined,
  ],
  [
    "destroys the connection of its answer",
    (_request, response) => void response.socket!.destroy(),
    undefined,
  ],
  ["destroys the connection", (request) => void request.socket.destroy(), undefined],
  [
    "destroys its answer in the middle",
    (_request, response) => {
      response.writeHead(200, { "Content-Length": 10 }).write("12345");
      setTimeout(() => response.destroy(), 5);
    },
    200,
  ],
  ["answers with status 999", (_request, response) => void response.writeHead(999).end(), 999],
  [
    "answers with status 1000",
    (_request, response) => void response.writeHead(1000),
    500,
    /status ?code/i, // each runtime in its own words
  ],
  [
    "answers with status 99",
    (_request, response) => void response.writeHead(99),
    500,
    /status ?code/i, // each runtime in its own words
  ],
  [
    "sets a header that is none",
    (_request, response) => void response.writeHead(200, { "a b": "c" }),
    500,
    /TypeError/,
  ],
  [
    "throws in the middle",
    async (_request, response) => {
      response.writeHead(200, { "Content-Length": 10 });
      await new Promise<void>((resolve) => response.write("12345", () => resolve()));
      throw failure;
    },
    200,
    /a bug/,
  ],
  [
    "throws when it has answered",
    (_request, response) => {
      response.end("all of it");
      throw failure;
    },
    200,
    /a bug/,
  ],
  [
    "writes after the end",
    (_request, response) => {
      response.end("all of it");
      response.write("more");
    },
    200,
    /ERR_STREAM_WRITE_AFTER_END|write after end/,
  ],
  [
    "answers twice",
    (_request, response) => {
      response.writeHead(200).end("all of it");
      response.writeHead(500);
    },
    200,
    /ERR_HTTP_HEADERS_SENT|headers/i,
  ],
  [
    "pipes what fails",
    (_request, response) => {
      response.writeHead(200, { "Content-Length": 10 });
      const source = new PassThrough();
      pipeline(source, response, () => {});
      source.write("12345");
      setTimeout(() => source.destroy(failure), 5);
    },
    200,
  ],
];

for (const [what, misuse, status, says] of MISUSES) {
  test(`an app that ${what} has one outcome, and its server lives`, async () => {
    let isOrdinary = false;
    const site = await serving((incoming, response) =>
      isOrdinary ? response.end("a page") : misuse(incoming, response)
    );
    const wire = await site.connect();
    await wire.write(request("/"));
    const head = (await readHead(wire))?.head;
    assert.equal(head && Number(head.split(" ")[1]), status);
    await sizeOf(wire);
    if (says === undefined) assert.deepEqual(site.errors, []);
    else assert.match(String(site.errors), says);
    await wire.end();
    await until(async () => await site.connections() === 0);
    isOrdinary = true;
    assert.equal(await (await ask(site.connect, request("/"))).body(), "a page");
  });
}
