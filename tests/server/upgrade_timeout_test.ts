// Handlers of handshakes that take too long: the client gets an answer, and what comes later is harmless.

import { type SocketOptions, upgrade, UpgradeError } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitForHandler } from "../../src/server/handler_wait.ts";
import { readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type EntryPoint, entryPoints, entryPointsAndApps, type Open } from "./entry_points.ts";
import { type Answer, ask, askUpgrade } from "./raw_client.ts";

const servers: Open[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close();
});

/** ms: time that a handler has, and time after which it has surely had it. */
const LIMIT = 100;
const LONG = 3 * LIMIT;

type Handle = (request: Request, late: Promise<void>) => Response | Promise<Response>;

/** A server whose handlers can wait for the time when it is too late. */
async function start(
  entryPoint: EntryPoint,
  handle: Handle,
  options?: SocketOptions,
): Promise<{ server: Open; errors: unknown[]; goOn: () => void; reported: () => Promise<void> }> {
  const errors: unknown[] = [];
  let goOn!: () => void;
  let hear: (() => void) | undefined;
  const late = new Promise<void>((resolve) => goOn = resolve);
  const onError = (error: unknown): void => {
    errors.push(error);
    hear?.();
  };
  const server = await entryPoint.open(
    (request) => handle(request, late),
    { upgradeTimeout: LIMIT, onError, ...options },
  );
  servers.push(server);
  const reported = async (): Promise<void> => {
    while (errors.length === 0) await new Promise<void>((resolve) => hear = resolve);
  };
  return { server, errors, goOn, reported };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function overdue(answer: Answer): Promise<void> {
  assert.equal(answer.status, 503, answer.head);
  assert.equal(answer.header("retry-after"), "5");
  assert.equal(
    await answer.body(),
    "Cannot upgrade: the handler has not answered within upgradeTimeout\n",
  );
}

for (const entryPoint of entryPoints) {
  test(`${entryPoint.name}: a handler may return what settles at once, and twice`, async () => {
    const { server, errors } = await start(entryPoint, (request) => {
      const { socket, response } = upgrade(request);
      socket.onmessage = ({ data }) => socket.send(data);
      const answer = {
        then(resolve: (response: Response) => void, reject: (error: Error) => void) {
          resolve(response);
          resolve(response);
          reject(new Error("too late"));
        },
      };
      return answer as Promise<Response>;
    }, { maxConnections: 1 });
    for (let times = 1; times <= 3; times++) {
      const { status, peer } = await askUpgrade(server.connect);
      assert.equal(status, 101);
      await sleep(LONG);
      await peer.send("alive");
      assert.deepEqual(await peer.next(), { kind: "text", data: "alive" });
      await peer.wire.end();
      while (server.hub.sockets.size > 0) await sleep(5);
    }
    assert.equal(server.hub.stats().refused.timeout, 0);
    assert.deepEqual(errors, []);
  });
}

for (const entryPoint of entryPointsAndApps) {
  test(`${entryPoint.name}: a late handler is a 503, and its place is free`, async () => {
    const { server, errors } = await start(entryPoint, () => new Promise(() => {}), {
      maxConnections: 1,
    });
    for (let times = 1; times <= 3; times++) {
      const begun = performance.now();
      await overdue(await askUpgrade(server.connect));
      assert.ok(performance.now() - begun >= 0.8 * LIMIT); // the clocks differ
      assert.equal(server.hub.stats().refused.timeout, times);
    }
    assert.deepEqual(errors, []);
  });

  test(`${entryPoint.name}: a late upgrade() throws, and onError is called`, async () => {
    const { server, errors, goOn, reported } = await start(entryPoint, async (request, late) => {
      await late;
      return upgrade(request).response;
    });
    await overdue(await askUpgrade(server.connect));
    goOn();
    await reported();
    assert.deepEqual(errors.map(String), [
      "TypeError: Cannot upgrade this request: it is answered already, with 503 after upgradeTimeout",
    ]);
  });

  test(`${entryPoint.name}: a socket whose handler is late fails`, async () => {
    let log!: EventLog;
    const { server, errors, goOn } = await start(entryPoint, async (request, late) => {
      const { socket, response } = upgrade(request);
      log = new EventLog(socket);
      await late;
      return response;
    }, { maxConnections: 1 });
    for (let times = 1; times <= 2; times++) {
      await overdue(await askUpgrade(server.connect));
      const { code } = await log.next("close");
      assert.deepEqual([code, log.types], [1006, ["error", "close"]]);
      assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
    }
    goOn();
    await sleep(LIMIT);
    assert.deepEqual(errors, []);
  });

  test(`${entryPoint.name}: onError is called with what a late handler throws, unless it refuses`, async () => {
    const failure = new Error("a bug");
    const { server, errors, goOn, reported } = await start(entryPoint, async (request, late) => {
      await late;
      throw request.url.endsWith("/no") ? new UpgradeError("No", 403) : failure;
    });
    await Promise.all(["/no", "/"].map(async (path) => {
      await overdue(await askUpgrade(server.connect, path));
    }));
    goOn();
    await reported();
    await sleep(LIMIT);
    assert.deepEqual(errors, [failure]);
  });

  if (entryPoint.hasPages) {
    test(`${entryPoint.name}: upgradeTimeout is no limit for pages, nor for streams`, async () => {
      const { server } = await start(entryPoint, async () => {
        await sleep(LONG);
        const body = new ReadableStream({
          async start(controller) {
            controller.enqueue(utf8("begun "));
            await sleep(LONG);
            controller.enqueue(utf8("done"));
            controller.close();
          },
        });
        return new Response(body, { status: 403 });
      });
      const page = await ask(server.connect, utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
      assert.equal(page.status, 403);
      await page.part("done");
    });
  }

  test(`${entryPoint.name}: an answer in time takes its time to be sent`, async () => {
    const { server } = await start(entryPoint, async () => {
      await undefined;
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(utf8("begun "));
          await sleep(LONG);
          controller.enqueue(utf8("done"));
          controller.close();
        },
      });
      return new Response(body, { status: 403 });
    });
    const answer = await askUpgrade(server.connect);
    assert.equal(answer.status, 403);
    await answer.part("done");
  });

  test(`${entryPoint.name}: with upgradeTimeout 0, there is no limit`, async () => {
    const { server } = await start(entryPoint, async (request) => {
      await sleep(LONG);
      return upgrade(request).response;
    }, { upgradeTimeout: 0 });
    const { status, peer } = await askUpgrade(server.connect);
    assert.equal(status, 101);
    await peer.wire.end();
  });

  test(`${entryPoint.name}: close() does not wait for upgradeTimeout`, async () => {
    let called!: () => void;
    let calls = 0;
    const both = new Promise<void>((resolve) => called = () => ++calls === 2 && resolve());
    const { server, errors, goOn } = await start(entryPoint, async (request, late) => {
      called();
      await late;
      return upgrade(request).response;
    }, { upgradeTimeout: 3e7 }); // a timer of it would keep the process of this test alive
    const wire = await server.connect();
    await wire.write(request("/"));
    const leaver = await server.connect();
    await leaver.write(request("/"));
    await both;
    await leaver.drop();
    const begun = performance.now();
    const head = readHead(wire);
    await server.hub.close({ deadline: LIMIT });
    if (!entryPoint.endsServer) { // it is the hub alone that has closed
      assert.match((await head)?.head ?? "", /^HTTP\/1.1 503 [^]*\r\nRetry-After: 1\r\n/i);
      assert.ok(server.hub.stats().refused.closing >= 1); // or 2: it may not know yet who has left
    }
    assert.ok(performance.now() - begun < 5_000);
    goOn();
    await sleep(LIMIT);
    assert.deepEqual(errors, []);
  });
}

