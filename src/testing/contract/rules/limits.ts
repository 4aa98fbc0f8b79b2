/** Rules about the limits of what one peer can cost a server. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import type { ConnectSettings, Harness, Rule } from "../rule.ts";
import { binary, close, type Frame, more, text } from "../frame.ts";
import { type Opened, opened, part } from "../opened.ts";

const KIBIBYTE = 1024;
const PIECE = 256 * KIBIBYTE;
const MEBIBYTE = 1024 * KIBIBYTE;

function milliseconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count));
}

/** Messages of 1001 bytes, as frames. */
const tooLong: readonly (readonly Frame[])[] = [
  [binary(new Uint8Array(1001))],
  [text("é".repeat(500) + "e")],
  [text("x".repeat(600), false), more("y".repeat(401))],
];

/** Sends a socket two messages of 1000 bytes, which must arrive, and then further frames. */
async function beyond(
  harness: Harness,
  settings: ConnectSettings,
  frames: readonly Frame[],
): Promise<Opened> {
  const connected = await opened(harness, { ...settings, binaryType: "arraybuffer" });
  const { peer, log } = connected;
  await peer.send(binary(new Uint8Array(1000)), text("é".repeat(500)));
  assert.equal((await log.next("message")).data.byteLength, 1000);
  assert.equal((await log.next("message")).data, "é".repeat(500));
  await peer.send(...frames);
  return connected;
}

