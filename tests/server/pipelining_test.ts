// Handshakes behind requests on the same connection, most of them in one packet: the answers come in
// order (RFC 9112, 9.3.2).

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { headerOf, request, WirePeer } from "../../src/testing/contract/raw_peer.ts";
import { join, utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { allEntryPoints, type EntryPoint } from "./entry_points.ts";
import { assertHealthy, type Site, startSite } from "./site.ts";

const sites: Site[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const site of sites) await site.close();
});

/** Characters of a page that no buffer of a connection holds. */
const LARGE = 1024 * 1024;

/** Characters of a part of it. */
const PART = 64 * 1024;

interface SlowSite extends Site {
  /** Lets `/slow` be answered. */
  readonly release: () => void;
  /** Resolves when `/slow` is requested. */
  readonly asked: Promise<void>;
}

/** A page that is made as it is read. */
function large(): Response {
  let left = LARGE;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(utf8("x".repeat(PART)));
      left -= PART;
      if (left === 0) controller.close();
    },
  });
  return new Response(body);
}

/** A page whose stream fails before its first part. */
function failing(): Response {
  return new Response(
    new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.error(new Error("a stream that fails"));
      },
    }),
  );
}

async function start(entryPoint: EntryPoint): Promise<SlowSite> {
  let release!: () => void;
  let ask!: () => void;
  const released = new Promise<void>((resolve) => release = resolve);
  const asked = new Promise<void>((resolve) => ask = resolve);
  const site = await startSite(entryPoint, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow" || pathname === "/last") {
      ask();
      await released;
      const headers = new Headers(pathname === "/last" ? { connection: "close" } : {});
      return new Response("a slow page", { headers });
    }
    if (pathname === "/fails") return failing();
    if (pathname === "/read-one") {
      const reader = request.body!.getReader();
      await reader.read();
      reader.releaseLock();
      return new Response("a page");
    }
    if (pathname === "/page") return new Response("a page");
    if (pathname === "/large") return large();
    if (pathname === "/forbidden") return new Response("forbidden", { status: 403 });
    return undefined;
  });
  sites.push(site);
  return { ...site, release, asked };
}

const get = (path: string): Uint8Array<ArrayBuffer> =>
  utf8(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);

/** Reads answers, one after the other. */
class Answers {
  readonly #wire: TcpWire;
  #bytes: Uint8Array<ArrayBuffer> = utf8("");

  constructor(wire: TcpWire) {
    this.#wire = wire;
  }

