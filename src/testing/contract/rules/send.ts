/** Rules about what is sent. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { opened, part } from "../opened.ts";
import type { Rule } from "../mod.ts";
import { utf8 } from "../frame.ts";
import { Record } from "../event_log.ts";

const MEBIBYTE = 1024 * 1024;

/** What leaves. */
export const send: Readonly<{ [promise: string]: Rule }> = {
  "send() takes text, of any length": {
    async try(ground) {
      const met = await opened(ground);
      for (const length of [0, 1, 125, 126, 127, 65535, 65536, 200_000]) {
        met.near.send("é".repeat(length >> 1));
        assert.deepEqual(await met.far.next(), { kind: "text", data: "é".repeat(length >> 1) });
      }
      await part(met);
    },
  },

  "send() takes ArrayBuffer, views and Blob as binary": {
    async try(ground) {
      const met = await opened(ground);
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
        met.near.send(value);
        assert.deepEqual(await met.far.next(), {
          kind: "binary",
          data: Uint8Array.from(expected),
        });
      }
      await part(met);
    },
  },

  "send() makes strings of other values, and refuses memory that is shared or can be resized": {
    async try(ground) {
      const met = await opened(ground);
      const { near, far } = met;
      const give = near.send.bind(near) as (...values: unknown[]) => void;
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
        assert.deepEqual(await far.next(), { kind: "text", data: String(value) });
      }
      give(detached);
      assert.deepEqual(await far.next(), { kind: "binary", data: new Uint8Array(0) });
      await part(met);
    },
  },

  "half a surrogate pair becomes U+FFFD": {
    async try(ground) {
      const met = await opened(ground);
      met.near.send("a\ud800b\udc00");
      assert.deepEqual(await met.far.next(), { kind: "text", data: "a\ufffdb\ufffd" });
      await part(met);
    },
  },

  "bytes are captured by send(), though what is before them waits": {
    async try(ground) {
      const met = await opened(ground);
      const bytes = new Uint8Array(70_000).fill(1);
      met.near.send(bytes);
      met.near.send(new Blob(["x"]));
      met.near.send(bytes.subarray(0, 10));
      bytes.fill(9);
      const heard = [await met.far.next(), await met.far.next(), await met.far.next()];
      assert.deepEqual(heard[0], { kind: "binary", data: new Uint8Array(70_000).fill(1) });
      assert.deepEqual(heard[2], { kind: "binary", data: new Uint8Array(10).fill(1) });
      await part(met);
    },
  },

  "bytes are captured though the peer does not read": {
    async try(ground) {
      const met = await opened(ground);
      await met.far.wire.pause();
      const bytes = new Uint8Array(MEBIBYTE);
      for (let i = 1; i <= 16; i++) met.near.send(bytes.fill(i));
      bytes.fill(99);
      await met.far.wire.resume();
      for (let i = 1; i <= 16; i++) {
        const heard = await met.far.next();
        assert.ok(heard.kind === "binary" && heard.data.every((byte) => byte === i), `${i}`);
      }
      await part(met);
    },
  },

  "messages leave in the order of send(), Blobs among them": {
    async try(ground) {
      const met = await opened(ground);
      const big = new Blob([new Uint8Array(300_000)]);
      met.near.send("1");
      met.near.send(big);
      met.near.send("2");
      met.near.send(Uint8Array.of(3));
      met.near.send(new Blob(["4"]));
      met.near.send("5");
      const lengths: unknown[] = [];
      for (let i = 0; i < 6; i++) {
        const heard = await met.far.next();
        lengths.push(
          heard.kind === "binary" ? heard.data.length : (heard as { data: string }).data,
        );
      }
      assert.deepEqual(lengths, ["1", 300_000, "2", 1, 1, "5"]);
      await part(met);
    },
  },

  "a Blob that cannot be read ends the socket": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      const blob = new Blob(["lost"]);
      blob.arrayBuffer = () => Promise.reject(new Error("gone"));
      near.send(blob);
      const { error } = await record.next("error");
      assert.equal((error as DOMException).name, "NotReadableError");
      assert.equal((await record.next("close")).code, 1006);
      await far.wire.end();
    },
  },

  "send() while CONNECTING throws InvalidStateError, and loses nothing": {
    async try(ground) {
      let thrown: unknown;
      let record!: Record;
      const met = await ground.meet({
        attach(socket) {
          record = new Record(socket);
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
      met.near.send("in time");
      assert.deepEqual(await met.far.next(), { kind: "text", data: "in time" });
      await part(met);
    },
  },

  "what is sent after close() stays in bufferedAmount, and does not leave": {
    async try(ground) {
      const { near, far, record } = await opened(ground);
      near.close(4000);
      near.send("ééé");
      near.send(new Uint8Array(10));
      near.send(new Blob(["12345"]));
      assert.equal((await far.part()).kind, "close");
      await record.next("close");
      assert.equal(near.bufferedAmount, 21);
      near.send("more");
      assert.equal(near.bufferedAmount, 25);
      assert.equal(near.readyState, Socket.CLOSED);
    },
  },

  "bufferedAmount grows while the peer does not read, and falls to 0 when it does": {
    async try(ground) {
      const met = await opened(ground, { server: { maxBuffered: Infinity } });
      const { near, far } = met;
      assert.equal(near.bufferedAmount, 0);
      await far.wire.pause();
      const bytes = new Uint8Array(MEBIBYTE);
      const count = 24;
      for (let i = 0; i < count; i++) near.send(bytes);
      const queued = near.bufferedAmount;
      assert.ok(queued > 4 * MEBIBYTE && queued < (count + 1) * MEBIBYTE, `${queued} bytes`);
      await far.wire.resume();
      for (let i = 0; i < count; i++) assert.equal((await far.next()).kind, "binary");
      while (near.bufferedAmount !== 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await part(met);
    },
  },

  "a message of 16 MiB goes and comes back": {
    async try(ground) {
      const server = { maxPayload: 16 * MEBIBYTE };
      const met = await opened(ground, { server, binaryType: "arraybuffer" });
      const bytes = new Uint8Array(16 * MEBIBYTE).fill(7);
      met.near.send(bytes);
      const heard = await met.far.next();
      assert.ok(heard.kind === "binary");
      assert.equal(heard.data.length, bytes.length);
      await met.far.send({ opcode: 2, payload: heard.data });
      const { data } = await met.record.next("message");
      assert.equal(data.byteLength, bytes.length);
      await part(met);
    },
  },

  "a burst of messages in both directions arrives whole": {
    async try(ground) {
      const met = await opened(ground);
      const count = 1000;
      for (let i = 0; i < count; i++) met.near.send(`${i}`);
      await met.far.send(...Array.from({ length: count }, (_, i) => `${i}`));
      for (let i = 0; i < count; i++) {
        assert.deepEqual(await met.far.next(), { kind: "text", data: `${i}` });
      }
      for (let i = 0; i < count; i++) await met.record.next("message");
      assert.deepEqual(met.record.data, Array.from({ length: count }, (_, i) => `${i}`));
      assert.equal(utf8(met.record.data.join("")).length, 2890);
      await part(met);
    },
  },
};
