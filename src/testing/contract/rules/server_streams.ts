/** Rules about a server's streams: no promise rejects because a connection ended. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import type { Rule } from "../rule.ts";
import { close } from "../frame.ts";
import { opened } from "../opened.ts";

const KIBIBYTE = 1024;

function milliseconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count));
}

/** Iterates over a stream: not all type declarations of `ReadableStream` are iterable. */
async function* messages(stream: ReadableStream<unknown>): AsyncGenerator<unknown> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

/** Rules about the streams, the iteration and the `opened` promise of a server's socket. */
export const serverStreams: Readonly<{ [promise: string]: Rule }> = {
  "opened resolves at a server though the socket ended first, and readyState says so": {
    only: "server",
    async try(harness) {
      let opened!: Promise<void>;
      const connected = await harness.connect({
        attach(socket) {
          opened = socket.opened;
          socket.close(4001);
        },
      });
      await connected.peer.part();
      await opened;
      assert.equal(connected.socket.readyState, Socket.CLOSED);
    },
  },

  "readable and loops of a server end with a lost connection, when what had arrived is read": {
    only: "server",
    async try(harness) {
      const read: readonly ((socket: Socket) => readonly AsyncIterable<unknown>[])[] = [
        (socket) => [socket],
        (socket) => [messages(socket.readable)],
        (socket) => socket.readable.tee().map(messages),
      ];
      for (const iterables of read) {
        const { socket, peer, log } = await opened(harness);
        const all = iterables(socket).map(async (iterable) => {
          const heard: unknown[] = [];
          for await (const data of iterable) heard.push(data);
          return heard;
        });
        await peer.send("one", "two");
        await log.next("message");
        await log.next("message");
        await peer.wire.reset();
        assert.equal((await socket.closed).wasClean, false);
        assert.deepEqual(log.types, ["open", "message", "message", "error", "close"]);
        for (const heard of all) assert.deepEqual(await heard, ["one", "two"]);
      }
    },
  },

  "what is written at a server after the end is discarded, and no promise of a writer rejects": {
    only: "server",
    async try(harness) {
      for (const end of ["lost", "closed by the peer", "closed", "terminated"] as const) {
        const { socket, peer } = await opened(harness);
        const writer = socket.writable.getWriter();
        await writer.write("x");
        await peer.next();
        if (end === "lost") await peer.wire.reset();
        else if (end === "terminated") socket.terminate();
        else if (end === "closed") {
          socket.close(4000);
          await writer.write("too late");
          await peer.part();
        } else {
          await peer.send(close(4000));
          await peer.wire.end();
        }
        await socket.closed;
        const late = socket.bufferedAmount;
        await Promise.all([writer.write("123"), writer.write("45"), writer.ready]);
        assert.equal(socket.bufferedAmount, late + 5);
        await writer.ready;
        const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
        if (end === "lost") await assert.rejects(writer.write(buffer as ArrayBuffer), TypeError);
        else if (end === "closed") await writer.abort();
        else await writer.close();
        await peer.wire.reset();
      }
    },
  },

  "a loop at a server that writes to a lost connection for ever leaves time for others": {
    only: "server",
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const writer = socket.writable.getWriter();
      await peer.wire.reset();
      await socket.closed;
      const begun = performance.now();
      let isOver = false;
      let writes = 0;
      const loops = [1, 2, 3].map(async () => {
        while (!isOver) {
          await writer.write("x");
          writes++;
        }
      });
      await milliseconds(200);
      while (writes < 10) await milliseconds(1); // a slow machine needs longer
      isOver = true;
      await Promise.all(loops);
      // The nth pause takes n ms, and the pending writes of the three loops share it.
      const time = performance.now() - begun;
      assert.ok(writes <= 10 * Math.sqrt(2 * time), `${writes} writes had a turn in ${time} ms`);
    },
  },

  "pipes at a server end with it, or go on, whatever ends the connection": {
    only: "server",
    async try(harness) {
      for (const end of ["lost", "closed by the peer", "terminated"] as const) {
        const { socket, peer } = await opened(harness);
        const through = socket.readable.pipeThrough(new TransformStream());
        let feed!: ReadableStreamDefaultController<string>;
        const fed = new ReadableStream<string>({ start: (controller) => void (feed = controller) });
        const piped = through.pipeTo(socket.writable, { preventClose: true });
        await peer.send("echo");
        assert.deepEqual(await peer.next(), { kind: "text", data: "echo" });
        if (end === "lost") await peer.wire.reset();
        else if (end === "terminated") socket.terminate();
        else {
          await peer.send(close(4000));
          await peer.wire.end();
        }
        await piped;
        const feeding = fed.pipeTo(socket.writable);
        feed.enqueue("nobody hears it");
        await socket.closed;
        feed.enqueue("nor this");
        feed.close();
        await feeding;
        await peer.wire.reset();
      }
    },
  },

  "writable waits though other messages clog the socket, where send() would throw": {
    only: ["wire", "server"],
    async try(harness) {
      const server = {
        overflow: "wait",
        maxBuffered: 1024 * KIBIBYTE,
        lowWaterMark: 1000,
      } as const;
      const { socket, peer } = await opened(harness, { server });
      await peer.wire.pause();
      const piece = new Uint8Array(256 * KIBIBYTE);
      const full = { name: "QuotaExceededError" };
      let sent = 0;
      const fill = (): void => {
        for (; sent < 1000; sent++) socket.send(piece);
      };
      for (let before = -1; sent > before;) { // until the system buffers no more
        before = sent;
        assert.throws(fill, full);
        await milliseconds(20);
      }
      const writer = socket.writable.getWriter();
      const written = writer.write("waited");
      await peer.wire.resume();
      for (let i = 0; i < sent; i++) assert.equal((await peer.next()).kind, "binary");
      assert.deepEqual(await peer.next(), { kind: "text", data: "waited" });
      await written;
      socket.terminate();
      await socket.closed;
      await peer.wire.reset();
    },
  },
};