for (const entryPoint of entryPoints) { // of an app, the body is its own
  test(`${entryPoint.name}: a late response is let go, with its body`, async () => {
    let cancelled!: () => void;
    const letGo = new Promise<void>((resolve) => cancelled = resolve);
    const { server, errors, goOn } = await start(entryPoint, async (_, late) => {
      await late;
      return new Response(new ReadableStream({ cancel: () => cancelled() }));
    });
    await overdue(await askUpgrade(server.connect));
    goOn();
    await letGo;
    assert.deepEqual(errors, []);
  });
}

test("what is almost a promise is waited for once, and then no more", async () => {
  const thenable = {
    then(resolve: (value: string) => void): void {
      resolve("first");
      resolve("second");
    },
  } as PromiseLike<string>;
  let begun = 0;
  let ended = 0;
  const begin = (): () => void => {
    begun++;
    return () => void ended++;
  };
  const told: unknown[] = [];
  const tell = (what?: unknown): void => void told.push(what);
  const wait = {
    watch: begin,
    startTimeout: begin,
    abandoned: tell,
    settled: tell,
    onError: tell,
  };
  assert.equal(await waitForHandler(thenable, wait), "first");
  assert.deepEqual([begun, ended, told], [2, 2, []]);
});

test("upgradeTimeout is a time", async () => {
  for (const upgradeTimeout of [-1, NaN, 2 ** 31]) {
    await assert.rejects(start(entryPointsAndApps[0]!, () => new Response(), { upgradeTimeout }), {
      name: "RangeError",
      message:
        `Cannot use upgradeTimeout ${upgradeTimeout}: it must be between 0 and 2147483647 ms`,
    });
  }
});
