// Random joins, leaves, reconnects, kills, cuts, stalls and losses over three servers: each of them, and
// each program that follows the changes, ends with the same members.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import type { ServerSocket } from "@isosocket/isosocket";
import { FakeClock, MemoryBroker } from "@isosocket/isosocket/testing";
import { seeded } from "../../../src/testing/memory/random.ts";
import {
  closeAll,
  type Lifeline,
  lifeline,
  type PresenceServer,
  presenceServer,
} from "./presence_servers.ts";

const seed = Number(process.env.SEED ?? 0) || Math.floor(Math.random() * 2 ** 31) + 1;
const PHASES = 6;
const ROUNDS = 50;
const SERVERS = 3;
const NAMES = ["Ann", "Bob", "Cid", "Dora", "Eve"];

interface Running {
  readonly server: PresenceServer;
  readonly line: Lifeline;
  /** Sockets that are OPEN, and what they have joined as. */
  readonly sockets: Map<ServerSocket, string | undefined>;
}

test(`three servers agree in the end (seed ${seed})`, async () => {
  const next = seeded(seed);
  const random = (below: number): number => Math.floor(next() * below);
  const clock = new FakeClock();
  const broker = new MemoryBroker({ maxMessage: 400 });
  const start = (): Running => {
    const line = lifeline(broker);
    return { server: presenceServer(line, clock), line, sockets: new Map() };
  };
  const running = Array.from({ length: SERVERS }, start);
  let members = 0;
  const counts: Record<string, number> = {};
  const join = ({ server, sockets }: Running, socket: ServerSocket): void => {
    const name = NAMES[random(NAMES.length)]!;
    const meta = random(3);
    server.people.join(socket, "room", name, meta);
    sockets.set(socket, `${name}:${meta}`);
  };
  const actions: Readonly<Record<string, (at: number) => unknown>> = {
    async connect(at) {
      const it = running[at]!;
      join(it, await it.server.socket());
    },
    join(at) {
      const [socket] = running[at]!.sockets.keys();
      if (socket !== undefined) join(running[at]!, socket);
    },
    leave(at) {
      const [socket] = running[at]!.sockets.keys();
      if (socket === undefined) return;
      running[at]!.server.people.leave(socket, "room");
      running[at]!.sockets.set(socket, undefined);
    },
    close(at) {
      const [socket] = running[at]!.sockets.keys();
      running[at]!.sockets.delete(socket!);
      socket?.terminate();
    },
    kill(at) {
      running[at]!.line.kill();
      running[at] = start();
    },
    end(at) {
      running[at]!.server.hub.close({ deadline: 0 }).catch(assert.fail);
      running[at] = start();
    },
    cut: () => broker.cut(),
    stall: () => broker.stall(),
    resume: () => broker.resume(),
    stop: () => broker.stop(),
    start: () => broker.start(),
    lose: () => broker.lose(1 + random(3)),
    duplicate: () => broker.duplicate(1 + random(3)),
  };
  const often = ["connect", "connect", "join", "join", "leave", "close", "resume", "start"];
  const names = [...often, ...often, ...Object.keys(actions)];
  for (let phase = 0; phase < PHASES; phase++) {
    for (let round = 0; round < ROUNDS; round++) {
      const name = names[random(names.length)]!;
      counts[name] = (counts[name] ?? 0) + 1;
      await actions[name]!(random(SERVERS));
      await clock.advance([0, 10, 60, 1000, 6000][random(5)]!);
    }
    broker.resume();
    broker.start();
    await clock.advance(40_000);
    const expected = new Map<string, string[]>();
    for (const state of running.flatMap(({ sockets }) => [...sockets.values()])) {
      if (state === undefined) continue;
      const [name, meta] = state.split(":") as [string, string];
      expected.set(name, [...expected.get(name) ?? [], meta].sort());
    }
    const text = [...expected].map(([name, metas]) => `${name}:${metas}`).sort().join(" ");
    members += expected.size;
    for (const { server } of running) {
      assert.equal(server.list(), text);
      assert.deepEqual([...server.followed].sort(), [...expected.keys()].sort());
      assert.deepEqual(server.errors, []);
    }
  }
  const changes = running.map(({ server }) => server.changes.length);
  console.log(`${members} members, ${changes} changes, ${JSON.stringify(counts)}`);
  await closeAll(clock);
});
