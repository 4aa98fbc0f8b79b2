// An error of a listener or a handler closes one socket: the process and the others live.

import { serve, type Server, type ServerSocket, type Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "./raw_client.ts";

interface Report {
  readonly error: unknown;
  readonly socket: Socket | undefined;
}

let server: Server;
let attach: (socket: ServerSocket) => void;
let reports: Report[] = [];
let hear: (() => void) | undefined;

before(async () => {
  const onError = (error: unknown, socket?: Socket): void => {
    reports.push({ error, socket });
    hear?.();
    throw new Error("a bug in onError");
  };
  const options = { port: 0, hostname: "127.0.0.1", onError };
  console.error = () => {}; // where a bug in onError goes
  server = await serve(options, (request) => {
    const { socket, response } = upgrade(request);
    attach(socket);
    return response;
  });
});

after(async () => {
  TcpWire.dropAll();
  await server.close({ deadline: 0 });
});

/** Opens a socket, and looks at it from both ends. */
async function open(
  listen: (socket: ServerSocket) => void = () => {},
): Promise<Answer & { readonly socket: ServerSocket; readonly log: EventLog }> {
  let socket!: ServerSocket;
  let log!: EventLog;
  attach = (it) => {
    socket = it;
    log = new EventLog(it);
    listen(it);
  };
  const answer = await askUpgrade(server.port);
  assert.equal(answer.status, 101);
  return { ...answer, socket, log };
}

/** Waits until `onError` was called so often. */
async function reportsOf(count: number): Promise<readonly Report[]> {
  while (reports.length < count) await new Promise<void>((resolve) => hear = resolve);
  return reports;
}

const FAILURES: Readonly<Record<string, (failure: Error) => unknown>> = {
  throws(failure) {
    throw failure;
  },
  rejects: (failure) => Promise.reject(failure),
};

for (const [how, fail] of Object.entries(FAILURES)) {
  test(`a listener of open or message that ${how} ends that one socket with 1011`, async () => {
    const other = await open();
    for (const type of ["open", "message"] as const) {
      reports = [];
      const failure = new Error(`a bug in ${type}`);
      const { socket, log, peer } = await open((it) => {
        it.addEventListener(type, () => fail(failure));
      });
      if (type === "message") await peer.send("x");
      assert.equal((await log.next("error")).error, failure);
      assert.deepEqual(await reportsOf(1), [{ error: failure, socket }]);
      const heard = await peer.part();
      assert.deepEqual([heard.kind, (heard as { code?: number }).code], ["close", 1011]);
      assert.equal((await log.next("close")).code, 1011);
      assert.equal(log.types.filter((it) => it === "error").length, 1);
    }
    await other.peer.send("x");
    assert.equal((await other.log.next("message")).data, "x");
    assert.deepEqual(other.log.types, ["open", "message"]);
    await other.peer.wire.end();
  });

  test(`a listener of error or close that ${how} is reported, once, and nothing else`, async () => {
    reports = [];
    const first = new Error("a bug in message");
    const second = new Error("a bug in error");
    const third = new Error("a bug in close");
    const { socket, log, peer } = await open((it) => {
      it.addEventListener("message", () => fail(first));
      it.addEventListener("error", () => fail(second));
      it.addEventListener("close", () => fail(third));
    });
    await peer.send("x");
    await peer.part();
    assert.equal((await log.next("close")).code, 1011);
    const all = await reportsOf(3);
    assert.deepEqual(all.map(({ error }) => error), [first, second, third]);
    assert.ok(all.every((it) => it.socket === socket));
    assert.deepEqual(log.types, ["open", "message", "error", "close"]);
  });
}

test("what rejects after the end is reported, and nothing else", async () => {
  reports = [];
  const failure = new Error("late");
  let reject!: (error: Error) => void;
  const { log, peer } = await open((it) => {
    it.addEventListener("message", () => new Promise((_, no) => reject = no));
  });
  await peer.send("x");
  await log.next("message");
  await peer.wire.reset();
  await log.next("close");
  reject(failure);
  assert.equal((await reportsOf(1))[0]!.error, failure);
  assert.deepEqual(log.types, ["open", "message", "error", "close"]);
});

test("listeners of a client are the program's own affair", async () => {
  const { connect } = await import("@isosocket/isosocket");
  attach = () => {};
  const socket = connect(server.url);
  const log = new EventLog(socket);
  // A rejection would be unhandled, as for any EventTarget; a handled one is nothing.
  socket.addEventListener("open", () => Promise.resolve("fine"));
  await log.next("open");
  assert.equal(socket.readyState, socket.OPEN);
  socket.close();
  await log.next("close");
  assert.deepEqual(log.types, ["open", "close"]);
});
