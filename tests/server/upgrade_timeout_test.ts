// Handlers of handshakes that take too long: the client gets an answer, and what comes later is harmless.

import { serve, type ServeOptions, type Server, upgrade, UpgradeError } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { utf8 } from "../../src/testing/frame.ts";
import { Record as Log } from "../../src/testing/record.ts";
import { TcpWire } from "../far/tcp_wire.ts";
import { by, engines, FREE } from "./places.ts";
import { type Answer, ask, askUpgrade } from "./raw_client.ts";

const servers: Server[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

/** ms: time that a handler has, and time after which it has surely had it. */
const LIMIT = 100;
const LONG = 3 * LIMIT;

type Handle = (request: Request, late: Promise<void>) => Response | Promise<Response>;

/** A server whose handlers can wait for the time when it is too late. */
async function start(
  handle: Handle,
  options: ServeOptions,
): Promise<{ server: Server; errors: unknown[]; goOn: () => void; told: () => Promise<void> }> {
  const errors: unknown[] = [];
  let goOn!: () => void;
  let hear: (() => void) | undefined;
  const late = new Promise<void>((resolve) => goOn = resolve);
  const onError = (error: unknown): void => {
    errors.push(error);
    hear?.();
  };
  const server = await serve(
    { ...FREE, upgradeTimeout: LIMIT, onError, ...options },
    (request) => handle(request, late),
  );
  servers.push(server);
  const told = async (): Promise<void> => {
    while (errors.length === 0) await new Promise<void>((resolve) => hear = resolve);
  };
  return { server, errors, goOn, told };
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

for (const engine of engines) {
  test(`a late handler is a 503, and its place is free${by(engine)}`, async () => {
    const { server, errors } = await start(() => new Promise(() => {}), {
      engine,
      maxConnections: 1,
    });
    for (let times = 1; times <= 3; times++) {
      const begun = performance.now();
      await overdue(await askUpgrade(server.port));
      assert.ok(performance.now() - begun >= 0.8 * LIMIT); // the clocks differ
      assert.equal(server.stats().refused.timeout, times);
    }
    assert.deepEqual(errors, []);
  });

  test(`a late upgrade() throws, and onError is told${by(engine)}`, async () => {
    const { server, errors, goOn, told } = await start(async (request, late) => {
      await late;
      return upgrade(request).response;
    }, { engine });
    await overdue(await askUpgrade(server.port));
    goOn();
    await told();
    assert.deepEqual(errors.map(String), [
      "TypeError: Cannot upgrade this request: it is answered already, with 503 after upgradeTimeout",
    ]);
  });

  test(`a socket whose handler is late fails${by(engine)}`, async () => {
    let log!: Log;
    const { server, errors, goOn } = await start(async (request, late) => {
      const { socket, response } = upgrade(request);
      log = new Log(socket);
      await late;
      return response;
    }, { engine, maxConnections: 1 });
    for (let times = 1; times <= 2; times++) {
      await overdue(await askUpgrade(server.port));
      const { code } = await log.next("close");
      assert.deepEqual([code, log.types], [1006, ["error", "close"]]);
      assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
    }
    goOn();
    await sleep(LIMIT);
    assert.deepEqual(errors, []);
  });

  test(`a late response is let go, with its body${by(engine)}`, async () => {
    let cancelled!: () => void;
    const letGo = new Promise<void>((resolve) => cancelled = resolve);
    const { server, errors, goOn } = await start(async (_, late) => {
      await late;
      return new Response(new ReadableStream({ cancel: () => cancelled() }));
    }, { engine });
    await overdue(await askUpgrade(server.port));
    goOn();
    await letGo;
    assert.deepEqual(errors, []);
  });

  test(`what a late handler throws is told to onError, unless it refuses${by(engine)}`, async () => {
    const failure = new Error("a bug");
    const { server, errors, goOn, told } = await start(async (request, late) => {
      await late;
      throw request.url.endsWith("/no") ? new UpgradeError("No", 403) : failure;
    }, { engine });
    await Promise.all(["/no", "/"].map(async (path) => {
      await overdue(await askUpgrade(server.port, path));
    }));
    goOn();
    await told();
    await sleep(LIMIT);
    assert.deepEqual(errors, [failure]);
  });

  test(`what a late handler gives is told to onError if nobody can look at it${by(engine)}`, async () => {
    const shy = <T extends object>(target: T): T =>
      new Proxy(target, {
        getPrototypeOf() {
          throw new Error("nobody may look");
        },
      });
    const endings: Readonly<Record<string, () => Response>> = {
      "/shy-error": () => {
        throw shy({});
      },
      "/shy-response": () => shy(new Response("a page")),
      "/shy-body": () =>
        Object.defineProperty(new Response("a page"), "body", {
          get() {
            throw new Error("no body");
          },
        }),
    };
    for (const [path, end] of Object.entries(endings)) {
      const { server, errors, goOn, told } = await start(async (request, late) => {
        if (request.url.endsWith("/alive")) return new Response("alive", { status: 404 });
        await late;
        return end();
      }, { engine });
      await overdue(await askUpgrade(server.port, path));
      goOn();
      await told();
      await sleep(LIMIT);
      assert.equal(errors.length, 1, path);
      assert.equal((await askUpgrade(server.port, "/alive")).status, 404);
    }
  });

  test(`a handler may return what settles at once, and twice${by(engine)}`, async () => {
    const { server, errors } = await start((request) => {
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
    }, { engine, maxConnections: 1 });
    for (let times = 1; times <= 3; times++) {
      const { status, far } = await askUpgrade(server.port);
      assert.equal(status, 101);
      await sleep(LONG);
      await far.send("alive");
      assert.deepEqual(await far.next(), { kind: "text", data: "alive" });
      await far.wire.end();
      while (server.sockets.size > 0) await sleep(5);
    }
    assert.equal(server.stats().refused.timeout, 0);
    assert.deepEqual(errors, []);
  });

  test(`upgradeTimeout is no limit for pages, nor for streams${by(engine)}`, async () => {
    const { server } = await start(async () => {
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
    }, { engine });
    const page = await ask(server.port, utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert.equal(page.status, 403);
    await page.part("done");
  });

  test(`an answer in time takes its time to be sent${by(engine)}`, async () => {
    const { server } = await start(async () => {
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
    }, { engine });
    const answer = await askUpgrade(server.port);
    assert.equal(answer.status, 403);
    await answer.part("done");
  });

  test(`with upgradeTimeout 0, there is no limit${by(engine)}`, async () => {
    const { server } = await start(async (request) => {
      await sleep(LONG);
      return upgrade(request).response;
    }, { engine, upgradeTimeout: 0 });
    const { status, far } = await askUpgrade(server.port);
    assert.equal(status, 101);
    await far.wire.end();
  });

  test(`close() does not wait for upgradeTimeout${by(engine)}`, async () => {
    const { server } = await start(() => new Promise(() => {}), { engine, upgradeTimeout: 3e7 });
    const wire = await TcpWire.connect(server.port);
    await wire.write(utf8("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"));
    await sleep(LIMIT);
    const begun = performance.now();
    await server.close({ deadline: LIMIT });
    assert.ok(performance.now() - begun < 5_000);
  });
}

test("upgradeTimeout is a time", async () => {
  for (const upgradeTimeout of [-1, NaN, 2 ** 31]) {
    await assert.rejects(start(() => new Response(), { upgradeTimeout }), {
      name: "RangeError",
      message:
        `Cannot use upgradeTimeout ${upgradeTimeout}: it must be between 0 and 2147483647 ms`,
    });
  }
});
