/** Rules about promises, streams and loops. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import type { Rule } from "../mod.ts";
import { binary, close, text } from "../frame.ts";
import { opened, part } from "../opened.ts";

const KIBIBYTE = 1024;
const PIECE = 256 * KIBIBYTE;
const MEBIBYTE = 1024 * KIBIBYTE;

function milliseconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count));
}

/** What is neither an event nor `send()`. */
export const streams: Readonly<{ [promise: string]: Rule }> = {
  "opened and closed resolve, and whoever awaits opened misses nothing": {
    async try(ground) {
      let heard!: Promise<unknown[]>;
      const met = await ground.meet({
        attach(socket) {
          heard = (async () => {
            await socket.opened;
            for (let i = 0; i < 10; i++) await undefined; // as through functions that return it
            const all: unknown[] = [];
            for await (const data of socket) all.push(data);
            return all;
          })();
        },
        early: ground.wired ? [text("early")] : [],
      });
      await met.far.send("late", close(4001, "bye"));
      await met.far.wire.end();
      assert.deepEqual(await heard, ground.wired ? ["early", "late"] : ["late"]);
      const { code, reason } = await met.near.closed;
      assert.deepEqual([code, reason], [4001, "bye"]);
      await met.near.opened;
    },
  },

  "opened of a client rejects with the reason if it never opens, and need not be handled": {
    only: "client without an answer",
    async try(ground) {
      const socket = await ground.dial!();
      const { opened } = socket;
      const { code } = await socket.closed;
      assert.equal(code, 1006);
      await assert.rejects(opened, Error);
      assert.equal((await socket.closed).code, 1006, "closed can be asked for late");
      await assert.rejects(socket.writable.getWriter().write("x"));
      assert.equal(await socket[Symbol.asyncIterator]().next().catch(() => "threw"), "threw");
    },
  },

  "a loop hears messages in order, and leaving it leaves the socket open": {
    async try(ground) {
      const met = await opened(ground, { binaryType: "arraybuffer" });
      const { near, far } = met;
      const first = near[Symbol.asyncIterator]().next();
      await far.send("one", binary(Uint8Array.of(2)), "three", "four");
      const heard: unknown[] = [(await first).value];
      for await (const data of near) {
        heard.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
        if (data === "three") break;
      }
      for await (const data of near) {
        heard.push(data);
        break;
      }
      assert.deepEqual(heard, ["one", Uint8Array.of(2), "three", "four"]);
      assert.equal(near.readyState, Socket.OPEN);
      await part(met);
    },
  },

  "readable ends with the socket, and what had arrived is read first": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const reader = near.readable.getReader();
      await far.send("one", "two", close(4000));
      await far.wire.end();
      await record.next("close");
      assert.deepEqual(await reader.read(), { value: "one", done: false });
      assert.deepEqual(await reader.read(), { value: "two", done: false });
      assert.deepEqual(await reader.read(), { value: undefined, done: true });
    },
  },

  "readable of a client fails with a lost connection, when what had arrived is read": {
    only: ["wire", "client"],
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const reader = near.readable.getReader();
      await far.send("one");
      await record.next("message");
      await far.wire.reset();
      await record.next("close");
      assert.deepEqual(await reader.read(), { value: "one", done: false });
      await assert.rejects(reader.read(), Error);
    },
  },

  "the end is told, at the latest when what came before is read": {
    only: "wire",
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const reader = near.readable.getReader();
      const big = "x".repeat(65 * KIBIBYTE);
      await far.send(big, big, "three");
      await far.send(close(4000));
      await far.wire.end();
      if (record.data.length === 0) await record.next("message");
      const ended = Promise.race([near.closed, milliseconds(200)]);
      if (await ended === undefined) { // where reading from the network has stopped
        for (let i = 0; i < 2; i++) assert.equal((await reader.read()).value, big);
      }
      assert.equal((await near.closed).code, 4000);
    },
  },

  "cancelling readable closes the socket": {
    async try(ground) {
      const { near, far } = await opened(ground);
      const { readable } = near;
      await far.send("unread");
      const cancelled = readable.cancel("enough");
      assert.equal((await far.part()).kind, "close");
      await cancelled;
      await near.closed;
    },
  },

  "a reader that is slow loses nothing": {
    only: "wire",
    async try(ground) {
      const count = 40; // 10 MiB: less than what is kept where reading cannot be stopped
      const met = await opened(ground, { binaryType: "arraybuffer" });
      const { near, far, record } = met;
      const reader = near.readable.getReader();
      const writing = (async () => {
        for (let i = 0; i < count; i++) await far.send(binary(new Uint8Array(PIECE).fill(i)));
      })();
      await record.next("message");
      await milliseconds(200); // what is not held back has come by now
      assert.ok(record.data.length <= 2, `${record.data.length} messages were delivered`);
      for (let i = 0; i < count; i++) {
        const { value } = await reader.read();
        const bytes = new Uint8Array(value as ArrayBuffer);
        assert.deepEqual([bytes.length, bytes[0], bytes.at(-1)], [PIECE, i, i]);
      }
      await writing;
      await part(met);
    },
  },

  "a reader that never reads holds its peer back, or the connection is dropped at 16 MiB": {
    only: "wire",
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const { readable } = near;
      const piece = binary(new Uint8Array(PIECE));
      let sent = 0;
      let over = false;
      const end = record.next("close").then(() => over = true);
      while (!over && sent < 400) { // 100 MiB
        const written = far.send(piece).then(() => true, () => over = true);
        const went = await Promise.race([written, milliseconds(1000).then(() => false)]);
        if (!went) break; // held back
        sent++;
        await milliseconds(0);
      }
      assert.ok(sent < 400, "all of it was taken");
      if (over) assert.equal((record.errors[0] as DOMException).name, "QuotaExceededError");
      assert.equal(readable.locked, false);
      near.terminate();
      await end;
      await far.wire.reset();
    },
  },

  "writable waits for open, and while its peer does not read": {
    only: "wire",
    async try(ground) {
      let written!: Promise<void>;
      const met = await ground.meet({
        attach: (socket) => {
          const writer = socket.writable.getWriter();
          written = writer.write("first");
          writer.releaseLock();
        },
      });
      const { near, far } = met;
      await written;
      assert.deepEqual(await far.next(), { kind: "text", data: "first" });
      await far.wire.pause();
      const writer = near.writable.getWriter();
      const piece = new Uint8Array(PIECE);
      const count = 48; // 12 MiB: more than systems take at once, and may wait
      let done = 0;
      let most = 0;
      const writing = (async () => {
        for (; done < count; done++) {
          await writer.write(piece);
          most = Math.max(most, near.bufferedAmount);
        }
        await writer.close();
      })();
      await milliseconds(300);
      assert.ok(done < count, "nothing waited");
      await far.wire.resume();
      for (let i = 0; i < count; i++) assert.equal((await far.next()).kind, "binary");
      assert.equal((await far.part()).kind, "close");
      await writing;
      assert.ok(most <= MEBIBYTE + PIECE, `${most} bytes waited`);
      assert.equal(near.readyState, Socket.CLOSED);
    },
  },

  "a loop that writes for ever leaves time for others": {
    async try(ground) {
      const { near, far } = await opened(ground);
      const writer = near.writable.getWriter();
      let isOver = false;
      setTimeout(() => isOver = true, 20);
      let writes = 0;
      while (!isOver && writes < 100_000) {
        await writer.write("x");
        writes++;
      }
      assert.ok(isOver, `${writes} writes left no time for a timer`);
      near.terminate();
      await near.closed;
      await far.wire.reset();
    },
  },

  "piping readable into writable echoes, and ends with the socket": {
    async try(ground) {
      const { near, far } = await opened(ground, { binaryType: "arraybuffer" });
      const piped = near.readable.pipeTo(near.writable);
      await far.send("text", binary(Uint8Array.of(1, 2)));
      assert.deepEqual(await far.next(), { kind: "text", data: "text" });
      assert.deepEqual(await far.next(), { kind: "binary", data: Uint8Array.of(1, 2) });
      await far.send(close(4000));
      await far.wire.end();
      await piped;
      assert.equal((await near.closed).code, 4000);
    },
  },

  "a writer of a client fails when the socket has ended, though it does not write": {
    only: "client",
    async try(ground) {
      const { near, far } = await opened(ground);
      const writer = near.writable.getWriter();
      await writer.write("x");
      await far.next();
      await far.send(close(4000));
      await far.wire.end();
      await assert.rejects(writer.closed, { name: "InvalidStateError" });
      await assert.rejects(writer.write("y"), { name: "InvalidStateError" });
    },
  },

  "a writer of a client fails when the connection is lost": {
    only: ["wire", "client"],
    async try(ground) {
      const { near, far } = await opened(ground);
      const writer = near.writable.getWriter();
      await writer.write("x");
      await far.next();
      await far.wire.reset();
      await near.closed;
      await assert.rejects(writer.write("y"), Error);
      await assert.rejects(writer.closed, Error);
    },
  },

  "an echo by streams loses nothing to a peer that reads late": {
    only: "wire",
    async try(ground) {
      const count = 40;
      const met = await opened(ground, { binaryType: "arraybuffer" });
      const { near, far } = met;
      const piped = near.readable.pipeTo(near.writable);
      await far.wire.pause();
      const writing = (async () => {
        for (let i = 0; i < count; i++) await far.send(binary(new Uint8Array(PIECE).fill(i)));
      })();
      await milliseconds(300); // till all that may wait does
      await far.wire.resume();
      for (let i = 0; i < count; i++) {
        const { data } = await far.next() as { data: Uint8Array };
        assert.deepEqual([data.length, data[0], data.at(-1)], [PIECE, i, i]);
      }
      await writing;
      await part(met);
      await piped;
    },
  },

  "pause() delivers nothing until resume(), and close() ends the pause": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.pause();
      await far.send("one");
      await milliseconds(50);
      assert.deepEqual(record.types, ["open"]);
      near.resume();
      assert.deepEqual(record.types, ["open"], "resume() returned before any event fired");
      assert.equal((await record.next("message")).data, "one");
      near.pause();
      near.close(4000);
      await far.part();
      assert.equal((await record.next("close")).code, 4000);
    },
  },

  "disposing of a socket closes it, and waits for the end": {
    async try(ground) {
      const { near, far } = await opened(ground);
      const disposed = near[Symbol.asyncDispose]();
      assert.equal(near.readyState, Socket.CLOSING);
      await far.part();
      await disposed;
      assert.equal(near.readyState, Socket.CLOSED);
      await near[Symbol.asyncDispose]();
    },
  },
};
