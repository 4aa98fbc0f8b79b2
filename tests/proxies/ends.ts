// The ends of sockets behind a proxy: silence, half-closed connections, proxies and servers that go.

import { type ServerSocket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { decode, encode, join, text } from "../../src/testing/contract/frame.ts";
import type { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "../server/raw_client.ts";
import { type EntryPoint, type Open, plainEntryPoints } from "../server/entry_points.ts";
import type { Kind } from "./kinds.ts";

/** The `close` event of a server's socket, in short. */
type End = readonly [code: number, wasClean: boolean];

/** A server that echoes, with the ends of its sockets. */
async function start(
  entry: EntryPoint,
  options?: Parameters<EntryPoint["open"]>[1],
): Promise<{ backend: Open; ends: Promise<End>[]; errors: unknown[] }> {
  const ends: Promise<End>[] = [];
  const errors: unknown[] = [];
  const backend = await entry.open((request) => {
    const { socket, response } = upgrade(request);
    ends.push(endOf(socket));
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  }, { ...options, onError: (error) => void errors.push(error) });
  return { backend, ends, errors };
}

function endOf(socket: ServerSocket): Promise<End> {
  return new Promise((resolve) => {
    socket.addEventListener("close", ({ code, wasClean }) => resolve([code, wasClean]));
  });
}

/** Connects a client, which has got an echo. */
async function connect(port: number): Promise<Answer> {
  const answer = await askUpgrade(port);
  assert.equal(answer.status, 101, answer.head);
  await answer.peer.send("hello");
  assert.deepEqual(await answer.peer.next(), { kind: "text", data: "hello" });
  return answer;
}

/** Checks that a server accepts new clients. */
async function livesAt(port: number): Promise<void> {
  const { peer } = await connect(port);
  await peer.wire.end();
}

/** Answers Pings for a time, in ms; rejects if the connection ends meanwhile. */
async function idle(wire: TcpWire, time: number): Promise<number> {
  const end = performance.now() + time;
  let bytes = new Uint8Array(0);
  let pings = 0;
  while (performance.now() < end) {
    const chunk = await wire.read();
    if (chunk === undefined) throw new Error(`The connection ended after ${pings} Pings`);
    bytes = join([bytes, chunk]);
    for (let found = decode(bytes); found !== undefined; found = decode(bytes)) {
      bytes = bytes.slice(found.length);
      assert.equal(found.frame.opcode, 9);
      pings++;
      await wire.write(encode({ opcode: 10, payload: found.frame.payload }, true));
    }
  }
  return pings;
}

/** ms: after how much silence a proxy drops a connection. */
const SILENCE = 1_000;

/** Tries a proxy with each entry point. */
export function tryEnds(kind: Kind): void {
  test(`a silent connection behind ${kind.name} ends as it has it, and a heartbeat keeps it`, async () => {
    await Promise.all(plainEntryPoints.map(async (entry) => {
      const silent = await start(entry, { heartbeat: 0, idleTimeout: 0 });
      await using _silent = silent.backend;
      const beating = await start(entry, { heartbeat: SILENCE / 4, idleTimeout: SILENCE / 2 });
      await using _beating = beating.backend;
      await using toSilent = await kind.start({ backend: silent.backend.port, idle: SILENCE });
      await using toBeating = await kind.start({ backend: beating.backend.port, idle: SILENCE });
      const [dropped, kept] = [await connect(toSilent.port), await connect(toBeating.port)];
      const pings = await idle(kept.peer.wire as TcpWire, 3 * SILENCE);
      assert.ok(pings > 2, `${pings} Pings by ${entry.name}`);
      await kept.peer.send("still here");
      assert.deepEqual(await kept.peer.next(), { kind: "text", data: "still here" });
      assert.deepEqual(await dropped.peer.next(), { kind: "end" });
      assert.deepEqual(await silent.ends[0], [1006, false], entry.name);
      assert.equal(beating.backend.hub.sockets.size, 1, entry.name);
      await kept.peer.wire.end();
    }));
  });

  for (const entry of plainEntryPoints) {
    const place = `between ${kind.name} and ${entry.name}`;

    for (const how of ["half-closes", "resets"] as const) {
      test(`a client that ${how} its connection ends its own socket ${place}`, async () => {
        const { backend, ends, errors } = await start(entry);
        await using _backend = backend;
        await using proxy = await kind.start({ backend: backend.port });
        const [cut, other] = [await connect(proxy.port), await connect(proxy.port)];
        // In the midst of a message, so that nobody is between two.
        await cut.peer.wire.write(encode(text("x".repeat(100)), true).slice(0, 50));
        await (how === "resets" ? cut.peer.wire.reset() : cut.peer.wire.end());
        assert.deepEqual(await ends[0], [1006, false]);
        if (how === "half-closes") assert.deepEqual(await cut.peer.next(), { kind: "end" });
        await other.peer.send("the other");
        assert.deepEqual(await other.peer.next(), { kind: "text", data: "the other" });
        await other.peer.wire.end();
        await livesAt(proxy.port);
        assert.deepEqual(errors, []);
      });
    }

    test(`a proxy that is killed ${place} ends all sockets, and not the server`, async () => {
      const { backend, ends, errors } = await start(entry);
      await using _backend = backend;
      const proxy = await kind.start({ backend: backend.port });
      const clients = [
        await connect(proxy.port),
        await connect(proxy.port),
        await connect(proxy.port),
      ];
      await clients[0]!.peer.wire.write(encode(text("x".repeat(100)), true).slice(0, 50));
      await proxy.kill();
      for (const { peer } of clients) assert.deepEqual(await peer.next(), { kind: "end" });
      assert.deepEqual(await Promise.all(ends), Array(3).fill([1006, false]));
      assert.deepEqual(errors, []);
      await livesAt(backend.port);
      await using next = await kind.start({ backend: backend.port });
      await livesAt(next.port);
    });

    test(`a server that restarts behind ${kind.name}, by ${entry.name}, is found again`, async () => {
      const first = await start(entry);
      const { port } = first.backend;
      await using proxy = await kind.start({ backend: port });
      const client = await connect(proxy.port);
      const closed = first.backend.hub.close({ code: 1012, deadline: 5_000 });
      assert.deepEqual(await client.peer.part(), { kind: "close", code: 1012, reason: "" });
      assert.deepEqual(await closed, { closed: 1, terminated: 0 });
      await first.backend[Symbol.asyncDispose]();
      const meanwhile = await askUpgrade(proxy.port);
      assert.ok([502, 503].includes(meanwhile.status), meanwhile.head);
      await meanwhile.peer.wire.end();
      const second = await start(entry, { port });
      await using _second = second.backend;
      await livesAt(proxy.port);
    });
  }
}
