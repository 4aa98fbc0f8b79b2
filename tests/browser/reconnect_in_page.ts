/**
 * reconnect() in a page of a real browser: offline, asleep, frozen, hidden.
 *
 * Offline, Chromium holds back what open connections would carry, both ways, and Firefox lets it
 * pass; both make no new ones. So where a connection has to die unnoticed, its server falls silent.
 *
 * @module
 */

import { serve, type Server, type Socket, upgrade } from "@isosocket/isosocket";
import { history } from "@isosocket/isosocket/history";
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import type { Browser, BrowserName, Page } from "./browsers.ts";
import { type PageFiles, pageFiles } from "./bundled.ts";
import { localhost } from "../client/certificates.ts";
import type { Entry, Reconnecting } from "./reconnect_page.ts";

/** One connection, at the server. */
interface Visit {
  readonly socket: Socket;
  /** Received messages, without heartbeats. */
  readonly messages: unknown[];
}

/** A server that can fall silent, or refuse. */
class Trial implements AsyncDisposable {
  server!: Server; // set by start()
  /** Connections of the present test. */
  visits: Visit[] = [];
  /** Number of refused attempts. */
  refused = 0;
  refuses = false;
  answers = true;
  /** Topics that a page at `/room` gets messages of, and can recover. */
  readonly topics = history({ "room:": { size: 100, ttl: 3_600_000 } });
  #pinged: (() => void) | undefined;

  readonly #files: PageFiles;

  private constructor(files: PageFiles) {
    this.#files = files;
  }

  static async start(): Promise<Trial> {
    const files = await pageFiles("reconnect_page.ts");
    const trial = new Trial(files);
    trial.server = await serve(
      { port: 0, hostname: "127.0.0.1", heartbeat: 0, history: trial.topics },
      (request) => request.headers.has("upgrade") ? trial.#take(request) : trial.page(request),
    );
    return trial;
  }

  /** Answers with a file of the page. */
  page(request: Request): Response {
    const [type, text] = this.#files[new URL(request.url).pathname] ?? ["text/plain", ""];
    return new Response(text, { headers: { "content-type": type } });
  }

  #take(request: Request): Response {
    if (this.refuses) {
      this.refused++;
      return new Response("Not now", { status: 503 });
    }
    const { socket, response } = upgrade(request);
    const visit: Visit = { socket, messages: [] };
    this.visits.push(visit);
    if (new URL(request.url).pathname === "/room") socket.subscribe("room:1");
    socket.onmessage = ({ data }) => {
      if (data === "ping") this.#pinged?.();
      else visit.messages.push(data);
      if (this.answers) socket.send(data);
    };
    return response;
  }

  /** Waits for the next heartbeat. */
  pinged(): Promise<void> {
    return new Promise((resolve) => this.#pinged = resolve);
  }

  reset(): void {
    this.visits = [];
    this.refused = 0;
    this.refuses = false;
    this.answers = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close({ deadline: 0 });
  }
}

/** Calls the functions of ./reconnect_page.ts in a page. */
class Remote {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  #call<R>(name: keyof Reconnecting, ...args: readonly unknown[]): Promise<Awaited<R>> {
    return this.page.evaluate(
      (name: string, args: readonly unknown[]) => {
        const { reconnecting } = globalThis as unknown as { reconnecting: Record<string, unknown> };
        return (reconnecting[name] as (...args: readonly unknown[]) => R)(...args);
      },
      name as string,
      args,
    );
  }

  begin(...args: Parameters<Reconnecting["begin"]>): Promise<void> {
    return this.#call("begin", ...args);
  }

  send(...texts: string[]): Promise<void> {
    return this.#call("send", texts);
  }

  next(beginning: string): Promise<Entry[]> {
    return this.#call("next", beginning);
  }

  state(): Promise<number> {
    return this.#call("state");
  }

  /** Sends a text, and waits for its echo, which only a live connection returns. */
  async isAlive(word: string): Promise<void> {
    await this.send(word);
    await this.next(`message ${word}`);
  }
}

function lines(entries: readonly Entry[]): string[] {
  return entries.map(({ line }) => line);
}

/** Returns the lines without the answers to heartbeats. */
function withoutPings(entries: readonly Entry[]): string[] {
  return lines(entries).filter((line) => line !== "message ping");
}

