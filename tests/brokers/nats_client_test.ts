// What nats() takes, what it refuses, and what it does with a connection that is given.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { nats, type NatsConnection } from "@isosocket/isosocket/nats";
import { pair } from "@isosocket/isosocket/testing";
import { until } from "../../src/testing/contract/broker/broker_rule.ts";

test("nats() refuses what is none of ours, other URLs and wrong options", () => {
  for (const source of [undefined, {}, { publish() {} }, 4222]) {
    assert.throws(() => nats(source as unknown as string), /it must be a function that connects/);
  }
  assert.throws(() => nats("http://127.0.0.1"), /it must be nats: or tls:/);
  assert.throws(() => nats("127.0.0.1"), TypeError);
  for (const prefix of ["a b", "a.*", ">", "a..b", ".", "\u00e4", 1 as never]) {
    assert.throws(() => nats("nats://127.0.0.1", { prefix }), /Cannot use prefix/);
  }
  for (const prefix of ["", "a.", "a.b.", "a:"]) nats("nats://127.0.0.1", { prefix });
});

/** A connection that hears itself, and can be told what happens to it. */
function scripted(): NatsConnection & {
  tell(status: object): void;
  subjects: Set<string>;
  stopped: number;
} {
  let tell = (_: object): void => {};
  const listeners = new Map<string, (error: unknown, message: unknown) => void>();
  const it = {
    info: { max_payload: 1000 },
    subjects: new Set<string>(),
    stopped: 0,
    tell: (status: object) => tell(status),
    publish: (subject: string, data: Uint8Array) => listeners.get(subject)?.(null, { data }),
    subscribe(subject: string, { callback }: { callback: (error: unknown, it: unknown) => void }) {
      listeners.set(subject, callback);
      it.subjects.add(subject);
      return { unsubscribe: () => void it.subjects.delete(subject) };
    },
    flush: () => Promise.resolve(),
    status() {
      const statuses = new ReadableStream({
        start: (controller) => void (tell = (status) => controller.enqueue(status)),
      });
      return Object.assign(statuses, { stop: () => it.stopped++ });
    },
    closed: () => Promise.resolve(),
    close: () => assert.fail("it is not ours to close"),
  };
  return it;
}

test("a connection that is given has no subscriptions when the server is closed, and is not closed", async () => {
  const connection = scripted();
  const { hub } = pair({ broker: nats(connection) });
  await until(() => hub.stats().broker!.up, "up");
  assert.equal(connection.subjects.size, 1);
  assert.match([...connection.subjects][0]!, /^isosocket\.[\w-]+$/);
  await hub.close({ deadline: 0 });
  assert.deepEqual([connection.subjects.size, connection.stopped], [0, 1]);
});

test("a subject that may not be published to is reported: of ours, and not of the program's", async () => {
  const connection = scripted();
  const errors: string[] = [];
  const events: string[] = [];
  const { hub } = pair({
    broker: nats(connection),
    onBroker: (event) => void events.push(event.type),
    onError: (error) => void errors.push(String((error as Error).cause)),
  });
  await until(() => hub.stats().broker!.up, "up");
  const refuse = (subject: string): void =>
    connection.tell({ type: "error", error: { operation: "publish", subject } });
  refuse("orders.new");
  for (let times = 0; times < 10; times++) {
    hub.publish("news", "not refused");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.deepEqual(errors, []);
  refuse("isosocket.abc");
  await until(() => {
    hub.publish("news", "refused");
    return errors.length > 0;
  }, "a report");
  assert.match(errors[0]!, /may not publish to subjects with "isosocket\."/);
  assert.deepEqual([errors.length, events], [1, ["up"]]);
  connection.tell({ type: "disconnect" });
  await until(() => events.includes("down"), "down");
  await hub.close({ deadline: 0 });
});

test("a long name of a topic has a short subject", async () => {
  const connection = scripted();
  const { hub, server } = pair({ broker: nats(connection) });
  await until(() => hub.stats().broker!.up, "up");
  server.subscribe("x".repeat(5000));
  await until(() => connection.subjects.size === 2, "a subscription");
  for (const subject of connection.subjects) assert.ok(subject.length < 100, subject);
  await hub.close({ deadline: 0 });
});

test("a URL is enough where a client is installed", async () => {
  const nothing = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(nothing, "listening");
  const { port } = nothing.address() as { port: number };
  const connected = once(nothing, "connection");
  const { hub } = pair({ broker: nats(`nats://127.0.0.1:${port}`), onError() {} });
  await connected;
  await hub.close({ deadline: 0 });
  nothing.close();
});
