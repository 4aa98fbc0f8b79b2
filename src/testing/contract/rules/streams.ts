/** Rules about promises, streams and asynchronous iteration. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import type { Rule } from "../rule.ts";
import { binary, close, text } from "../frame.ts";
import { opened, part } from "../opened.ts";

const KIBIBYTE = 1024;
const PIECE = 256 * KIBIBYTE;
const MEBIBYTE = 1024 * KIBIBYTE;

function milliseconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count));
}

/** Rules about promises, streams and asynchronous iteration. */
export const streams: Readonly<{ [promise: string]: Rule }> = {
  "opened and closed resolve, and code that awaits opened misses nothing": {
    async try(harness) {
      let heard!: Promise<unknown[]>;
      const connected = await harness.connect({
        attach(socket) {
          heard = (async () => {
            await socket.opened;
            for (let i = 0; i < 10; i++) await undefined; // as if several async functions had passed it on
            const all: unknown[] = [];
            for await (const data of socket) all.push(data);
            return all;
          })();
        },
        early: harness.wired ? [text("early")] : [],
      });
      await connected.peer.send("late", close(4001, "bye"));
      await connected.peer.wire.end();
      assert.deepEqual(await heard, harness.wired ? ["early", "late"] : ["late"]);
      const { code, reason } = await connected.socket.closed;
      assert.deepEqual([code, reason], [4001, "bye"]);
      await connected.socket.opened;
    },
  },

  "opened of a client rejects with the reason if it never opens, and need not be handled": {
    only: "client without an answer",
    async try(harness) {
      const socket = await harness.dial!();
      const { opened } = socket;
      const { code } = await socket.closed;
      assert.equal(code, 1006);
      await assert.rejects(opened, Error);
      assert.equal((await socket.closed).code, 1006, "closed can be asked for late");
      await assert.rejects(socket.writable.getWriter().write("x"));
      assert.equal(await socket[Symbol.asyncIterator]().next().catch(() => "threw"), "threw");
    },
  },

  "a loop gets messages in order, and leaving it leaves the socket open": {
    async try(harness) {
      const connected = await opened(harness, { binaryType: "arraybuffer" });
      const { socket, peer } = connected;
      const first = socket[Symbol.asyncIterator]().next();
      await peer.send("one", binary(Uint8Array.of(2)), "three", "four");
      const heard: unknown[] = [(await first).value];
      for await (const data of socket) {
        heard.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
        if (data === "three") break;
      }
      for await (const data of socket) {
        heard.push(data);
        break;
      }
      assert.deepEqual(heard, ["one", Uint8Array.of(2), "three", "four"]);
      assert.equal(socket.readyState, Socket.OPEN);
      await part(connected);
    },
  },

  "readable ends with the socket, and what had arrived is read first": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const reader = socket.readable.getReader();
      await peer.send("one", "two", close(4000));
      await peer.wire.end();
      await log.next("close");
      assert.deepEqual(await reader.read(), { value: "one", done: false });
      assert.deepEqual(await reader.read(), { value: "two", done: false });
      assert.deepEqual(await reader.read(), { value: undefined, done: true });
    },
  },

  "readable of a client fails with a lost connection, when what had arrived is read": {
    only: ["wire", "client"],
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const reader = socket.readable.getReader();
      await peer.send("one");
      await log.next("message");
      await peer.wire.reset();
      await log.next("close");
      assert.deepEqual(await reader.read(), { value: "one", done: false });
      await assert.rejects(reader.read(), Error);
    },
  },

  "the end is reported, at the latest when what came before is read": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const reader = socket.readable.getReader();
      const big = "x".repeat(65 * KIBIBYTE);
      await peer.send(big, big, "three");
      await peer.send(close(4000));
      await peer.wire.end();
      if (log.data.length === 0) await log.next("message");
      const ended = Promise.race([socket.closed, milliseconds(200)]);
      if (await ended === undefined) { // the runtime has stopped reading from the network
        for (let i = 0; i < 2; i++) assert.equal((await reader.read()).value, big);
      }
      assert.equal((await socket.closed).code, 4000);
    },
  },

  "cancelling readable closes the socket": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const { readable } = socket;
      await peer.send("unread");
      const cancelled = readable.cancel("enough");
      assert.equal((await peer.part()).kind, "close");
      await cancelled;
      await socket.closed;
    },
  },

  "a reader that is slow loses nothing": {
    only: "wire",
    async try(harness) {
      const count = 40; // 10 MiB: below the 16 MiB that are kept where reading cannot be stopped
      const connected = await opened(harness, { binaryType: "arraybuffer" });
      const { socket, peer, log } = connected;
      const reader = socket.readable.getReader();
      const writing = (async () => {
        for (let i = 0; i < count; i++) await peer.send(binary(new Uint8Array(PIECE).fill(i)));
      })();
      await log.next("message");
      await milliseconds(200); // what is not held back has arrived by then
      assert.ok(log.data.length <= 2, `${log.data.length} messages were delivered`);
      for (let i = 0; i < count; i++) {
        const { value } = await reader.read();
        const bytes = new Uint8Array(value as ArrayBuffer);
        assert.deepEqual([bytes.length, bytes[0], bytes.at(-1)], [PIECE, i, i]);
      }
      await writing;
      await part(connected);
    },
  },

  "a reader that never reads holds its peer back, or the connection is dropped at 16 MiB": {
    only: "wire",
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const { readable } = socket;
      const piece = binary(new Uint8Array(PIECE));
      let sent = 0;
      let over = false;
      const end = log.next("close").then(() => over = true);
      while (!over && sent < 400) { // 100 MiB
        const written = peer.send(piece).then(() => true, () => over = true);
        const went = await Promise.race([written, milliseconds(1000).then(() => false)]);
        if (!went) break; // held back
        sent++;
        await milliseconds(0);
      }
      assert.ok(sent < 400, "all of it was taken");
      if (over) assert.equal((log.errors[0] as DOMException).name, "QuotaExceededError");
      assert.equal(readable.locked, false);
      socket.terminate();
      await end;
      await peer.wire.reset();
    },
  },

  "writable waits for open, and while its peer does not read": {
    only: "wire",
    async try(harness) {
      let written!: Promise<void>;
      const connected = await harness.connect({
        attach: (socket) => {
          const writer = socket.writable.getWriter();
          written = writer.write("first");
          writer.releaseLock();
        },
      });
      const { socket, peer } = connected;
      await written;
      assert.deepEqual(await peer.next(), { kind: "text", data: "first" });
      await peer.wire.pause();
      const writer = socket.writable.getWriter();
      const piece = new Uint8Array(PIECE);
      const count = 48; // 12 MiB: more than systems buffer, plus what may wait
      let done = 0;
      let most = 0;
      const writing = (async () => {
        for (; done < count; done++) {
          await writer.write(piece);
          most = Math.max(most, socket.bufferedAmount);
        }
        await writer.close();
      })();
      await milliseconds(300);
      assert.ok(done < count, "nothing waited");
      await peer.wire.resume();
      for (let i = 0; i < count; i++) assert.equal((await peer.next()).kind, "binary");
      assert.equal((await peer.part()).kind, "close");
      await writing;
      assert.ok(most <= MEBIBYTE + PIECE, `${most} bytes waited`);
      assert.equal(socket.readyState, Socket.CLOSED);
    },
  },

  "a loop that writes for ever leaves time for others": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const writer = socket.writable.getWriter();
      let isOver = false;
      setTimeout(() => isOver = true, 20);
      let writes = 0;
      while (!isOver && writes < 100_000) {
        await writer.write("x");
        writes++;
      }
      assert.ok(isOver, `${writes} writes left no time for a timer`);
      socket.terminate();
      await socket.closed;
      await peer.wire.reset();
    },
  },

  "piping readable into writable echoes, and ends with the socket": {
    async try(harness) {
      const { socket, peer } = await opened(harness, { binaryType: "arraybuffer" });
      const piped = socket.readable.pipeTo(socket.writable);
      await peer.send("text", binary(Uint8Array.of(1, 2)));
      assert.deepEqual(await peer.next(), { kind: "text", data: "text" });
      assert.deepEqual(await peer.next(), { kind: "binary", data: Uint8Array.of(1, 2) });
      await peer.send(close(4000));
      await peer.wire.end();
      await piped;
      assert.equal((await socket.closed).code, 4000);
    },
  },

  "a writer of a client fails when the socket has ended, though it does not write": {
    only: "client",
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const writer = socket.writable.getWriter();
      await writer.write("x");
      await peer.next();
      await peer.send(close(4000));
      await peer.wire.end();
      await assert.rejects(writer.closed, { name: "InvalidStateError" });
      await assert.rejects(writer.write("y"), { name: "InvalidStateError" });
    },
  },

  "a writer of a client fails when the connection is lost": {
    only: ["wire", "client"],
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const writer = socket.writable.getWriter();
      await writer.write("x");
      await peer.next();
      await peer.wire.reset();
      await socket.closed;
      await assert.rejects(writer.write("y"), Error);
      await assert.rejects(writer.closed, Error);
    },
  },

  "an echo by streams loses nothing to a peer that reads late": {
    only: "wire",
    async try(harness) {
      const count = 40;
      const connected = await opened(harness, { binaryType: "arraybuffer" });
      const { socket, peer } = connected;
      const piped = socket.readable.pipeTo(socket.writable);
      await peer.wire.pause();
      const writing = (async () => {
        for (let i = 0; i < count; i++) await peer.send(binary(new Uint8Array(PIECE).fill(i)));
      })();
      await milliseconds(300); // until all that may wait is waiting
      await peer.wire.resume();
      for (let i = 0; i < count; i++) {
        const { data } = await peer.next() as { data: Uint8Array };
        assert.deepEqual([data.length, data[0], data.at(-1)], [PIECE, i, i]);
      }
      await writing;
      await part(connected);
      await piped;
    },
  },

  "pause() delivers nothing until resume(), and close() ends the pause": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.pause();
      await peer.send("one");
      await milliseconds(50);
      assert.deepEqual(log.types, ["open"]);
      socket.resume();
      assert.deepEqual(log.types, ["open"], "resume() returned before any event fired");
      assert.equal((await log.next("message")).data, "one");
      socket.pause();
      socket.close(4000);
      await peer.part();
      assert.equal((await log.next("close")).code, 4000);
    },
  },

  "disposing of a socket closes it, and waits for the end": {
    async try(harness) {
      const { socket, peer } = await opened(harness);
      const disposed = socket[Symbol.asyncDispose]();
      assert.equal(socket.readyState, Socket.CLOSING);
      await peer.part();
      await disposed;
      assert.equal(socket.readyState, Socket.CLOSED);
      await socket[Symbol.asyncDispose]();
    },
  },
};
