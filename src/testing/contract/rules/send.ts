/** Rules about what is sent. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { opened, part } from "../opened.ts";
import type { Rule } from "../mod.ts";
import { utf8 } from "../frame.ts";
import { EventLog } from "../event_log.ts";

const MEBIBYTE = 1024 * 1024;

/** What leaves. */
export const send: Readonly<{ [promise: string]: Rule }> = {
  "send() takes text, of any length": {
    async try(harness) {
      const met = await opened(harness);
      for (const length of [0, 1, 125, 126, 127, 65535, 65536, 200_000]) {
        met.socket.send("é".repeat(length >> 1));
        assert.deepEqual(await met.peer.next(), { kind: "text", data: "é".repeat(length >> 1) });
      }
      await part(met);
    },
  },

  "send() takes ArrayBuffer, views and Blob as binary": {
    async try(harness) {
      const met = await opened(harness);
      const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
      const sent: [ArrayBuffer | ArrayBufferView | Blob, number[]][] = [
        [bytes.buffer, [0, 1, 2, 3, 4, 5, 6, 7]],
        [bytes, [0, 1, 2, 3, 4, 5, 6, 7]],
        [bytes.subarray(2, 5), [2, 3, 4]],
        [new DataView(bytes.buffer, 6), [6, 7]],
        [new Uint16Array(bytes.buffer, 2, 1), [2, 3]],
        [new Blob([bytes.subarray(1, 3)]), [1, 2]],
        [new ArrayBuffer(0), []],
        [new Blob([]), []],
      ];
      for (const [value, expected] of sent) {
        met.socket.send(value);
        assert.deepEqual(await met.peer.next(), {
          kind: "binary",
          data: Uint8Array.from(expected),
        });
      }
      await part(met);
    },
  },

  "send() makes strings of other values, and refuses memory that is shared or can be resized": {
    async try(harness) {
      const met = await opened(harness);
      const { socket, peer } = met;
      const give = socket.send.bind(socket) as (...values: unknown[]) => void;
      assert.throws(() => give(), TypeError);
      assert.throws(() => give(Symbol("x")), TypeError);
      if ("SharedArrayBuffer" in globalThis) {
        assert.throws(() => give(new SharedArrayBuffer(2)), TypeError);
        assert.throws(() => give(new Uint8Array(new SharedArrayBuffer(2))), TypeError);
      }
      const Resizable = ArrayBuffer as new (
        length: number,
        options: { maxByteLength: number },
      ) => ArrayBuffer;
      assert.throws(() => give(new Resizable(1, { maxByteLength: 2 })), TypeError);
      const detached = new ArrayBuffer(4);
      structuredClone(detached, { transfer: [detached] });
      for (const value of [null, undefined, 42, true, [1, 2], { toString: () => "own" }]) {
        give(value);
        assert.deepEqual(await peer.next(), { kind: "text", data: String(value) });
      }
      give(detached);
      assert.deepEqual(await peer.next(), { kind: "binary", data: new Uint8Array(0) });
      await part(met);
    },
  },

  "half a surrogate pair becomes U+FFFD": {
    async try(harness) {
      const met = await opened(harness);
      met.socket.send("a\ud800b\udc00");
      assert.deepEqual(await met.peer.next(), { kind: "text", data: "a\ufffdb\ufffd" });
      await part(met);
    },
  },

  "bytes are captured by send(), though what is before them waits": {
    async try(harness) {
      const met = await opened(harness);
      const bytes = new Uint8Array(70_000).fill(1);
      met.socket.send(bytes);
      met.socket.send(new Blob(["x"]));
      met.socket.send(bytes.subarray(0, 10));
      bytes.fill(9);
      const heard = [await met.peer.next(), await met.peer.next(), await met.peer.next()];
      assert.deepEqual(heard[0], { kind: "binary", data: new Uint8Array(70_000).fill(1) });
      assert.deepEqual(heard[2], { kind: "binary", data: new Uint8Array(10).fill(1) });
      await part(met);
    },
  },

  "bytes are captured though the peer does not read": {
    async try(harness) {
      const met = await opened(harness);
      await met.peer.wire.pause();
      const bytes = new Uint8Array(MEBIBYTE);
      for (let i = 1; i <= 16; i++) met.socket.send(bytes.fill(i));
      bytes.fill(99);
      await met.peer.wire.resume();
      for (let i = 1; i <= 16; i++) {
        const heard = await met.peer.next();
        assert.ok(heard.kind === "binary" && heard.data.every((byte) => byte === i), `${i}`);
      }
      await part(met);
    },
  },

  "messages leave in the order of send(), Blobs among them": {
    async try(harness) {
      const met = await opened(harness);
      const big = new Blob([new Uint8Array(300_000)]);
      met.socket.send("1");
      met.socket.send(big);
      met.socket.send("2");
      met.socket.send(Uint8Array.of(3));
      met.socket.send(new Blob(["4"]));
      met.socket.send("5");
      const lengths: unknown[] = [];
      for (let i = 0; i < 6; i++) {
        const heard = await met.peer.next();
        lengths.push(
          heard.kind === "binary" ? heard.data.length : (heard as { data: string }).data,
        );
      }
      assert.deepEqual(lengths, ["1", 300_000, "2", 1, 1, "5"]);
      await part(met);
    },
  },

  "a Blob that cannot be read ends the socket": {
    async try(harness) {
      const { socket, peer, record } = await opened(harness);
      const blob = new Blob(["lost"]);
      blob.arrayBuffer = () => Promise.reject(new Error("gone"));
      socket.send(blob);
      const { error } = await record.next("error");
      assert.equal((error as DOMException).name, "NotReadableError");
      assert.equal((await record.next("close")).code, 1006);
      await peer.wire.end();
    },
  },

  "send() while CONNECTING throws InvalidStateError, and loses nothing": {
    async try(harness) {
      let thrown: unknown;
      let record!: EventLog;
      const met = await harness.connect({
        attach(socket) {
          record = new EventLog(socket);
          try {
            socket.send("too early");
          } catch (error) {
            thrown = error;
          }
        },
      });
      assert.ok(thrown instanceof DOMException);
      assert.equal(thrown.name, "InvalidStateError");
      await record.next("open");
      met.socket.send("in time");
      assert.deepEqual(await met.peer.next(), { kind: "text", data: "in time" });
      await part(met);
    },
  },

  "what is sent after close() stays in bufferedAmount, and does not leave": {
    async try(harness) {
      const { socket, peer, record } = await opened(harness);
      socket.close(4000);
      socket.send("ééé");
      socket.send(new Uint8Array(10));
      socket.send(new Blob(["12345"]));
      assert.equal((await peer.part()).kind, "close");
      await record.next("close");
      assert.equal(socket.bufferedAmount, 21);
      socket.send("more");
      assert.equal(socket.bufferedAmount, 25);
      assert.equal(socket.readyState, Socket.CLOSED);
    },
  },

  "bufferedAmount grows while the peer does not read, and falls to 0 when it does": {
    async try(harness) {
      const met = await opened(harness, { server: { maxBuffered: Infinity } });
      const { socket, peer } = met;
      assert.equal(socket.bufferedAmount, 0);
      await peer.wire.pause();
      const bytes = new Uint8Array(MEBIBYTE);
      const count = 24;
      for (let i = 0; i < count; i++) socket.send(bytes);
      const queued = socket.bufferedAmount;
      assert.ok(queued > 4 * MEBIBYTE && queued < (count + 1) * MEBIBYTE, `${queued} bytes`);
      await peer.wire.resume();
      for (let i = 0; i < count; i++) assert.equal((await peer.next()).kind, "binary");
      while (socket.bufferedAmount !== 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await part(met);
    },
  },

  "a message of 16 MiB goes and comes back": {
    async try(harness) {
      const server = { maxPayload: 16 * MEBIBYTE };
      const met = await opened(harness, { server, binaryType: "arraybuffer" });
      const bytes = new Uint8Array(16 * MEBIBYTE).fill(7);
      met.socket.send(bytes);
      const heard = await met.peer.next();
      assert.ok(heard.kind === "binary");
      assert.equal(heard.data.length, bytes.length);
      await met.peer.send({ opcode: 2, payload: heard.data });
      const { data } = await met.record.next("message");
      assert.equal(data.byteLength, bytes.length);
      await part(met);
    },
  },

  "a burst of messages in both directions arrives whole": {
    async try(harness) {
      const met = await opened(harness);
      const count = 1000;
      for (let i = 0; i < count; i++) met.socket.send(`${i}`);
      await met.peer.send(...Array.from({ length: count }, (_, i) => `${i}`));
      for (let i = 0; i < count; i++) {
        assert.deepEqual(await met.peer.next(), { kind: "text", data: `${i}` });
      }
      for (let i = 0; i < count; i++) await met.record.next("message");
      assert.deepEqual(met.record.data, Array.from({ length: count }, (_, i) => `${i}`));
      assert.equal(utf8(met.record.data.join("")).length, 2890);
      await part(met);
    },
  },
};
