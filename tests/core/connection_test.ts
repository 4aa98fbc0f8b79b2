// What a runtime may report too early, twice, too late or in the wrong order, the core puts right.

import { Socket } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectionOptions } from "../../src/core/connection_options.ts";
import type { Link, LinkEvents } from "../../src/core/link.ts";
import { queueTask } from "../../src/core/task.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";

/** A link that writes down what is asked of it. */
class Recorder implements Link {
  readonly asked: unknown[] = [];
  bufferedAmount = 0;
  onclose = (): void => {};

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.asked.push(["send", data]);
  }
  close(code?: number, reason?: string): void {
    this.asked.push(["close", code, reason]);
    this.onclose();
  }
  terminate(): void {
    this.asked.push("terminate");
  }
  pause(): void {
    this.asked.push("pause");
  }
  resume(): void {
    this.asked.push("resume");
  }
}

interface Made {
  readonly socket: Socket;
  readonly events: LinkEvents;
  readonly link: Recorder;
  readonly log: EventLog;
  readonly givenUp: () => number;
}

const LIMITS = { openTimeout: 0, closeTimeout: 0 };

/** Makes a socket, and takes the part of its runtime. */
function make(
  role: "client" | "server",
  options: Partial<ConnectionOptions> = {},
): Made {
  let events!: LinkEvents;
  let count = 0;
  const init = { url: "ws://127.0.0.1/", ...(role === "client" ? { offered: [] } : {}) };
  const socket = new Socket(init, { role, ...LIMITS, ...options }, (it) => {
    events = it;
    return () => count++;
  });
  return { socket, events, link: new Recorder(), log: new EventLog(socket), givenUp: () => count };
}

/** Lets some tasks pass. */
async function tasks(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => queueTask(resolve));
}

async function opened(role: "client" | "server" = "server"): Promise<Made> {
  const made = make(role);
  made.events.opened(made.link, "", "");
  await tasks(2);
  return made;
}

test("open waits for a later task, and what arrives behind it waits too", async () => {
  const { socket, events, link, log } = make("server");
  events.received("there is no connection yet");
  events.opened(link, "", "");
  events.received("one");
  events.received("two");
  events.closed(1000, "");
  assert.deepEqual([log.types, socket.readyState], [[], Socket.CONNECTING]);
  await tasks();
  assert.deepEqual(log.types, ["open", "message", "message", "close"]);
  assert.deepEqual(log.data, ["one", "two"]);
});

test("whatever comes after the end is nothing", async () => {
  const { events, link, log } = await opened();
  events.closed(1000, "bye");
  events.closed(1001, "again");
  events.failed(new Error("late"));
  events.received("late");
  events.opened(link, "", "");
  await tasks();
  assert.deepEqual(log.types, ["open", "close"]);
  assert.deepEqual(link.asked, []);
});

test("a failure is one error and one close, however often it is reported", async () => {
  const { events, log } = await opened();
  const cause = new Error("lost");
  events.failed(cause);
  events.failed(new Error("again"));
  events.closed(1005, "");
  await tasks();
  assert.deepEqual([log.types, log.errors], [["open", "error", "close"], [cause]]);
});

test("an end that is reported inside close() comes after it", async () => {
  const { socket, events, link, log } = await opened();
  link.onclose = () => events.closed(4000, "at once");
  socket.close(4000, "at once");
  assert.deepEqual([log.types, socket.readyState], [["open"], Socket.CLOSING]);
  await tasks();
  assert.deepEqual(log.types, ["open", "close"]);
});

test("a closing handshake that the peer began, and that does not end, is 1006", async () => {
  const { socket, events, link, log } = make("client", { closeTimeout: 1 });
  events.opened(link, "", "");
  await log.next("open");
  await tasks();
  events.closing();
  assert.equal(socket.readyState, Socket.CLOSING);
  assert.equal((await log.next("close")).code, 1006);
  assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual(link.asked, ["terminate"]);
});

test("a closing handshake that the peer began, and that ends, has the peer's code", async () => {
  const { events, link, log } = make("client", { closeTimeout: 1000 });
  events.opened(link, "", "");
  await log.next("open");
  events.closing();
  events.closing();
  events.closed(4001, "bye");
  assert.equal((await log.next("close")).code, 4001);
  assert.deepEqual(log.types, ["open", "close"]);
});

test("a connection that comes too late is dropped", async () => {
  const { socket, events, link, log, givenUp } = make("client");
  socket.close();
  assert.equal(givenUp(), 1);
  await tasks();
  events.opened(link, "", "");
  await tasks();
  assert.deepEqual(link.asked, ["terminate"]);
  assert.deepEqual(log.types, ["error", "close"]);
});

test("a connection that takes longer than its time is given up", async () => {
  const { socket, log, givenUp } = make("client", { openTimeout: 1 });
  await log.next("close");
  assert.equal((log.errors[0] as DOMException).name, "TimeoutError");
  assert.deepEqual([givenUp(), socket.readyState], [1, Socket.CLOSED]);
});

