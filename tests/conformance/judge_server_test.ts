// Runs over TCP: servers and clients, selection, samples, and interruption.

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import type { Case } from "../../src/conformance/case.ts";
import { cases } from "../../src/conformance/cases/mod.ts";
import { judgeClients } from "../../src/conformance/judge_clients.ts";
import { exitCode } from "../../src/conformance/report/mod.ts";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import { matches, select } from "../../src/conformance/selection.ts";
import { Endpoint } from "./endpoint.ts";
import type { Faults } from "./faults.ts";

/** Serves a correct endpoint, or a mutant, on a TCP port. */
async function serveEndpoint(faults: Faults, use: (url: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const endpoint = new Endpoint(true, faults);
    endpoint.listen({ data: (octets) => void socket.write(octets), end: () => void socket.end() });
    socket.on("data", (octets) => void endpoint.write(octets));
    socket.on("error", () => {});
    socket.on("end", () => endpoint.end());
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  try {
    await use(`ws://127.0.0.1:${port}/chat?x=1`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("judgeServer() passes a correct server over TCP", { timeout: 60_000 }, async () => {
  await serveEndpoint({}, async (url) => {
    const run = await judgeServer(url, { patterns: ["5.1", "5.5.1", "7"], jobs: 8 });
    const wrong = run.results.filter(({ verdict }) => verdict !== "pass");
    assert.deepEqual(wrong.map(({ id, notes }) => [id, ...notes]), []);
    assert.equal(run.results.length, run.selected);
    assert.equal(exitCode(run), 0);
  });
});

test("judgeServer() fails exactly the case of a fault", { timeout: 60_000 }, async () => {
  await serveEndpoint({ ignores: ["close-length"] }, async (url) => {
    const run = await judgeServer(url, { patterns: ["5.5.1", "7.4"] });
    const wrong = run.results.filter(({ verdict }) => verdict !== "pass");
    assert.deepEqual(wrong.map(({ id }) => id), ["5.5.1/refuses-a-close-of-one-byte"]);
    assert.equal(wrong[0]?.verdict, "fail");
    assert.ok(wrong[0].wire.some(({ text }) => text.startsWith("Close")));
    assert.equal(exitCode(run), 1);
  });
});

test("judgeServer() returns the results so far when interrupted", { timeout: 20_000 }, async () => {
  await serveEndpoint({}, async (url) => {
    const interrupt = new AbortController();
    let count = 0;
    const run = await judgeServer(url, {
      patterns: ["5"],
      signal: interrupt.signal,
      onResult: () => ++count === 10 && interrupt.abort(),
    });
    assert.equal(run.stopped, "Interrupted");
    assert.ok(run.results.length >= 10 && run.results.length < run.selected);
    assert.equal(exitCode(run), 2);
  });
});

test("warnings count when the run is strict", { timeout: 20_000 }, async () => {
  await serveEndpoint({ failure: () => null }, async (url) => {
    const options = { patterns: ["5.5/refuses-a-ping-of-126-bytes"] };
    const loose = await judgeServer(url, options);
    assert.deepEqual(loose.results.map(({ verdict }) => verdict), ["warn"]);
    assert.equal(exitCode(loose), 0);
    assert.equal(exitCode(await judgeServer(url, { ...options, strict: true })), 1);
  });
});

const hasWebSocket = typeof WebSocket !== "undefined";

test(
  "judgeClients() serves Autobahn's URLs",
  { timeout: 60_000, skip: !hasWebSocket },
  async () => {
    const results: string[] = [];
    const judge = await judgeClients({
      port: 0,
      patterns: ["5.5.2/answers-an-empty-ping", "autobahn:1.1.1", "autobahn:7.7.1"],
      onResult: ({ id, verdict }) => results.push(`${verdict} ${id}`),
    });
    const ask = (path: string, echo = false): Promise<string> =>
      new Promise((resolve) => {
        const messages: string[] = [];
        const socket = new WebSocket(judge.url + path);
        socket.onmessage = ({ data }) => {
          messages.push(String(data));
          if (echo) socket.send(data);
        };
        // Node 22 fires no close event after an error.
        socket.onclose = socket.onerror = () => resolve(messages.join());
      });
    const count = Number(await ask("/getCaseCount"));
    assert.ok(count >= 2, `${count}`);
    assert.match(await ask("/getCaseInfo?case=1"), /^\{"id":"[\d.]+\/.*","description":".+"\}$/);
    for (let number = 1; number <= count; number++) {
      await ask(`/runCase?case=${number}&agent=me`, true);
      assert.equal(await ask(`/getCaseStatus?case=${number}&agent=me`), '{"behavior":"OK"}');
    }
    await ask("/runCase?casetuple=7.7.1&agent=other", true);
    await ask(`/runCase/${count}?agent=page`, true);
    assert.equal(await ask(`/getCaseStatus?case=${count}&agent=page`), '{"behavior":"OK"}');
    assert.equal(await ask("/runCase?case=999&agent=me"), "");
    assert.equal(await ask("/runCase?case=1"), "");
    await ask("/updateReports?agent=me");
    const page = await (await fetch(judge.url.replace("ws", "http"))).text();
    assert.match(page, /getCaseCount/);
    const runs = await judge.close();
    assert.deepEqual(runs.map(({ agent, stopped }) => [agent, stopped === null]), [
      ["me", true],
      ["other", false],
      ["page", false],
    ]);
    assert.equal(results.length, count + 2);
  },
);

test("select() accepts sections, documents, ids and Autobahn numbers", () => {
  const one = (id: string, autobahn: string[] = []): Case => ({
    id,
    section: id.split("/")[0]!,
    requirement: "",
    level: "must",
    steps: [],
    autobahn,
    judges: ["server"],
    alone: false,
  });
  const test = one("5.5.1/answers-a-close", ["7.9.1"]);
  for (
    const pattern of ["5", "5.5", "5.5.", "5.*", "5.5.1", "5.5.1/answers", "autobahn:7.9", "6455"]
  ) {
    assert.ok(matches(test, pattern), pattern);
  }
  for (
    const pattern of ["5.51", "5.5.1.1", "5.5/answers", "autobahn:7.9.11", "autobahn:9", "7692"]
  ) {
    assert.ok(!matches(test, pattern), pattern);
  }
  assert.ok(matches(one("7692:7.2/x"), "7692"));
  assert.ok(matches(one("7692:7.2/x"), "7692:7"));
  assert.ok(!matches(one("7692:7.2/x"), "7"));
  assert.throws(() => select(cases, "server", { patterns: ["5.99"] }), /Cannot select "5.99"/);
});

test("select() samples each family, the same for the same seed", () => {
  const all = select(cases, "server");
  const ids = (seed: number): string[] =>
    select(cases, "server", { quick: true, seed }).map(({ id }) => id);
  assert.deepEqual(ids(5), ids(5));
  assert.notDeepEqual(ids(5), ids(6));
  assert.ok(ids(5).length < all.length);
  const families = new Set(all.map(({ family }) => family));
  const sampled = select(cases, "server", { quick: true, seed: 5 });
  assert.deepEqual(new Set(sampled.map(({ family }) => family)), families);
});