/** Rules about limits. */
export const limits: Readonly<{ [promise: string]: Rule }> = {
  "a message of maxPayload bytes is delivered, and one more byte is 1009 and 1006": {
    only: "server",
    async try(harness) {
      for (const frames of tooLong) {
        const { socket, peer, log } = await beyond(
          harness,
          { server: { maxPayload: 1000 } },
          frames,
        );
        const heard = await peer.part();
        assert.deepEqual([heard.kind, (heard as { code?: number }).code], ["close", 1009]);
        const { code, wasClean } = await log.next("close");
        assert.deepEqual([code, wasClean], [1006, false]);
        assert.deepEqual(log.types, ["open", "message", "message", "error", "close"]);
        assert.equal(socket.readyState, Socket.CLOSED);
      }
    },
  },

  "a client gets a message of maxPayload bytes, and one more byte is a QuotaExceededError and 1006":
    {
      only: "client",
      async try(harness) {
        for (const frames of tooLong) {
          const { peer, log } = await beyond(harness, { maxPayload: 1000 }, frames);
          await peer.part();
          const { code, wasClean } = await log.next("close");
          assert.deepEqual([code, wasClean], [1006, false]);
          assert.deepEqual(log.types, ["open", "message", "message", "error", "close"]);
          const { name, message } = log.errors[0] as DOMException;
          assert.equal(name, "QuotaExceededError");
          assert.equal(message, "A message has more than maxPayload, 1000 bytes");
        }
      },
    },

  "a server whose message has more than a client's maxPayload gets Close code 1009": {
    only: "client",
    async try(harness) {
      for (const frames of tooLong) {
        const { peer } = await beyond(harness, { maxPayload: 1000 }, frames);
        const heard = await peer.part();
        assert.deepEqual([heard.kind, (heard as { code?: number }).code], ["close", 1009]);
      }
    },
  },

  "upgrade() may lower maxPayload for one socket": {
    only: ["server", "wire"],
    async try(harness) {
      const connected = await opened(harness, { upgrade: { maxPayload: 10 } });
      await connected.peer.send("x".repeat(10), "x".repeat(11));
      assert.equal((await connected.peer.part() as { code?: number }).code, 1009);
      assert.equal((await connected.log.next("close")).code, 1006);
      assert.equal(connected.log.data.length, 1);
    },
  },

  "drain comes once, when as much has left as lowWaterMark asks for": {
    async try(harness) {
      const connected = await opened(harness);
      const { socket, peer, log } = connected;
      socket.send("little enough");
      assert.equal((await peer.next()).kind, "text");
      await peer.wire.pause();
      const piece = new Uint8Array(PIECE);
      let count = 0;
      while (socket.bufferedAmount < 8 * MEBIBYTE && count < 100) {
        socket.send(piece);
        if (++count % 16 === 0) await milliseconds(1); // lets the system take what it buffers itself
      }
      assert.ok(socket.bufferedAmount >= 8 * MEBIBYTE, `${socket.bufferedAmount} bytes`);
      const before = log.types.length; // a fast runtime may have drained already
      const drained = new Promise<number>((resolve) => {
        socket.addEventListener("drain", () => resolve(socket.bufferedAmount));
      });
      await peer.wire.resume();
      for (let i = 0; i < count; i++) assert.equal((await peer.next()).kind, "binary");
      const left = await drained;
      assert.ok(left <= MEBIBYTE, `${left} bytes`);
      socket.send("no more of it");
      await peer.next();
      assert.deepEqual(log.types.slice(before), ["drain"]);
      await part(connected);
    },
  },

  "a peer that does not read is closed with 1013 when maxBuffered bytes wait": {
    only: "server",
    async try(harness) {
      const { socket, peer, log } = await opened(harness, { server: { maxBuffered: MEBIBYTE } });
      await peer.wire.pause();
      const piece = new Uint8Array(PIECE);
      let sent = 0;
      let most = 0;
      while (socket.readyState === Socket.OPEN && sent < 400) {
        socket.send(piece);
        most = Math.max(most, socket.bufferedAmount);
        if (socket.readyState === Socket.OPEN) sent++;
      }
      assert.ok(sent < 400, "nothing was too much");
      assert.ok(most < MEBIBYTE + 2 * PIECE, `${most} bytes waited`);
      assert.deepEqual(log.types, ["open"], "send() returned before any event");
      assert.equal((await log.next("error")).error instanceof DOMException, true);
      assert.equal((log.errors[0] as DOMException).name, "QuotaExceededError");
      await peer.wire.resume();
      for (let i = 0; i < sent; i++) assert.equal((await peer.next()).kind, "binary");
      const heard = await peer.part();
      assert.deepEqual([heard.kind, (heard as { code?: number }).code], ["close", 1013]);
      assert.equal((await log.next("close")).code, 1013);
      assert.deepEqual(log.types, ["open", "error", "close"]);
    },
  },

  'overflow "drop" drops what is too much, and goes on': {
    only: "server",
    async try(harness) {
      const server = { maxBuffered: MEBIBYTE, overflow: "drop" } as const;
      const connected = await opened(harness, { server });
      const { socket, peer, log } = connected;
      await peer.wire.pause();
      const piece = new Uint8Array(PIECE);
      for (let i = 0; i < 100; i++) socket.send(piece);
      assert.ok(socket.bufferedAmount < MEBIBYTE + 2 * PIECE, `${socket.bufferedAmount} bytes`);
      await peer.wire.resume();
      let heard = 0;
      const ended = log.next("drain").then(() => socket.send("behind"));
      for (let next; (next = await peer.next()).kind === "binary"; heard++) {
        assert.equal((next as { data: Uint8Array }).data.length, PIECE);
      }
      await ended;
      assert.ok(heard >= 4 && heard < 100, `${heard} arrived`);
      await part(connected);
    },
  },

  'overflow "wait" makes send() throw until drain, and loses nothing': {
    only: "server",
    async try(harness) {
      const server = { maxBuffered: MEBIBYTE, overflow: "wait" } as const;
      const connected = await opened(harness, { server });
      const { socket, peer, log } = connected;
      await peer.wire.pause();
      const piece = new Uint8Array(PIECE);
      let sent = 0;
      assert.throws(() => {
        for (; sent < 400; sent++) socket.send(piece);
      }, { name: "QuotaExceededError" });
      assert.ok(socket.bufferedAmount < MEBIBYTE + 2 * PIECE, `${socket.bufferedAmount} bytes`);
      await peer.wire.resume();
      for (let i = 0; i < sent; i++) assert.equal((await peer.next()).kind, "binary");
      await log.next("drain");
      socket.send("behind");
      assert.deepEqual(await peer.next(), { kind: "text", data: "behind" });
      assert.equal(socket.readyState, Socket.OPEN);
      await part(connected);
    },
  },

  'overflow "wait" holds back a peer that does not read the answers to what it sends': {
    only: "server",
    async try(harness) {
      const count = 48;
      const server = { maxBuffered: 2 * MEBIBYTE, overflow: "wait" } as const;
      const connected = await opened(harness, { server, binaryType: "arraybuffer" });
      const { socket, peer, log } = connected;
      socket.onmessage = (event) => socket.send(event.data);
      await peer.wire.pause();
      const writing = (async () => {
        for (let i = 0; i < count; i++) await peer.send(binary(new Uint8Array(PIECE).fill(i)));
      })();
      await log.next("message");
      await milliseconds(200); // a server without limits would have read and answered by then
      assert.ok(socket.bufferedAmount < 3 * MEBIBYTE, `${socket.bufferedAmount} bytes`);
      await peer.wire.resume();
      for (let i = 0; i < count; i++) {
        const heard = await peer.next();
        assert.ok(heard.kind === "binary" && heard.data[0] === i, `${i}`);
        assert.deepEqual([heard.data.length, heard.data.at(-1)], [PIECE, i]);
      }
      await writing;
      assert.deepEqual(log.errors, []);
      await part(connected);
    },
  },

  "a peer that sends more than maxMessagesPerSecond is closed with 1008": {
    only: "server",
    async try(harness) {
      const { peer, log } = await opened(harness, { server: { maxMessagesPerSecond: 10 } });
      await peer.send(...Array.from({ length: 21 }, (_, i) => `${i}`)); // two seconds' worth, and one more
      assert.equal((await log.next("error")).error instanceof DOMException, true);
      assert.equal((log.errors[0] as DOMException).name, "QuotaExceededError");
      const heard = await peer.part();
      assert.deepEqual([heard.kind, (heard as { code?: number }).code], ["close", 1008]);
      await log.next("close");
      assert.equal(log.data.length, 20);
    },
  },

  "a quiet peer that answers Ping frames stays": {
    only: ["server", "wire"],
    async try(harness) {
      const connected = await opened(harness, { server: { heartbeat: 100, idleTimeout: 400 } });
      const heard = connected.peer.next(); // answers Pings meanwhile
      await milliseconds(1500);
      connected.socket.send("still there");
      assert.deepEqual(await heard, { kind: "text", data: "still there" });
      assert.deepEqual(connected.log.types, ["open"]);
      await part(connected);
    },
  },

  "a peer that answers no Ping frame is 1006 after idleTimeout": {
    only: ["server", "wire"],
    async try(harness) {
      const { peer, log } = await opened(harness, {
        server: { heartbeat: 100, idleTimeout: 400 },
      });
      const begun = performance.now();
      assert.equal((await log.next("close")).code, 1006);
      const took = performance.now() - begun;
      assert.ok(took > 300 && took < 5000, `${took} ms`);
      assert.deepEqual(log.types, ["open", "error", "close"]);
      await peer.wire.end();
    },
  },

  "a peer that reads nothing is 1006 in time, though much waits for it": {
    only: "server",
    async try(harness) {
      for (const later of [0, 300]) { // ms: before a runtime's own Ping, and after it
        const { socket, peer, log } = await opened(harness, {
          server: { heartbeat: 100, idleTimeout: 400 },
          closeTimeout: 400,
        });
        await peer.wire.pause();
        const begun = performance.now();
        await milliseconds(later);
        socket.send(new Uint8Array(20 * MEBIBYTE));
        assert.equal((await log.next("close")).code, 1006);
        const took = performance.now() - begun;
        assert.ok(took < 5000, `${took} ms`);
        await peer.wire.reset();
      }
    },
  },

  "the close of a peer that reads nothing is reported in time": {
    only: "server",
    async try(harness) {
      const { socket, peer, log } = await opened(harness, {
        server: { heartbeat: 100, idleTimeout: 400 },
        closeTimeout: 400,
      });
      await peer.wire.pause();
      socket.send(new Uint8Array(20 * MEBIBYTE));
      const begun = performance.now();
      await peer.send(close(1000));
      await log.next("close");
      const took = performance.now() - begun;
      assert.ok(took < 5000, `${took} ms`);
      await peer.wire.reset();
    },
  },

  "without a heartbeat, a peer that says nothing is 1006 after idleTimeout, and a talker stays": {
    only: ["server", "wire"],
    async try(harness) {
      const server = { heartbeat: 0, idleTimeout: 400 };
      const talking = await opened(harness, { server });
      const silent = await opened(harness, { server });
      const heard = silent.peer.next(); // would answer a Ping
      let over = false;
      const end = silent.log.next("close").then(({ code }) => {
        over = true;
        return code;
      });
      while (!over) {
        await talking.peer.send("I am here");
        await talking.log.next("message");
        await milliseconds(50);
      }
      assert.equal(await end, 1006);
      assert.equal(talking.socket.readyState, Socket.OPEN);
      await part(talking);
      await silent.peer.wire.end();
      await heard;
    },
  },
};