test("reading stops while too much waits for the turn behind open, and goes on then", async () => {
  const { events, link, log } = make("server");
  events.opened(link, "", "");
  events.received("x".repeat(1024 * 1024));
  assert.deepEqual(link.asked, []);
  events.received("y");
  assert.deepEqual(link.asked, ["pause"]);
  await log.next("message");
  await log.next("message");
  await tasks();
  assert.deepEqual(link.asked, ["pause", "resume"]);
  assert.deepEqual(log.data.map((data) => (data as string).length), [1024 * 1024, 1]);
});

test("a flood that a paused program does not take drops the connection", async () => {
  const { socket, events, link, log } = make("server");
  socket.pause();
  events.opened(link, "", "");
  await tasks();
  for (let i = 0; i < 17; i++) events.received("x".repeat(1024 * 1024));
  await log.next("close");
  assert.equal((log.errors[0] as DOMException).name, "QuotaExceededError");
  assert.equal(link.asked.at(-1), "terminate");
});

test("what is sent while a Blob is read waits for it, and Close for both", async () => {
  const { socket, link } = await opened();
  socket.send(new Blob(["12"]));
  socket.send("3");
  assert.equal(socket.bufferedAmount, 3);
  socket.close(4000, "done");
  socket.send("too late");
  assert.deepEqual(link.asked, []);
  while (link.asked.length < 3) await tasks(1);
  const two = Uint8Array.of(0x31, 0x32);
  assert.deepEqual(link.asked, [["send", two], ["send", "3"], ["close", 4000, "done"]]);
  assert.equal(socket.bufferedAmount, 8);
});

test("a connection that ends while a Blob is read ends once", async () => {
  const { socket, events, link, log } = await opened();
  socket.send(new Blob(["12"]));
  events.failed(new Error("lost"));
  await tasks(20);
  assert.deepEqual(log.types, ["open", "error", "close"]);
  assert.deepEqual([link.asked, socket.readyState], [[], Socket.CLOSED]);
});

test("what a link throws behind a Blob is given to onError", async () => {
  const errors: unknown[] = [];
  const { socket, events, link, log } = make("server", { onError: (error) => errors.push(error) });
  events.opened(link, "", "");
  await log.next("open");
  const broken = new Error("The runtime has let go of it");
  link.onclose = () => {
    throw broken;
  };
  socket.send(new Blob(["x"]));
  socket.close();
  while (errors.length === 0) await tasks();
  assert.deepEqual(errors, [broken]);
  events.failed();
  await log.next("close");
});

test("drain fires though the program reads nothing, and reading goes on behind what is held", async () => {
  const { socket, events, link, log } = await opened();
  socket.pause();
  events.received("one");
  link.bufferedAmount = 2 * 1024 * 1024;
  assert.equal(socket.bufferedAmount, link.bufferedAmount);
  link.bufferedAmount = 0;
  await log.next("drain");
  assert.deepEqual(log.data, []);
  socket.resume();
  events.received("two");
  assert.deepEqual(link.asked, ["pause"]);
  await tasks();
  assert.deepEqual([log.data, link.asked], [["one", "two"], ["pause", "resume"]]);
});

test("what a paused program has not heard waits for it, and so does the end", async () => {
  const { socket, events, link, log } = make("client");
  socket.pause();
  events.opened(link, "", "");
  events.received("one");
  events.closed(4000, "bye");
  await tasks(10);
  assert.deepEqual(log.types, ["open"]);
  socket.resume();
  assert.equal((await log.next("close")).code, 4000);
  assert.deepEqual(log.types, ["open", "message", "close"]);
});

test("the end waits for a paused program no longer than closeTimeout", async () => {
  const { socket, events, link, log } = make("client", { closeTimeout: 20 });
  socket.pause();
  events.opened(link, "", "");
  events.received("one");
  events.closed(4000, "bye");
  assert.equal((await log.next("close")).code, 4000);
  assert.deepEqual(log.types, ["open", "message", "close"]);
});

test("code that awaits one message after the other hears all of many megabytes", async () => {
  const { socket, events } = await opened();
  const heard: number[] = [];
  const done = (async () => {
    while (heard.length < 30) {
      const event = await new Promise<MessageEvent>((resolve) => {
        socket.addEventListener("message", resolve, { once: true });
      });
      heard.push(event.data.length);
    }
  })();
  const lengths = Array.from({ length: 30 }, (_, index) => 400_000 + index);
  for (const length of lengths) events.received("x".repeat(length));
  await done;
  assert.deepEqual(heard, lengths);
});

test("a client that sees too much buffered gets drain, though all of it has left at once", async () => {
  const { socket, link, log } = await opened("client");
  socket.send("x".repeat(2 * 1024 * 1024));
  assert.deepEqual([link.bufferedAmount, socket.bufferedAmount], [0, 2 * 1024 * 1024]);
  await log.next("drain");
  assert.equal(socket.bufferedAmount, 0);
});
