// What postgres() takes and refuses, and what it does with messages that are too long for NOTIFY.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, test } from "node:test";
import sql from "postgres";
import { postgres, type PostgresSource } from "@isosocket/isosocket/postgres";
import { pair } from "@isosocket/isosocket/testing";
import {
  closeAll,
  reached,
  received,
  until,
  upServers,
} from "../../src/testing/contract/broker/broker_rule.ts";
import { skipWithout } from "./engine_process.ts";
import {
  command,
  POSTGRES,
  type PostgresEngine,
  removeTemplate,
  startPostgres,
} from "./postgres_server.ts";

const { default: { Client, Pool } } = await import("pg" as string); // it has no types of its own
const skip = skipWithout(POSTGRES);

let started: Promise<PostgresEngine> | undefined;
/** Engine of these tests. */
const engine = (): Promise<PostgresEngine> =>
  started ??= startPostgres((url) => () => new Client(url));
after(async () => {
  await (await started)?.end();
  removeTemplate();
});

test("postgres() refuses what is none of ours, other URLs and wrong options", () => {
  for (const source of [undefined, {}, new Client(), sql("postgres://127.0.0.1:1/"), 5432]) {
    assert.throws(() => postgres(source as never), /it must be a URL, or a function that makes/);
  }
  assert.throws(() => postgres("http://127.0.0.1"), /it must be postgres:/);
  assert.throws(() => postgres("127.0.0.1"), TypeError);
  const url = "postgresql://127.0.0.1/app";
  assert.throws(() => postgres(url, { prefix: "\ud800" }), /Cannot use prefix/);
  for (const table of ["", "A", "a.b.c", 'a"', "a;", 1 as never]) {
    assert.throws(() => postgres(url, { table }), /Cannot use table/);
  }
  postgres(url, { table: "realtime.long_messages" });
});

test("a function that makes a pool, or nothing, is told so when it is used", async () => {
  for (const make of [() => new Pool(), () => undefined, () => ({ query() {} })]) {
    const errors: string[] = [];
    const { hub } = pair({
      broker: postgres(make as PostgresSource),
      onBroker: (event) => void errors.push(event.type === "down" ? event.error.message : ""),
    });
    await until(() => errors.length > 0, "down");
    assert.match(errors[0]!, /^Cannot use what the function makes/);
    await hub.close({ deadline: 0 });
  }
});

test(
  "long messages keep their place among short ones, and are removed a while later",
  { skip },
  async () => {
    const { folder } = await engine();
    const servers = await upServers(await engine(), 2);
    const there = await servers[1]!.subscriber("news");
    await reached(servers[0]!, there, "news");
    const long = "\u20ac".repeat(100_000);
    const sent = ["a", long, "b", "x".repeat(6900), "x".repeat(7100), long, "c"];
    for (const text of sent) servers[0]!.hub.publish("news", text);
    await until(() => received(there).length === sent.length, "all");
    assert.deepEqual(received(there), sent);
    const count = "select count(*)::int as count from isosocket_messages";
    assert.deepEqual(await command(folder, count), [{ count: 3 }]);
    await command(folder, "update isosocket_messages set at = at - interval '2 minutes'");
    servers[0]!.hub.publish("news", long);
    await until(() => received(there).length === sent.length + 1, "one more");
    assert.deepEqual(await command(folder, count), [{ count: 1 }]);
    await closeAll(servers);
  },
);

test("who may not create the table is told how; short messages need none", { skip }, async () => {
  const { folder } = await engine();
  await command(folder, "drop table if exists isosocket_messages");
  await command(folder, "revoke create on schema public from tester");
  const servers = await upServers(await engine(), 2);
  const there = await servers[1]!.subscriber("news");
  await reached(servers[0]!, there, "news");
  for (const text of ["a", "x".repeat(8000), "b"]) servers[0]!.hub.publish("news", text);
  await until(() => received(there).length === 2, "the short ones");
  assert.equal(servers[1]!.hub.stats().broker!.lost, 1);
  const { message } = (servers[0]!.errors[0] as Error).cause as Error;
  const [, statement] = /create the table, "(.*)"$/.exec(message)!;
  await command(
    folder,
    `${statement}; grant select, insert, update, delete on isosocket_messages to tester`,
  );
  servers[0]!.hub.publish("news", "x".repeat(8000));
  await until(() => received(there).length === 3, "the long one");
  await command(folder, "drop table isosocket_messages; grant create on schema public to tester");
  await closeAll(servers);
});

test("a message that the database's encoding lacks takes no other with it", { skip }, async () => {
  const { folder } = await engine();
  await command(folder, "create database latin template template0 encoding 'LATIN1' locale 'C'");
  const errors: unknown[] = [];
  const owner = { host: folder, user: "postgres", database: "latin" };
  const broker = postgres(() => new Client(owner));
  const serve = async (): Promise<ReturnType<PostgresEngine["serve"]>> =>
    (await engine()).serve({ broker, onError: (error) => void errors.push(error) });
  const servers = [await serve(), await serve()];
  const there = await servers[1]!.subscriber("news");
  await reached(servers[0]!, there, "news");
  for (const text of ["\u00e4", "\u20ac", "c"]) servers[0]!.hub.publish("news", text);
  await until(() => received(there).length === 2, "the others");
  assert.deepEqual(received(there), ["\u00e4", "c"]);
  assert.equal(servers[1]!.hub.stats().broker!.lost, 1);
  assert.match(String(errors), /the broker refuses it/);
  await closeAll(servers);
});

test("a URL is enough where a client is installed", async () => {
  const nothing = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(nothing, "listening");
  const { port } = nothing.address() as { port: number };
  const connected = once(nothing, "connection");
  const { hub } = pair({ broker: postgres(`postgres://127.0.0.1:${port}/app`), onError() {} });
  await connected;
  await hub.close({ deadline: 0 });
  nothing.close();
});

test("a client of postgres that is destroyed while it begins loses no rejection", async () => {
  let asked = "";
  const silent = createServer((socket) => {
    // It lets in whoever comes, and says no more (PostgreSQL, 55.7: AuthenticationOk, ReadyForQuery).
    socket.once("data", () => {
      socket.write(Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49));
      socket.on("data", (chunk) => asked += chunk.toString("latin1"));
    });
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const make = (): ReturnType<typeof sql> => sql(`postgres://a@127.0.0.1:${port}/a`, { max: 1 });
  const { hub } = pair({ broker: postgres(make), onError() {} });
  await until(() => asked.includes("select 1"), "the first statement");
  await hub.close({ deadline: 0 }); // an unhandled rejection would be a failure of this file
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.doesNotMatch(asked, /pg_type/);
  silent.close();
});