  async #more(): Promise<boolean> {
    const bytes = await this.#wire.read();
    if (bytes === undefined) return false;
    this.#bytes = join([this.#bytes, bytes]);
    return true;
  }

  /** Reads up to a mark, which is left out. */
  async #until(mark: string): Promise<string | undefined> {
    while (true) {
      const start = new TextDecoder("latin1").decode(this.#bytes.subarray(0, 4096));
      const at = start.indexOf(mark);
      if (at >= 0) {
        this.#bytes = this.#bytes.slice(at + mark.length);
        return start.slice(0, at);
      }
      if (!await this.#more()) return undefined;
    }
  }

  async #exactly(size: number): Promise<string | undefined> {
    while (this.#bytes.length < size) if (!await this.#more()) return undefined;
    const text = new TextDecoder("latin1").decode(this.#bytes.subarray(0, size));
    this.#bytes = this.#bytes.slice(size);
    return text;
  }

  /** Returns status and body; `undefined` at the end of the connection. */
  async next(): Promise<{ status: number; body: string } | undefined> {
    const head = await this.#until("\r\n\r\n");
    if (head === undefined) return undefined;
    const status = Number(head.split(" ")[1]);
    if (status === 101) return { status, body: "" };
    const length = headerOf(head, "content-length");
    let body = "";
    for (let last = false; !last;) {
      const size = length === undefined
        ? parseInt(await this.#until("\r\n") ?? "", 16)
        : Number(length);
      if (Number.isNaN(size)) return undefined;
      body += await this.#exactly(size);
      last = length !== undefined || size === 0;
      if (length === undefined) await this.#until("\r\n");
    }
    return { status, body };
  }

  /** The peer that reads what follows as frames. */
  peer(): WirePeer {
    return new WirePeer(this.#wire, true, this.#bytes);
  }
}

/**
 * Returns why a handshake behind a request that is not answered yet opens no socket here, and the
 * status that its client gets instead.
 */
function obstacle(
  { isNode, hasPages }: EntryPoint,
): [why: string, status: number | undefined] | undefined {
  if (runtime !== "bun") return undefined;
  return isNode
    ? ["Bun hands no connection over, and calls the listener for pages", hasPages ? 400 : 500]
    : ["Bun closes the connection, without any answer", undefined];
}

/** Reasons for which a connection ends behind an answer of the runtime's own server. */
const unread = runtime === "deno" ? "Deno ends a connection whose request is not read" : undefined;
const failed = runtime === "bun" ? "Bun ends it with all answers that wait" : undefined;

for (const entryPoint of allEntryPoints) {
  const isUnread = !entryPoint.isNode && unread !== undefined;
  const isFailed = !entryPoint.isNode && failed !== undefined;

  // The pages of others are read as those want.
  for (const path of !entryPoint.hasPages ? [] : ["/page", "/read-one", "/forbidden"]) {
    test(
      `a request behind a body that nobody reads is answered: ${path}, ${entryPoint.name}${
        isUnread ? " (deviates)" : ""
      }`,
      async () => {
        const site = await start(entryPoint);
        const wire = await site.connect();
        const post = utf8(
          `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${LARGE}\r\n\r\n${
            "x".repeat(LARGE)
          }`,
        );
        const written = wire.write(join([post, post, get("/page")]));
        const answers = new Answers(wire);
        const status = path === "/forbidden" ? 403 : 200;
        assert.equal((await answers.next())?.status, status);
        if (isUnread) {
          assert.equal(await answers.next(), undefined, `Delete: ${unread}`);
          await written.catch(() => {}); // it has ended
          return await assertHealthy(site);
        }
        assert.equal((await answers.next())?.status, status);
        assert.equal((await answers.next())?.body, "a page");
        await written;
        await wire.write(get("/page")); // in its own packet
        assert.equal((await answers.next())?.body, "a page");
        await wire.end();
        await assertHealthy(site);
      },
    );
  }

  // The pages of others fail as those want.
  if (entryPoint.hasPages) {
    test(
      `an answer whose body fails waits for the one before it: ${entryPoint.name}${
        isFailed ? " (deviates)" : ""
      }`,
      async () => {
        const site = await start(entryPoint);
        const wire = await site.connect();
        await wire.write(join([get("/slow"), get("/fails")]));
        await site.asked;
        await new Promise((resolve) => setTimeout(resolve, 50)); // its body fails meanwhile
        site.release();
        const answers = new Answers(wire);
        if (isFailed) return assert.equal(await answers.next(), undefined, `Delete: ${failed}`);
        assert.equal((await answers.next())?.body, "a slow page");
        assert.equal(await answers.next(), undefined);
        const { unreported } = entryPoint;
        if (unreported !== undefined) assert.deepEqual(site.errors, [], unreported);
        else assert.match(String(site.errors), /^Error: a stream that fails$/);
      },
    );
  }

  const missing = obstacle(entryPoint);
  const suffix = missing === undefined ? "" : " (deviates)";

  test(`a handshake waits for the answer to a request before it: ${entryPoint.name}${suffix}`, async () => {
    const site = await start(entryPoint);
    const wire = await site.connect();
    await wire.write(join([get("/slow"), request("/")]));
    const answers = new Answers(wire);
    if (missing?.[1] === undefined && missing !== undefined) {
      assert.equal(await answers.next(), undefined, `Delete: ${missing[0]}`);
      site.release();
      return await assertHealthy(site);
    }
    await site.asked;
    await new Promise((resolve) => setTimeout(resolve, 50)); // the handshake is read meanwhile
    site.release();
    assert.equal((await answers.next())?.body, "a slow page");
    const { status } = (await answers.next())!;
    if (missing !== undefined) {
      assert.equal(status, missing[1], `Delete: ${missing[0]}`);
      await wire.end();
      return await assertHealthy(site);
    }
    assert.equal(status, 101);
    const peer = answers.peer();
    await peer.send("in step");
    assert.deepEqual(await peer.next(), { kind: "text", data: "in step" });
    await wire.end();
    await assertHealthy(site);
  });

  if (missing !== undefined) continue;

  test(`a handshake waits for all that a slow client reads before it: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const wire = await site.connect();
    await wire.pause();
    await wire.write(
      join([get("/page"), get("/large"), get("/large"), get("/page"), request("/")]),
    );
    await new Promise((resolve) => setTimeout(resolve, 50)); // its buffers fill: others look as full
    await wire.resume();
    const answers = new Answers(wire);
    const sizes = [];
    for (let i = 0; i < 4; i++) sizes.push((await answers.next())?.body.length);
    assert.deepEqual(sizes, [6, LARGE, LARGE, 6]);
    assert.equal((await answers.next())?.status, 101);
    const peer = answers.peer();
    await peer.send("in step");
    assert.deepEqual(await peer.next(), { kind: "text", data: "in step" });
    await wire.end();
    await assertHealthy(site);
  });

  test(`a handshake is heard behind pages that fill the connection: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const wire = await site.connect();
    await wire.pause();
    await wire.write(join(Array.from({ length: 8 }, () => get("/large"))));
    await new Promise((resolve) => setTimeout(resolve, 50)); // its buffers fill: Node stops to read
    await wire.write(join([get("/page"), request("/")]));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await wire.resume();
    const answers = new Answers(wire);
    const sizes = [];
    for (let i = 0; i < 9; i++) sizes.push((await answers.next())?.body.length);
    assert.deepEqual(sizes, [...Array.from({ length: 8 }, () => LARGE), 6]);
    assert.equal((await answers.next())?.status, 101);
    const peer = answers.peer();
    await peer.send("in step");
    assert.deepEqual(await peer.next(), { kind: "text", data: "in step" });
    await wire.end();
    await assertHealthy(site);
  });

  test(`a refused handshake is answered in order too: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    const wire = await site.connect();
    await wire.write(join([get("/slow"), request("/forbidden")]));
    await site.asked;
    site.release();
    const answers = new Answers(wire);
    assert.equal((await answers.next())?.body, "a slow page");
    const { status, body } = (await answers.next())!;
    assert.deepEqual([status, body], [403, "forbidden"]);
    await wire.end();
    await assertHealthy(site);
  });

  if (entryPoint.isNode) {
    test(`behind the last answer of its connection, a handshake has none: ${entryPoint.name}`, async () => {
      const site = await start(entryPoint);
      const wire = await site.connect();
      await wire.write(join([get("/last"), request("/")]));
      await site.asked;
      site.release();
      const answers = new Answers(wire);
      assert.equal((await answers.next())?.body, "a slow page");
      assert.equal(await answers.next(), undefined);
      await assertHealthy(site);
    });
  }

  test(`a client that leaves with a handshake that waits harms nobody: ${entryPoint.name}`, async () => {
    const site = await start(entryPoint);
    for (const leave of entryPoint.isSecure ? ["drop"] as const : ["reset", "drop"] as const) {
      const wire = await site.connect();
      await wire.write(join([get("/slow"), request("/")]));
      await site.asked;
      await wire[leave]();
    }
    await assertHealthy(site);
    site.release();
    await assertHealthy(site);
  });
}