/** Waits of 200 and 400 ms, then of 72 s, which only a reason ends, and again of 200 ms. */
const BACKOFF = { base: 20_000, max: 3_600_000 };
const RANDOMS = [0.01, 0.01, 0.9, 0.01];

const HEARTBEAT = { every: 250, deadline: 250, message: "ping" };

/** Milliseconds by which a timer of a busy machine may be late. */
const LATE = 3_000;

/** Features that a browser lacks, with the reason. */
const CANNOT: Readonly<Record<BrowserName, { freeze?: string }>> = {
  chromium: {},
  firefox: { freeze: "Firefox freezes no page, and WebDriver BiDi has no command that would" },
};

/** Declares the tests. */
export async function reconnectInPage(name: BrowserName, browser: Browser): Promise<void> {
  const trial = await Trial.start();
  after(() => trial[Symbol.asyncDispose]());

  /** Declares a test with a page of its own, in front of all others. */
  function inPage(title: string, body: (page: Remote) => Promise<void>, skip = ""): void {
    test(`${name}: ${title}`, { skip: skip || false }, async () => {
      trial.reset();
      const page = await browser.newPage();
      try {
        await page.goto(trial.server.url);
        await body(new Remote(page));
      } finally {
        await page.close();
      }
    });
  }

  test(`${name}: a page that came by https: may not connect by ws:, and does not try again`, async () => {
    const server = await serve(
      { port: 0, hostname: "127.0.0.1", tls: localhost },
      (request) => trial.page(request),
    );
    const page = await browser.newPage();
    try {
      await page.goto(server.url);
      const remote = new Remote(page);
      await remote.begin({ backoff: { base: 1 } }, [0], "ws://insecure.invalid/");
      assert.deepEqual(lines(await remote.next("close")), [
        ...["connecting 1", "error Error", "close 1006"],
      ]);
      assert.equal(await remote.state(), 3);
    } finally {
      await page.close();
      await server.close({ deadline: 0 });
    }
  });

  inPage("a page that recovers gets what it has missed, and is told so before", async (page) => {
    const { topics } = trial;
    await page.begin({ backoff: { base: 1 } }, [0], "/room", true);
    assert.deepEqual(lines(await page.next("recovered")), [
      ...["connecting 1", "open", "recovered room:1 undefined"],
    ]);
    await topics.publish("room:1", "one");
    assert.deepEqual(lines(await page.next("message")), ["message one"]);
    trial.visits[0]!.socket.terminate();
    await topics.publish("room:1", "two");
    await topics.publish("room:1", "three");
    const missed = lines(await page.next("message three"));
    assert.deepEqual(missed.slice(-3), ["recovered room:1 true", "message two", "message three"]);
    trial.visits[1]!.socket.send("\x01 as it is");
    assert.deepEqual(lines(await page.next("message")), ["message \x01 as it is"]);
  });

  inPage("a short time offline is no reason to connect again", async (page) => {
    await page.begin({ backoff: BACKOFF, heartbeat: { ...HEARTBEAT, every: 60_000 } }, RANDOMS);
    await page.next("open");
    await page.page.setOfflineMode(true);
    await page.next("offline");
    await page.send("a", "b");
    await page.page.setOfflineMode(false);
    assert.ok(!lines(await page.next("message b")).includes("connecting 1"));
    await page.isAlive("still");
    assert.deepEqual(trial.visits.map(({ messages }) => messages), [["a", "b", "still"]]);
  });

  inPage(
    "offline, it tries as rarely as ever; online, it is back at once, with what waited",
    async (page) => {
      await page.begin({ backoff: BACKOFF, heartbeat: HEARTBEAT }, RANDOMS);
      await page.next("open");
      await page.page.setOfflineMode(true);
      await page.next("offline");
      trial.answers = false;
      assert.equal((await page.next("close")).at(-2)?.line, "error TimeoutError");
      assert.equal(await page.state(), 0);
      await page.send("1", "2", "3");
      assert.deepEqual(lines(await page.next("waiting 4")), [
        "waiting 2 in 200",
        ...["connecting 2", "error Error", "close 1006", "waiting 3 in 400"],
        ...["connecting 3", "error Error", "close 1006", "waiting 4 in 72000"],
      ]);
      assert.equal(trial.visits.length, 1); // no attempt has left the browser
      trial.answers = true;
      await page.page.setOfflineMode(false);
      const back = await page.next("message 3");
      const entries = withoutPings(back);
      assert.deepEqual(entries.slice(0, 2), ["online", "connecting 1"]);
      assert.deepEqual(entries.slice(-4), ["open", "message 1", "message 2", "message 3"]);
      // Pages may get the event before attempts can succeed: then a second one follows.
      assert.ok(entries.length === 6 || entries.at(-5) === "connecting 2", entries.join(", "));
      const took = back.at(-1)!.at - back[0]!.at;
      assert.ok(took < LATE, `${took} ms`);
      assert.equal(await page.state(), 1);
      assert.deepEqual(trial.visits.map(({ messages }) => messages), [[], ["1", "2", "3"]]);
    },
  );

  for (const alive of [true, false]) {
    const what = alive ? "keeps a connection that is alive" : "leaves a connection that has died";
    inPage(`after a sleep, it ${what}`, async (page) => {
      await page.begin({ backoff: BACKOFF, heartbeat: HEARTBEAT }, RANDOMS);
      await page.next("open");
      trial.answers = false;
      await trial.pinged();
      const group = -browser.process()!.pid!;
      process.kill(group, "SIGSTOP"); // the deadline passes meanwhile
      trial.answers = alive;
      if (alive) trial.visits[0]!.socket.send("ping");
      await new Promise((resolve) => setTimeout(resolve, 1_500)); // real time must pass
      const woke = Date.now();
      process.kill(group, "SIGCONT");
      if (alive) {
        await page.isAlive("still");
        await page.next("message ping");
        await page.next("message ping");
        assert.equal(trial.visits.length, 1);
        return;
      }
      const lost = (await page.next("close")).at(-1)!.at - woke;
      const { every, deadline } = HEARTBEAT;
      assert.ok(
        lost >= deadline - 1,
        `${lost} ms: a message of the meantime may still be undelivered`,
      );
      assert.ok(lost < every + deadline + LATE, `${lost} ms`);
      await page.send("1", "2", "3");
      trial.answers = true;
      await page.next("waiting 2");
      assert.deepEqual(withoutPings(await page.next("message 3")), [
        ...["connecting 2", "open", "message 1", "message 2", "message 3"],
      ]);
      assert.deepEqual(trial.visits.at(-1)?.messages, ["1", "2", "3"]);
    });
  }

  const { freeze } = CANNOT[name];
  inPage("a page that was frozen comes back", async (page) => {
    const cdp = await page.page.createCDPSession();
    await page.begin({ backoff: BACKOFF }, RANDOMS);
    await page.next("open");
    await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
    await page.next("freeze");
    await cdp.send("Page.setWebLifecycleState", { state: "active" });
    await page.next("resume");
    await page.send("1", "2", "3");
    // Some versions end the connections of a page that they freeze, and report it when the page resumes;
    // 150.0.7871.100 keeps them.
    const seen = lines(await page.next("message 3"));
    assert.deepEqual(seen.splice(-3), ["message 1", "message 2", "message 3"]);
    const lost = ["error Error", "close 1006", "waiting 2 in 200", "connecting 2", "open"];
    assert.deepEqual(seen, seen.length === 0 ? [] : lost);
    assert.deepEqual(trial.visits.at(-1)!.messages, ["1", "2", "3"]);
  }, freeze);

  inPage("a hidden page does not give up, and tries at once when it is seen", async (page) => {
    await page.begin({ backoff: BACKOFF }, RANDOMS);
    await page.next("open");
    const front = await browser.newPage();
    try {
      await front.bringToFront();
      await page.next("hidden");
      trial.refuses = true;
      trial.visits[0]!.socket.terminate();
      await page.next("close");
      await page.send("1", "2", "3");
      await page.next("waiting 4 in 72000");
      assert.equal(trial.refused, 2);
      trial.refuses = false;
      await page.page.bringToFront();
      const [seen, ...back] = await page.next("message 3");
      assert.deepEqual(lines([seen!, ...back]), [
        ...["visible", "connecting 1", "open", "message 1", "message 2", "message 3"],
      ]);
      assert.ok(back[0]!.at - seen!.at < LATE, `${back[0]!.at - seen!.at} ms`);
      assert.deepEqual(trial.visits.map(({ messages }) => messages), [[], ["1", "2", "3"]]);
    } finally {
      await front.close();
    }
  });
}
