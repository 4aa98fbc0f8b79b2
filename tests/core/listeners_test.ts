// A signal may live as long as the program: it keeps no socket, and no listener.

import { connect, reconnect } from "@isosocket/isosocket";
import { pair, scriptedServer, type Socket } from "@isosocket/isosocket/testing";
import { webSocketStreamBy } from "../../src/client/web_socket_stream.ts";
import { dialClass } from "../../src/client/platform.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A signal that counts its listeners. */
function counted(): { signal: AbortSignal; abort: () => void; count: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>): void => {
    listeners.add(args[1]);
    // Bun removes it without a call.
    const { signal: until } = (args[2] ?? {}) as AddEventListenerOptions;
    until?.addEventListener("abort", () => listeners.delete(args[1]));
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>): void => {
    listeners.delete(args[1]);
    removeEventListener.apply(signal, args);
  };
  return { signal, abort: () => controller.abort(), count: () => listeners.size };
}

async function ended(socket: Socket): Promise<void> {
  socket.terminate();
  await socket.closed;
}

test("a listener's signal keeps no listener: of sockets that end, once, removed, or too late", async () => {
  const { signal, count } = counted();
  for (let i = 0; i < 100; i++) {
    const { client, server } = pair();
    for (const socket of [client, server]) {
      const removed = (): void => {};
      socket.addEventListener("message", () => {}, { signal });
      socket.addEventListener("open", () => {}, { signal, once: true });
      socket.addEventListener("close", removed, { signal });
      socket.removeEventListener("close", removed);
      await ended(socket);
      socket.addEventListener("message", () => {}, { signal });
    }
  }
  assert.equal(count(), 0);
});

test("a listener whose signal is aborted does not run, and can be added again", async () => {
  const { client } = pair();
  const first = new AbortController();
  const heard: string[] = [];
  const listener = ({ type }: Event): void => void heard.push(type);
  const event = (): void => void client.dispatchEvent(new Event("own"));
  client.addEventListener("own", listener, { signal: first.signal });
  client.addEventListener("own", listener);
  event();
  first.abort();
  event();
  assert.deepEqual(heard, ["own"]);
  client.addEventListener("own", listener, { signal: new AbortController().signal });
  event();
  assert.deepEqual(heard, ["own", "own"]);
  client.addEventListener("own", listener, { signal: first.signal });
  const last = new AbortController();
  client.addEventListener("abort while it runs", () => last.abort());
  client.addEventListener("abort while it runs", () => heard.push("too late"), last);
  client.dispatchEvent(new Event("abort while it runs"));
  assert.deepEqual(heard, ["own", "own"]);
  await ended(client);
});

test("signals of clients keep none that has ended, or that is open where they have no effect", async () => {
  const { signal, count } = counted();
  const scripted = scriptedServer();
  const socket = scripted.connect("ws://memory.invalid/", { signal });
  assert.equal(count(), 1);
  await ended(socket);
  assert.equal(count(), 0);
  const { WebSocket } = scripted;
  const dialled = connect("ws://memory.invalid/", { signal, WebSocket });
  assert.equal(count(), 1);
  await ended(dialled);
  assert.equal(count(), 0);
  const again = reconnect("ws://memory.invalid/", { signal, WebSocket });
  assert.equal(count(), 1);
  again.close();
  await again.closed;
  assert.equal(count(), 0);
  const Stream = webSocketStreamBy(dialClass(WebSocket));
  const stream = new Stream("ws://memory.invalid/", { signal });
  assert.equal(count(), 1);
  const { socket: peer } = await scripted.accept();
  await stream.opened;
  assert.equal(count(), 0);
  peer.terminate();
});

/** Collects garbage, where a program can ask for it. */
function collector(): (() => void) | undefined {
  const { Bun, gc } = globalThis as { Bun?: { gc(now: boolean): void }; gc?: () => void };
  if (Bun !== undefined) return () => Bun.gc(true);
  if (gc !== undefined) return gc;
  try {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc");
  } catch {
    return undefined;
  }
}

const gc = collector();

test("nothing keeps a socket that has ended", { skip: gc === undefined }, async () => {
  const { signal } = new AbortController();
  const refs = await Promise.all(Array.from({ length: 500 }, async () => {
    const { client, server } = pair();
    client.addEventListener("close", () => {}, { signal });
    server.addEventListener("close", () => {}, { signal });
    await client.opened;
    await Promise.all([ended(client), server.closed]);
    return [new WeakRef(client), new WeakRef(server)];
  }));
  // Bun takes for a pointer what looks like one on the stack, and so keeps a few, of however many.
  const few = 50;
  const kept = (): number => refs.flat().filter((ref) => ref.deref() !== undefined).length;
  for (let i = 0; i < 20 && kept() > few; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc!();
  }
  assert.ok(kept() <= few, `${kept()} of 1000 are kept`);
});
