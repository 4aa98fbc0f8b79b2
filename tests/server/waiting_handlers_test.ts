// Handlers at work on handshakes: how many there may be, and what happens to those whose client leaves.

import { type ServerSocket, type SocketOptions, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { after, test } from "node:test";
import { readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { encode, join, text, utf8 } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type EntryPoint, entryPointsAndApps, type Open } from "./entry_points.ts";
import { type Answer, ask, askUpgrade, readAnswer } from "./raw_client.ts";

const servers: Open[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close();
});

/** Servers whose `close()` waits for no answer to its Close frames, by reader. */
const CLOSES_ALONE: Readonly<Record<string, string>> = {
  bun: "Bun reports that a socket is closed when its Close frame is sent",
};

/** Servers that refuse a handshake if data comes before its answer, by reader. */
const EARLY: Readonly<Record<string, string>> = {
  bun: "Bun takes it for another request",
};

/** Ways in which a client can leave: TLS has no reset of its own. */
function waysToLeave({ isSecure }: EntryPoint): readonly ("drop" | "reset")[] {
  return isSecure ? ["drop"] : ["drop", "reset"];
}

/** One call of a handler, which waits. */
interface Call {
  readonly request: Request;
  /** Lets it go on. */
  goOn(answer: (request: Request) => Response): void;
}

/** A server whose handlers wait until the test lets them go on. */
interface Waiting {
  readonly server: Open;
  readonly calls: readonly Call[];
  readonly errors: readonly unknown[];
  /** Waits until the handler was called so often. */
  called(times: number): Promise<Call>;
}

async function start(entryPoint: EntryPoint, options?: SocketOptions): Promise<Waiting> {
  const calls: Call[] = [];
  const errors: unknown[] = [];
  let wake: (() => void) | undefined;
  const onError = (error: unknown): void => void errors.push(error);
  const server = await entryPoint.open(async (request) => {
    if (new URL(request.url).pathname === "/page") return new Response("a page");
    const answer = await new Promise<(request: Request) => Response>((goOn) => {
      calls.push({ request, goOn });
      wake?.();
    });
    return answer(request);
  }, { onError, ...options });
  servers.push(server);
  const called = async (times: number): Promise<Call> => {
    while (calls.length < times) await new Promise<void>((resolve) => wake = resolve);
    return calls[times - 1]!;
  };
  return { server, calls, errors, called };
}

const accept = (request: Request): Response => upgrade(request).response;
const refuse = (): Response => new Response("no", { status: 403 });

async function refused(answer: Answer, retryAfter = "5"): Promise<void> {
  assert.equal(answer.status, 503, answer.head);
  assert.equal(answer.header("retry-after"), retryAfter);
  assert.match(await answer.body(), /^Cannot upgrade: /);
}

