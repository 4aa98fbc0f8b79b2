/** Origins of a real browser's pages, and whether a server accepts them. @module */

import { serve, type Server, type SocketOptions, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "./browsers.ts";

/** The part of a page's `document` that is used here. */
declare const document: {
  createElement(
    name: "iframe",
  ): { srcdoc: string; setAttribute(name: string, value: string): void };
  readonly body: { append(element: object): void };
};

/** Starts a server with a page of its own; `came` lists the origins of its handshakes. */
async function start(options: SocketOptions = {}): Promise<{ server: Server; came: unknown[] }> {
  const came: unknown[] = [];
  const server = await serve({ port: 0, hostname: "127.0.0.1", ...options }, (request) => {
    if (!request.headers.has("upgrade")) {
      return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    }
    came.push(request.headers.get("origin"));
    return upgrade(request).response;
  });
  after(() => server.close({ deadline: 0 }));
  return { server, came };
}

/** Connects from a page. Resolves with the code of the `close` event, or with 0 for `open`. */
function tryIt(url: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve(0);
    socket.onclose = ({ code }) => resolve(code);
  });
}

/** Connects from a frame that has no origin, with the same result. */
function tryItInFrame(url: string): Promise<number> {
  return new Promise((resolve) => {
    addEventListener("message", (event) => resolve((event as MessageEvent).data), { once: true });
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.srcdoc = `<script>
      const socket = new WebSocket(${JSON.stringify(url)});
      socket.onopen = () => parent.postMessage(0, "*");
      socket.onclose = ({ code }) => parent.postMessage(code, "*");
    </script>`;
    document.body.append(frame);
  });
}

/** Declares the tests. */
export async function originsInPage(name: string, browser: Browser): Promise<void> {
  const page = await browser.newPage();
  const own = await start();
  const other = await start();
  const open = await start({ origins: "*" });
  const listing = await start({ origins: [other.server.url.slice(0, -1), "null"] });

  test(`${name}: a page may connect to its own server, and to no other`, async () => {
    await page.goto(own.server.url);
    assert.equal(await page.evaluate(tryIt, own.server.url), 0);
    assert.equal(await page.evaluate(tryIt, other.server.url), 1006);
    assert.equal(await page.evaluate(tryIt, open.server.url), 0);
    assert.equal(await page.evaluate(tryIt, listing.server.url), 1006);
    assert.deepEqual(own.came, [own.server.url.slice(0, -1)]);
    assert.equal(other.server.stats().refused.origin, 1);
  });

  test(`${name}: a page may connect where it is listed`, async () => {
    await page.goto(other.server.url);
    assert.equal(await page.evaluate(tryIt, listing.server.url), 0);
  });

  test(`${name}: a sandboxed frame of the own page has no origin, and may not connect`, async () => {
    await page.goto(own.server.url);
    own.came.length = 0;
    assert.equal(await page.evaluate(tryItInFrame, own.server.url), 1006);
    assert.equal(await page.evaluate(tryItInFrame, listing.server.url), 0);
    assert.deepEqual(own.came, ["null"]);
  });

  test(`${name}: a file has no origin, and may not connect`, async () => {
    await page.goto(`file://${fileURLToPath(new URL("../../README.md", import.meta.url))}`);
    own.came.length = 0;
    assert.equal(await page.evaluate(tryIt, own.server.url), 1006);
    assert.equal(await page.evaluate(tryIt, listing.server.url), 0);
    assert.deepEqual(own.came, ["null"]);
  });
}
