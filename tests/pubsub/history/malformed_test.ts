// What servers say of topics is not believed by clients either, nor what is kept of positions.

import { reconnect, serve, upgrade } from "@isosocket/isosocket";
import { recover, type RecoveryPositions } from "@isosocket/isosocket/recover";
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { RECOVER_PROTOCOL } from "../../../src/protocol/recovery.ts";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { client, start } from "./history_servers.ts";

const MALFORMED: readonly (string | Uint8Array)[] = [
  ...["\x01", "\x01s", "\x01s{}", "\x01snull", '\x01s["a"]', "\x01s[5,6,7]", "\x01z"],
  ...['\x01s["a","e",-1,true]', '\x01s["a","e",1.5]', `\x01s["a","${"e".repeat(65)}",1]`],
  ...["\x01m", "\x01m1", '\x01m1 "a"', "\x01m1 5\nx", '\x01m-1 "a"\nx', '\x01mx "a"\nx'],
  ...["\x01", "\x01m", "\x01m\n", "\x01z\n"].map((text) => new TextEncoder().encode(text)),
];

test("a malformed message of a server ends the connection, and nothing else", async () => {
  let sent = 0;
  const where = { port: 0, hostname: "127.0.0.1" };
  const server = await serve(where, (request) => {
    const { socket, response } = upgrade(request, { protocols: [RECOVER_PROTOCOL] });
    socket.onopen = () => {
      if (sent === MALFORMED.length) return socket.send("good");
      socket.send(MALFORMED[sent++]!);
      socket.send("of no use"); // nobody knows what was lost before it
    };
    return response;
  });
  const codes: number[] = [];
  const heard: unknown[] = [];
  const socket = reconnect(server.url, {
    backoff: { base: 1, max: 2 },
    recover: recover(),
    until: ({ code }) => codes.push(code) > MALFORMED.length, // more than there should be
  });
  socket.onmessage = ({ data }) => void heard.push(data);
  await until(() => heard.length > 0, "the message that is not malformed");
  assert.deepEqual(heard, ["good"]);
  assert.deepEqual(codes, MALFORMED.map(() => 1006));
  socket.close();
  await server.close({ deadline: 0 });
});

test("messages of more topics than are recovered arrive nevertheless", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `room:${i}`);
  const { server, topics, sockets, [Symbol.asyncDispose]: end } = await start();
  const { socket, messages, states, recovery } = client(() => server.url);
  await once(socket, "open");
  for (const name of names) sockets[0]!.subscribe(name);
  await until(() => states.length === 300, "the states");
  for (const name of names) await topics.publish(name, name);
  await until(() => messages.length >= 300, "the messages");
  assert.deepEqual(messages, names);
  assert.equal(Object.keys(recovery.positions).length, 256);
  socket.close();
  await end();
});

test("`recover()` takes no positions that are none", () => {
  const kept = [null, "x", 1, { a: null }, { a: {} }, { a: { epoch: 5, offset: 1 } }];
  const offsets = [-1, 1.5, NaN, Infinity, 2 ** 53, "1"];
  const wrong = [
    ...kept,
    ...offsets.map((offset) => ({ a: { epoch: "e", offset } })),
    { a: { epoch: "e".repeat(65), offset: 1 } },
  ];
  for (const since of wrong) {
    const call = () => recover({ since: since as unknown as RecoveryPositions });
    assert.throws(call, { name: "TypeError", message: /^Cannot recover .*: it must be / });
  }
});
