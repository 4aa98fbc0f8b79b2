// Random publishing, cuts, restarts and losses over several servers with one broker: nothing comes
// twice, and nothing is missing where a client was told that it has recovered.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { reconnect } from "@isosocket/isosocket";
import { history, type TopicHistory } from "@isosocket/isosocket/history";
import { recover } from "@isosocket/isosocket/recover";
import { MemoryBroker, type ScriptedServer, scriptedServer } from "@isosocket/isosocket/testing";
import { until } from "../../../src/testing/contract/broker/broker_rule.ts";
import { seeded } from "../../../src/testing/memory/random.ts";

const seed = Number(process.env.SEED ?? 0) || Math.floor(Math.random() * 2 ** 31) + 1;
const ROUNDS = 400;
const SERVERS = 3;
const CLIENTS = 6;
const SIZE = 40;

interface Running {
  readonly scripted: ScriptedServer;
  readonly topics: TopicHistory;
  /** Ends the server, which refuses whoever comes. */
  end(): Promise<unknown>;
}

/** Starts a server that accepts everybody, and subscribes them. */
function start(broker: MemoryBroker): Running {
  const topics = history({ "room:": { size: SIZE, ttl: 3_600_000 } });
  let hasEnded = false;
  const scripted = scriptedServer(async (server) => {
    while (true) {
      const call = await server.call();
      if (hasEnded) call.refuse();
      else call.accept().then(({ socket }) => socket.subscribe("room:1"), () => {});
    }
  }, { broker, history: topics, onError() {} });
  scripted.done.catch(() => {});
  return {
    scripted,
    topics,
    end() {
      hasEnded = true;
      return scripted.hub.close({ deadline: 0 });
    },
  };
}

/** What a client was told, and what it got: numbers of messages. */
type Entry = number | boolean | undefined;

/** Checks the log of one client against all messages in the order of the history. */
function check(log: readonly Entry[], order: ReadonlyMap<number, number>, what: string): number {
  let place = -1;
  let isKnown = false;
  let recoveries = 0;
  for (const entry of log) {
    if (typeof entry !== "number") {
      if (entry === true) recoveries++;
      else isKnown = false; // it may have missed messages
      continue;
    }
    const next = order.get(entry)!;
    assert.ok(next > place, `${what}: message ${entry} came twice, or too late`);
    if (isKnown) assert.equal(next, place + 1, `${what}: messages before ${entry} are missing`);
    place = next;
    isKnown = true;
  }
  return recoveries;
}

test(`recovered is true only if nothing is missing (seed ${seed})`, async () => {
  const next = seeded(seed);
  const random = (below: number): number => Math.floor(next() * below);
  const broker = new MemoryBroker();
  const servers = Array.from({ length: SERVERS }, () => start(broker));
  class AnyServer {
    constructor(url: string, protocols: string[]) {
      return new servers[random(SERVERS)]!.scripted.WebSocket(url, protocols);
    }
  }
  const clients = Array.from({ length: CLIENTS }, () => {
    const log: Entry[] = [];
    const socket = reconnect("ws://memory.invalid/", {
      WebSocket: AnyServer as never,
      backoff: { base: 3, max: 20 },
      recover: recover({ onRecover: ({ recovered }) => void log.push(recovered) }),
      until: () => false,
    });
    socket.onmessage = ({ data }) => void log.push(Number(data));
    return { socket, log };
  });
  await until(() => servers.every(({ scripted }) => scripted.hub.stats().broker!.up), "up");

  /** Positions of messages in the history, as publish() has told them; or as nobody knows. */
  const places = new Map<number, string>();
  const publishing: Promise<void>[] = [];
  let epochs = 0;
  const epochOf = new Map<string, number>();
  const publish = (): void => {
    const number = publishing.length;
    publishing.push(
      servers[random(SERVERS)]!.topics.publish("room:1", `${number}`).then(
        ({ epoch, offset }) => {
          if (!epochOf.has(epoch)) epochOf.set(epoch, epochs++);
          places.set(number, `${epoch} ${offset}`);
        },
        () => {},
      ),
    );
  };
  const counts: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (let times = random(6); times > 0; times--) publish();
    const dice = random(100);
    const action = dice < 30
      ? "cut"
      : dice < 33
      ? "broker"
      : dice < 35
      ? "forget"
      : dice < 37
      ? "trim"
      : dice < 40
      ? "lose"
      : dice < 43
      ? "duplicate"
      : dice < 45
      ? "server"
      : "none";
    counts[action] = (counts[action] ?? 0) + 1;
    const chosen = random(SERVERS);
    if (action === "cut") {
      for (const it of servers[chosen]!.scripted.hub.sockets) if (random(2) === 0) it.terminate();
    } else if (action === "broker") broker.cut();
    else if (action === "forget") broker.forget();
    else if (action === "trim") broker.trim(random(5));
    else if (action === "lose") broker.lose(random(3));
    else if (action === "duplicate") broker.duplicate(random(3));
    else if (action === "server") {
      const old = servers[chosen]!;
      servers[chosen] = start(broker);
      old.end().catch(() => {});
    }
    if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, random(8)));
  }
  await until(() => servers.every(({ scripted }) => scripted.hub.stats().broker!.up), "up again");
  await Promise.all(publishing);
  const end = publishing.length;
  const isAtEnd = ({ log }: { log: readonly Entry[] }): boolean =>
    log.some((it) => typeof it === "number" && it >= end);
  await until(() => {
    publish(); // a message that the broker loses is missed when the next one comes
    return clients.every(isAtEnd);
  }, "a message to all");
  await Promise.all(publishing);

  // The order of all that was acknowledged; what was not has a place only if a client got it.
  const known = [...places].map(([number, place]) => {
    const [epoch, offset] = place.split(" ");
    return { number, epoch: epochOf.get(epoch!)!, offset: Number(offset) };
  }).toSorted((a, b) => a.epoch - b.epoch || a.offset - b.offset);
  const order = new Map(known.map(({ number }, at) => [number, at]));
  let recoveries = 0;
  for (const [at, { log }] of clients.entries()) {
    const acknowledged = log.filter((it) => typeof it !== "number" || order.has(it));
    recoveries += check(acknowledged, order, `client ${at}`);
    const numbers = log.filter((it) => typeof it === "number");
    assert.equal(new Set(numbers).size, numbers.length, `client ${at}: once`);
  }
  console.log(
    `${publishing.length} messages, ${recoveries} recoveries, ${
      JSON.stringify(counts)
    }, seed ${seed}`,
  );
  assert.ok(recoveries > CLIENTS, `${recoveries} recoveries`);
  for (const { socket } of clients) socket.close();
  await Promise.all(servers.map((server) => server.end()));
});