for (const entryPoint of entryPointsAndApps) {
  test(`${entryPoint.name}: no more handlers are at work than there may be sockets`, async () => {
    for (const limit of ["maxConnections", "maxConnectionsPerAddress"]) {
      const { server, calls, called } = await start(entryPoint, { [limit]: 5 });
      const asked = Array.from({ length: 5 }, () => askUpgrade(server.connect));
      await called(5);
      await Promise.all(Array.from({ length: 50 }, async () => {
        await refused(await askUpgrade(server.connect));
      }));
      assert.equal(calls.length, 5);
      assert.equal(server.hub.stats().refused.full, 50);
      const page = await ask(server.connect, utf8("GET /page HTTP/1.1\r\nHost: a\r\n\r\n"));
      assert.equal(page.status, 200);
      calls.forEach(({ goOn }, i) => goOn(i === 0 ? refuse : accept));
      const answers = await Promise.all(asked);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [101, 101, 101, 101, 403]);
      const next = askUpgrade(server.connect);
      (await called(6)).goOn(accept); // the place of the one that got a page
      assert.equal((await next).status, 101);
      await refused(await askUpgrade(server.connect));
      assert.equal(server.hub.sockets.size, 5);
    }
  });

  test(`${entryPoint.name}: a handler that throws gives its place back`, async () => {
    const { server, errors, called } = await start(entryPoint, { maxConnections: 1 });
    const failure = new Error("a bug");
    for (let times = 1; times <= 3; times++) {
      const answer = askUpgrade(server.connect);
      (await called(times)).goOn(() => {
        throw failure;
      });
      assert.equal((await answer).status, 500);
    }
    assert.deepEqual(errors, [failure, failure, failure]);
  });

  test(`${entryPoint.name}: only requests for a WebSocket count, in whatever case they ask`, async () => {
    const { server, called } = await start(entryPoint, { maxConnections: 1 });
    const asked = askUpgrade(server.connect, "/", { Upgrade: "h2c , WebSocket" });
    await called(1);
    await refused(await askUpgrade(server.connect, "/", { Upgrade: "foo, ,wEbSoCkEt" }));
    const other = askUpgrade(server.connect, "/", { Upgrade: "h2c" });
    if (entryPoint.hasPages) (await called(2)).goOn(refuse);
    assert.equal((await other).status, entryPoint.hasPages ? 403 : 200);
    (await called(1)).goOn(refuse);
    assert.equal((await asked).status, 403);
  });

  test(`${entryPoint.name}: a copy of a request takes the place of the request`, async () => {
    const { server, called } = await start(entryPoint, { maxConnections: 1 });
    const key = { "Sec-WebSocket-Key": "YSBrZXkgb2YgaXRzIG93bg==" }; // by which a copy is known
    const asked = askUpgrade(server.connect, "/", key);
    (await called(1)).goOn((request) => upgrade(request.clone()).response);
    assert.equal((await asked).status, 101);
    await refused(await askUpgrade(server.connect));
  });

  test(`${entryPoint.name}: while the server closes, no handler is called for a handshake`, async () => {
    const { server, calls, called } = await start(entryPoint);
    const asked = askUpgrade(server.connect);
    (await called(1)).goOn(accept);
    const { peer } = await asked; // and never answers Close
    const waits = askUpgrade(server.connect);
    const waiting = await called(2);
    const closing = server.hub.close({ deadline: 500 });
    if (!(entryPoint.reader in CLOSES_ALONE && entryPoint.endsServer)) {
      await refused(await askUpgrade(server.connect), "1");
      assert.ok(server.hub.stats().refused.closing >= 1);
    }
    waiting.goOn(accept);
    await refused(await waits, "1");
    assert.equal(calls.length, 2);
    if (entryPoint.reader in CLOSES_ALONE) {
      return assert.deepEqual(
        await closing,
        { closed: 1, terminated: 0 },
        CLOSES_ALONE[entryPoint.reader],
      );
    }
    if (!entryPoint.isSecure) await peer.wire.reset(); // TLS has none
    await closing;
  });

  for (const how of waysToLeave(entryPoint)) {
    test(`${entryPoint.name}: a client that leaves (${how}) gives its place to others`, async () => {
      const { server, errors, called } = await start(entryPoint, { maxConnections: 1 });
      let times = 0;
      for (const early of [[], [encode(text("early"), true)]]) {
        let wire: TcpWire;
        let isRefused: boolean;
        do {
          wire = await server.connect();
          await wire.write(request("/"));
          isRefused = await Promise.race([
            called(times + 1).then(() => false),
            readHead(wire).then(() => true, () => true),
          ]);
        } while (isRefused); // till the place of the one before is free, which an app takes a while to say
        const deserted = await called(++times);
        for (const bytes of early) await wire.write(bytes);
        await wire[how]();
        let next: Answer;
        do next = await Promise.race([
          askUpgrade(server.connect),
          called(times + 1).then(() => NONE),
        ]); while (next !== NONE); // till the server knows
        let log!: EventLog;
        deserted.goOn((request) => {
          const upgraded = upgrade(request); // which does not throw
          log = new EventLog(upgraded.socket);
          assert.equal(request.headers.get("upgrade"), "websocket");
          return upgraded.response;
        });
        (await called(++times)).goOn(refuse);
        while (log === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
        const { code, wasClean } = await log.next("close");
        assert.deepEqual([code, wasClean, log.types], [1006, false, ["error", "close"]]);
      }
      assert.deepEqual(errors, []);
      assert.equal(server.hub.sockets.size, 0);
    });
  }

  test(`${entryPoint.name}: a handler that throws after its client has left is no more at work`, async () => {
    const { server, errors, called } = await start(entryPoint, { maxConnections: 1 });
    for (let times = 1; times <= 3; times++) {
      const wire = await server.connect();
      await wire.write(request("/"));
      const call = await called(times);
      await wire.drop();
      const before = errors.length;
      call.goOn(() => {
        throw new Error("a bug");
      });
      while (errors.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const asked = askUpgrade(server.connect);
    (await called(4)).goOn(refuse);
    assert.equal((await asked).status, 403);
    assert.equal(errors.length, 3);
  });

  test(`${entryPoint.name}: a client that leaves after upgrade() ends its socket at once`, async () => {
    let log!: EventLog;
    let made!: () => void;
    const upgraded = new Promise<void>((resolve) => made = resolve);
    const server = await entryPoint.open(async (request) => {
      const { socket, response } = upgrade(request);
      log = new EventLog(socket);
      made();
      await log.next("close");
      return response;
    });
    servers.push(server);
    const wire = await server.connect();
    await wire.write(request("/"));
    await upgraded;
    await wire.drop();
    assert.equal((await log.next("close")).code, 1006);
    assert.match(String(log.errors[0]), /The client left/);
  });

  test(`${entryPoint.name}: clients that come and leave have no more handlers at work`, async () => {
    const { server, calls } = await start(entryPoint, { maxConnections: 5 });
    for (let i = 0; i < 40; i++) {
      const wire = await server.connect();
      await wire.write(request("/"));
      await wire.drop();
    }
    await refused(await untilRefused(server));
    assert.ok(calls.length <= 10, `${calls.length} handlers are at work`);
    for (const { goOn } of calls) goOn(refuse);
  });

  test(`${entryPoint.name}: what is sent before the answer is heard in its order`, async () => {
    const { server, called } = await start(entryPoint);
    const wire = await server.connect();
    await wire.write(request("/"));
    const call = await called(1);
    const messages = Array.from({ length: 300 }, (_, i) => `${i} `.padEnd(1000, "."));
    void wire.write(join(messages.map((message) => encode(text(message), true))));
    await new Promise((resolve) => setTimeout(resolve, 50)); // more than is kept has arrived
    const socket = await new Promise<ServerSocket>((made) =>
      call.goOn((request) => {
        const upgraded = upgrade(request);
        made(upgraded.socket);
        return upgraded.response;
      })
    );
    const heard: string[] = [];
    const all = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => heard.push(data) === messages.length && resolve();
      socket.onclose = () => resolve();
    });
    const { head, peer } = await readAnswer(wire);
    if (entryPoint.reader in EARLY) return assert.match(head, / 4\d\d /, EARLY[entryPoint.reader]);
    assert.match(head, / 101 /);
    await all;
    assert.deepEqual(heard, messages);
    await peer.wire.end();
  });

  const DESCRIPTORS = "/proc/self/fd";
  const count = (): number => readdirSync(DESCRIPTORS).length;
  test(`${entryPoint.name}: connections of clients that left are let go`, {
    skip: !existsSync(DESCRIPTORS),
  }, async () => {
    const { server, calls, called } = await start(entryPoint);
    const before = count();
    let times = 0;
    for (const how of waysToLeave(entryPoint)) {
      for (let i = 0; i < 100; i++) {
        const wire = await server.connect();
        await wire.write(request("/"));
        await called(++times);
        await wire[how]();
      }
    }
    const end = performance.now() + 5_000;
    while (count() > before + 10 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const { goOn } of calls) goOn(refuse);
    assert.ok(count() <= before + 10, `${count() - before} descriptors are left`);
  });
}

const NONE = {} as Answer;

async function untilRefused(server: Open): Promise<Answer> {
  for (;;) {
    const wire = await server.connect();
    await wire.write(request("/"));
    const head = await Promise.race([
      readHead(wire),
      new Promise<undefined>((resolve) => setTimeout(resolve, 200, undefined)),
    ]);
    await wire.drop();
    if (head !== undefined) return await askUpgrade(server.connect);
  }
}
