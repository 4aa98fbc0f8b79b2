/** Rules about received messages. @module */

import assert from "node:assert/strict";
import { opened, part } from "../opened.ts";
import type { Rule } from "../rule.ts";
import { binary, type Frame, more, text, utf8 } from "../frame.ts";

/** Lengths around which the encoding of a frame's length changes (RFC 6455, 5.2). */
const EDGES = [0, 1, 125, 126, 127, 65535, 65536, 200_000];

/** Byte sequences that are not UTF-8: invalid by Unicode's table 3-7, or truncated. */
const NOT_UTF8 = [
  [0xff],
  [0x80],
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0x68, 0x69, 0xe2, 0x82],
];

/** Rules about received messages. */
export const data: Readonly<{ [promise: string]: Rule }> = {
  "text is a string, of any length and any characters": {
    async try(harness) {
      const connected = await opened(harness);
      const strings = [...EDGES.map((length) => "x".repeat(length)), "κόσμε ✓ 𝄞", "a\0b"];
      for (const string of strings) {
        await connected.peer.send(string);
        assert.equal((await connected.log.next("message")).data, string);
      }
      await part(connected);
    },
  },

  "a leading byte order mark belongs to the text": {
    async try(harness) {
      const connected = await opened(harness);
      await connected.peer.send("\ufefftext");
      assert.equal((await connected.log.next("message")).data, "\ufefftext");
      await part(connected);
    },
  },

  "binary is a Blob by default": {
    async try(harness) {
      const connected = await opened(harness);
      assert.equal(connected.socket.binaryType, "blob");
      for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3)]) {
        await connected.peer.send(binary(bytes));
        const { data } = await connected.log.next("message");
        assert.ok(data instanceof Blob);
        assert.deepEqual(new Uint8Array(await data.arrayBuffer()), bytes);
      }
      await part(connected);
    },
  },

  "binary follows binaryType, as an option and when it is set; other values are ignored": {
    async try(harness) {
      const connected = await opened(harness, { binaryType: "arraybuffer" });
      const { socket, peer, log } = connected;
      for (const value of ["nodebuffer", "", "Blob", undefined, null]) {
        socket.binaryType = value as BinaryType;
        assert.equal(socket.binaryType, "arraybuffer");
      }
      await peer.send(binary(Uint8Array.of(1)));
      assert.ok((await log.next("message")).data instanceof ArrayBuffer);
      socket.binaryType = "blob";
      await peer.send(binary(Uint8Array.of(2)));
      assert.ok((await log.next("message")).data instanceof Blob);
      await part(connected);
    },
  },

  "bytes belong to the listener: exact, and never used again": {
    async try(harness) {
      const connected = await opened(harness, { binaryType: "arraybuffer" });
      const count = 100;
      for (let i = 0; i < count; i++) {
        await connected.peer.send(binary(new Uint8Array(1 + i * 7).fill(i)));
      }
      for (let i = 0; i < count; i++) await connected.log.next("message");
      connected.log.data.forEach((data, i) => {
        const bytes = new Uint8Array(data as ArrayBuffer);
        assert.deepEqual(bytes, new Uint8Array(1 + i * 7).fill(i));
      });
      const [first, second] = connected.log.data as ArrayBuffer[];
      new Uint8Array(first!).fill(255);
      assert.equal(new Uint8Array(second!)[0], 1);
      await part(connected);
    },
  },

  "a message may come in very many fragments": {
    only: "wire",
    async try(harness) {
      const connected = await opened(harness);
      const count = 20_000;
      const frames: Frame[] = [text("x", false)];
      for (let i = 2; i < count; i++) frames.push(more("x", false));
      await connected.peer.send(...frames, more("x"));
      assert.equal((await connected.log.next("message")).data, "x".repeat(count));
      await part(connected);
    },
  },

  "a character may be cut between fragments": {
    only: "wire",
    async try(harness) {
      const connected = await opened(harness);
      const bytes = utf8("κ𝄞✓");
      const frames = Array.from(bytes, (byte, i): Frame => ({
        opcode: i === 0 ? 1 : 0,
        payload: Uint8Array.of(byte),
        fin: i === bytes.length - 1,
      }));
      await connected.peer.send(...frames);
      assert.equal((await connected.log.next("message")).data, "κ𝄞✓");
      await part(connected);
    },
  },

  "text that is not UTF-8 never reaches a listener: error, then close with 1006": {
    only: "wire",
    async try(harness) {
      for (const bytes of NOT_UTF8) {
        const { peer, log } = await opened(harness);
        await peer.send({ opcode: 1, payload: Uint8Array.from(bytes) });
        assert.equal((await log.next("close")).code, 1006);
        assert.deepEqual(log.types, ["open", "error", "close"]);
        await peer.wire.end();
      }
    },
  },

  "frames that break the protocol end that socket: error, then close with 1006": {
    only: "wire",
    async try(harness) {
      const broken: Frame[][] = [
        [{ opcode: 3, payload: utf8("x") }],
        [{ opcode: 11, payload: utf8("x") }],
        [{ opcode: 0x41, payload: utf8("x") }], // RSV1
        [more("nothing to continue")],
        [text("a", false), text("b")],
        [{ opcode: 9, payload: new Uint8Array(126) }],
        [{ opcode: 9, payload: utf8("x"), fin: false }],
      ];
      for (const frames of broken) {
        const { peer, log } = await opened(harness);
        await peer.send(...frames);
        assert.equal((await log.next("close")).code, 1006, `opcode ${frames[0]!.opcode}`);
        assert.deepEqual(log.types, ["open", "error", "close"]);
        await peer.wire.end();
      }
    },
  },
};
