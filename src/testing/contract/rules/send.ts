/** Rules about sent messages. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import { observed, opened, part } from "../opened.ts";
import type { Rule } from "../rule.ts";
import { utf8 } from "../frame.ts";

const MEBIBYTE = 1024 * 1024;

/** Rules about sent messages. */
export const send: Readonly<{ [promise: string]: Rule }> = {
  "send() takes text, of any length": {
    async try(harness) {
      const connected = await opened(harness);
      for (const length of [0, 1, 125, 126, 127, 65535, 65536, 200_000]) {
        connected.socket.send("é".repeat(length >> 1));
        assert.deepEqual(await connected.peer.next(), {
          kind: "text",
          data: "é".repeat(length >> 1),
        });
      }
      await part(connected);
    },
  },

  "send() takes ArrayBuffer, views and Blob as binary": {
    async try(harness) {
      const connected = await opened(harness);
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
        connected.socket.send(value);
        assert.deepEqual(await connected.peer.next(), {
          kind: "binary",
          data: Uint8Array.from(expected),
        });
      }
      await part(connected);
    },
  },

  "send() makes strings of other values, and refuses memory that is shared or can be resized": {
    async try(harness) {
      const connected = await opened(harness);
      const { socket, peer } = connected;
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
      await part(connected);
    },
  },

  "half a surrogate pair becomes U+FFFD": {
    async try(harness) {
      const connected = await opened(harness);
      connected.socket.send("a\ud800b\udc00");
      assert.deepEqual(await connected.peer.next(), { kind: "text", data: "a\ufffdb\ufffd" });
      await part(connected);
    },
  },

  "bytes are captured by send(), though what is before them waits": {
    async try(harness) {
      const connected = await opened(harness);
      const bytes = new Uint8Array(70_000).fill(1);
      connected.socket.send(bytes);
      connected.socket.send(new Blob(["x"]));
      connected.socket.send(bytes.subarray(0, 10));
      bytes.fill(9);
      const heard = [
        await connected.peer.next(),
        await connected.peer.next(),
        await connected.peer.next(),
      ];
      assert.deepEqual(heard[0], { kind: "binary", data: new Uint8Array(70_000).fill(1) });
      assert.deepEqual(heard[2], { kind: "binary", data: new Uint8Array(10).fill(1) });
      await part(connected);
    },
  },

  "bytes are captured though the peer does not read": {
    async try(harness) {
      const connected = await opened(harness);
      await connected.peer.wire.pause();
      const bytes = new Uint8Array(MEBIBYTE);
      for (let i = 1; i <= 16; i++) connected.socket.send(bytes.fill(i));
      bytes.fill(99);
      await connected.peer.wire.resume();
      for (let i = 1; i <= 16; i++) {
        const heard = await connected.peer.next();
        assert.ok(heard.kind === "binary" && heard.data.every((byte) => byte === i), `${i}`);
      }
      await part(connected);
    },
  },

  "messages leave in the order of send(), Blobs among them": {
    async try(harness) {
      const connected = await opened(harness);
      const big = new Blob([new Uint8Array(300_000)]);
      connected.socket.send("1");
      connected.socket.send(big);
      connected.socket.send("2");
      connected.socket.send(Uint8Array.of(3));
      connected.socket.send(new Blob(["4"]));
      connected.socket.send("5");
      const lengths: unknown[] = [];
      for (let i = 0; i < 6; i++) {
        const heard = await connected.peer.next();
        lengths.push(
          heard.kind === "binary" ? heard.data.length : (heard as { data: string }).data,
        );
      }
      assert.deepEqual(lengths, ["1", 300_000, "2", 1, 1, "5"]);
      await part(connected);
    },
  },

  "a Blob that cannot be read ends the socket": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      const blob = new Blob(["lost"]);
      blob.arrayBuffer = () => Promise.reject(new Error("gone"));
      socket.send(blob);
      const { error } = await log.next("error");
      assert.equal((error as DOMException).name, "NotReadableError");
      assert.equal((await log.next("close")).code, 1006);
      await peer.wire.end();
    },
  },

  "send() while CONNECTING throws InvalidStateError, and loses nothing": {
    async try(harness) {
      let thrown: unknown;
      const connected = await observed(harness, {
        attach(socket) {
          try {
            socket.send("too early");
          } catch (error) {
            thrown = error;
          }
        },
      });
      assert.ok(thrown instanceof DOMException);
      assert.equal(thrown.name, "InvalidStateError");
      await connected.log.next("open");
      connected.socket.send("in time");
      assert.deepEqual(await connected.peer.next(), { kind: "text", data: "in time" });
      await part(connected);
    },
  },

  "what is sent after close() stays in bufferedAmount, and does not leave": {
    async try(harness) {
      const { socket, peer, log } = await opened(harness);
      socket.close(4000);
      socket.send("ééé");
      socket.send(new Uint8Array(10));
      socket.send(new Blob(["12345"]));
      assert.equal((await peer.part()).kind, "close");
      await log.next("close");
      assert.equal(socket.bufferedAmount, 21);
      socket.send("more");
      assert.equal(socket.bufferedAmount, 25);
      assert.equal(socket.readyState, Socket.CLOSED);
    },
  },

  "bufferedAmount grows while the peer does not read, and falls to 0 when it does": {
    async try(harness) {
      const connected = await opened(harness, { server: { maxBuffered: Infinity } });
      const { socket, peer } = connected;
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
      await part(connected);
    },
  },

  "a message of 16 MiB goes and comes back": {
    async try(harness) {
      const server = { maxPayload: 16 * MEBIBYTE };
      const connected = await opened(harness, { server, binaryType: "arraybuffer" });
      const bytes = new Uint8Array(16 * MEBIBYTE).fill(7);
      connected.socket.send(bytes);
      const heard = await connected.peer.next();
      assert.ok(heard.kind === "binary");
      assert.equal(heard.data.length, bytes.length);
      await connected.peer.send({ opcode: 2, payload: heard.data });
      const { data } = await connected.log.next("message");
      assert.equal(data.byteLength, bytes.length);
      await part(connected);
    },
  },

  "a burst of messages in both directions arrives whole": {
    async try(harness) {
      const connected = await opened(harness);
      const count = 1000;
      for (let i = 0; i < count; i++) connected.socket.send(`${i}`);
      await connected.peer.send(...Array.from({ length: count }, (_, i) => `${i}`));
      for (let i = 0; i < count; i++) {
        assert.deepEqual(await connected.peer.next(), { kind: "text", data: `${i}` });
      }
      for (let i = 0; i < count; i++) await connected.log.next("message");
      assert.deepEqual(connected.log.data, Array.from({ length: count }, (_, i) => `${i}`));
      assert.equal(utf8(connected.log.data.join("")).length, 2890);
      await part(connected);
    },
  },
};
