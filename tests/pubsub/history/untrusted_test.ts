// What clients say of topics is not believed, and a refusal tells nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { seeded } from "../../../src/testing/memory/random.ts";
import { readHello } from "../../../src/pubsub/history/frames.ts";
import { rawClient, start } from "./history_servers.ts";

test("a client hears nothing of topics that the handler does not subscribe it to", async () => {
  const { server, topics, [Symbol.asyncDispose]: end } = await start();
  const { epoch, offset } = await topics.publish("room:secret", "secret");
  await topics.publish("room:1", "known");
  const claims = [
    [],
    [["room:secret", epoch, offset]],
    [["room:secret", epoch, 0]],
    [["room:secret", "made-up", 0]],
    [["room:nobody", epoch, offset]],
    [["news", "x", 0], ["", "", 0], ["room:secret", epoch, Number.MAX_SAFE_INTEGER]],
  ];
  const answers: unknown[][] = [];
  for (const claim of claims) {
    const { socket, heard } = await rawClient(`${server.url}room:1`, claim);
    await until(() => heard.length === 1, "the state of the topic that is allowed");
    await topics.publish("room:secret", "another");
    await topics.publish("room:1", "next");
    await until(() => heard.length === 2, "the next message");
    answers.push(heard.map((it) => String(it).replaceAll(/\d+/g, "n")));
    socket.close();
    await socket.closed;
  }
  for (const answer of answers) {
    assert.deepEqual(answer, answers[0], "byte by byte, but for numbers");
  }
  assert.equal(server.subscribers("room:secret"), 0);
  await end();
});

test("the same client gets the same bytes, whatever it says of a topic that it must not have", async () => {
  const { server, topics, [Symbol.asyncDispose]: end } = await start();
  const { epoch, offset } = await topics.publish("room:secret", "secret");
  const answers: unknown[][] = [];
  for (const topic of ["room:secret", "room:nobody"]) {
    for (const claim of [[topic, epoch, offset], [topic, epoch, 0], [topic, "x", 9]]) {
      const { socket, heard } = await rawClient(`${server.url}room:1`, [claim]);
      await until(() => heard.length === 1, "the state");
      answers.push([...heard]);
      socket.close();
      await socket.closed;
    }
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  await end();
});

test("the handler is asked again on each connection", async () => {
  const { server, topics, [Symbol.asyncDispose]: end } = await start();
  const first = await rawClient(`${server.url}room:1`, []);
  await until(() => first.heard.length === 1, "the state");
  await topics.publish("room:1", "one");
  const [, epoch] = JSON.parse((first.heard[0] as string).slice(2));
  first.socket.close();
  await topics.publish("room:1", "two");
  const second = await rawClient(`${server.url}room:2`, [["room:1", epoch, 1]]);
  await until(() => second.heard.length === 1, "the state");
  assert.ok((second.heard[0] as string).startsWith('\x01s["room:2",'));
  second.socket.close();
  await end();
});

const seed = Number(globalThis.process?.env?.SEED ?? 0) || Math.floor(Math.random() * 2 ** 31) + 1;

test(`a first message is read, or refused, whatever is in it (seed ${seed})`, () => {
  const next = seeded(seed);
  const random = (below: number): number => Math.floor(next() * below);
  const valid = '\x01h[["room:1","abc",5],["\\ud800","",0]]';
  assert.equal(readHello(valid)!.size, 2);
  const values = ["null", "-1", "1.5", "1e99", '""', "[]", "{}", '"a"', "true", "9007199254740993"];
  let refused = 0;
  for (let round = 0; round < 5000; round++) {
    let text = valid;
    for (let times = 1 + random(3); times > 0; times--) {
      const at = random(text.length + 1);
      const cut = random(8);
      const piece = random(2) === 0
        ? values[random(values.length)]!
        : String.fromCharCode(random(0x10000));
      text = text.slice(0, at) + piece + text.slice(at + cut);
    }
    const positions = readHello(text);
    if (positions === undefined) refused++;
    for (const [topic, { epoch, offset }] of positions ?? []) {
      assert.equal(typeof topic, "string", text);
      assert.ok(typeof epoch === "string" && epoch.length <= 64, text);
      assert.ok(Number.isSafeInteger(offset) && offset >= 0, text);
    }
  }
  assert.ok(refused > 1000, `${refused} were refused`);
});

test("a first message that is none ends its own connection, with 1008", async () => {
  const errors: unknown[] = [];
  const { server, topics, [Symbol.asyncDispose]: end } = await start({
    onError: (error) => errors.push(error),
  });
  const many = Array.from({ length: 257 }, (_, at) => [`room:${at}`, "x", 0]);
  const wrong = [
    "hello",
    "",
    "\x01",
    "\x01h",
    "\x01h{}",
    "\x01h[1]",
    '\x01h[["a","b"]]',
    '\x01h[["a","b",-1]]',
    `\x01h[["a","${"x".repeat(65)}",1]]`,
    `\x01h${" ".repeat(70_000)}[]`,
    `\x01h${JSON.stringify(many)}`,
  ];
  const good = await rawClient(`${server.url}room:1`, []);
  for (const text of wrong) {
    const { socket, heard } = await rawClient(`${server.url}room:1`, text);
    assert.equal((await socket.closed).code, 1008, text.slice(0, 30));
    assert.deepEqual(heard, []);
  }
  await topics.publish("room:1", "goes on");
  await until(() => good.heard.length === 2, "the message of the other");
  assert.equal(server.subscribers("room:1"), 1);
  assert.deepEqual(errors, []);
  good.socket.close();
  await end();
});
