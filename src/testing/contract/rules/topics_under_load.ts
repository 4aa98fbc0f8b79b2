/** Rules about topics: subscribers that do not read. @module */

import assert from "node:assert/strict";
import { Socket } from "../../../core/socket.ts";
import type { Rule } from "../rule.ts";
import type { Heard } from "../raw_peer.ts";
import { part } from "../opened.ts";
import { newTopic, type Subscriber, subscribers } from "../subscriber.ts";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
/** Number of pieces that exceeds what any system buffers for a peer that does not read. */
const MANY = 60;
const PIECE = 256 * KIBIBYTE;

/** Returns the socket's events except `drain`, which also fires while the system's buffers fill. */
function withoutDrain({ log }: Subscriber): string[] {
  return log.types.filter((type) => type !== "drain");
}

/** Returns length, first and last byte of a binary message. */
function edges(heard: Heard): unknown[] {
  return heard.kind === "binary" ? [heard.data.length, heard.data[0], heard.data.at(-1)] : [heard];
}

/** Rules about publishing to subscribers that do not read. */
export const topicsUnderLoad: Readonly<{ [promise: string]: Rule }> = {
  "a subscriber that does not read holds up no other": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [slow, quick] = await subscribers(harness, 2, topic, {
        server: { maxBuffered: Infinity },
      });
      await slow!.peer.wire.pause();
      const piece = new Uint8Array(PIECE);
      for (let i = 0; i < MANY; i++) {
        assert.equal(slow!.hub.publish(topic, piece.fill(i)), 2);
        assert.deepEqual(edges(await quick!.peer.next()), [PIECE, i, i]);
      }
      assert.ok(slow!.socket.bufferedAmount > MEBIBYTE, `${slow!.socket.bufferedAmount} bytes`);
      await slow!.peer.wire.resume();
      for (let i = 0; i < MANY; i++) {
        assert.deepEqual(edges(await slow!.peer.next()), [PIECE, i, i]);
      }
      await part(slow!);
      await part(quick!);
    },
  },

  "a subscriber for whom maxBuffered bytes wait is closed with 1013; the others get all": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [slow, quick] = await subscribers(harness, 2, topic, {
        server: { maxBuffered: MEBIBYTE },
      });
      const { hub } = quick!;
      const before = hub.stats();
      await slow!.peer.wire.pause();
      const piece = new Uint8Array(PIECE);
      let both = 0;
      while (hub.publish(topic, piece) === 2 && both < MANY) {
        both++;
        assert.equal((await quick!.peer.next()).kind, "binary");
        assert.ok(slow!.socket.bufferedAmount < MEBIBYTE + 2 * PIECE);
      }
      assert.ok(both < MANY, "nothing was too much");
      assert.ok(slow!.socket.readyState >= Socket.CLOSING);
      assert.equal(hub.subscribers(topic), 1);
      assert.equal(hub.publish(topic, piece), 1);
      for (let i = 0; i < 2; i++) assert.equal((await quick!.peer.next()).kind, "binary");
      const { dropped, sent } = hub.stats();
      assert.equal(dropped - before.dropped, 1);
      assert.equal(sent.messages - before.sent.messages, 2 * both + 2);
      await slow!.log.next("error");
      assert.equal((slow!.log.errors[0] as DOMException).name, "QuotaExceededError");
      await slow!.peer.wire.resume();
      for (let i = 0; i < both; i++) assert.equal((await slow!.peer.next()).kind, "binary");
      const heard = await slow!.peer.part();
      assert.deepEqual([heard.kind, (heard as { code?: number }).code], ["close", 1013]);
      assert.equal((await slow!.log.next("close")).code, 1013);
      assert.deepEqual(withoutDrain(slow!), ["open", "error", "close"]);
      await part(quick!);
    },
  },

  "no more than maxBuffered bytes and one message wait for a subscriber, long or short ones": {
    only: ["server", "wire"],
    async try(harness) {
      const length = 15 * KIBIBYTE;
      for (const maxBuffered of [100 * KIBIBYTE, MEBIBYTE]) {
        const [one, two] = [newTopic(), newTopic()];
        const [slow, quick] = await subscribers(harness, 2, one, { server: { maxBuffered } });
        for (const { socket } of [slow!, quick!]) socket.subscribe(two);
        await slow!.peer.wire.pause();
        const text = "x".repeat(length);
        const atOnce = Math.floor(maxBuffered / 2 / length); // a subscriber that reads stays below the limit
        let most = 0;
        for (let round = 0; round < 10 * MANY && slow!.socket.readyState === Socket.OPEN; round++) {
          for (let i = 0; i < atOnce; i++) slow!.hub.publish(i % 2 === 0 ? one : two, text);
          most = Math.max(most, slow!.socket.bufferedAmount);
          for (let i = 0; i < atOnce; i++) assert.equal((await quick!.peer.next()).kind, "text");
          most = Math.max(most, slow!.socket.bufferedAmount);
        }
        assert.ok(slow!.socket.readyState >= Socket.CLOSING, "nothing was too much");
        assert.ok(most < maxBuffered + length + 100, `${most} bytes`);
        await slow!.peer.wire.reset();
        await slow!.log.next("close");
        await part(quick!);
      }
    },
  },

  'overflow "drop" and "wait" drop what is published for the slow alone, and stats() counts it': {
    only: ["server", "wire"],
    async try(harness) {
      for (const overflow of ["drop", "wait"] as const) {
        const topic = newTopic();
        const server = { maxBuffered: MEBIBYTE, overflow };
        const [slow, quick] = await subscribers(harness, 2, topic, { server });
        const { hub } = quick!;
        const before = hub.stats();
        await slow!.peer.wire.pause();
        const piece = new Uint8Array(PIECE);
        let both = 0;
        for (let i = 0; i < MANY; i++) {
          if (hub.publish(topic, piece) === 2) both++;
          assert.equal((await quick!.peer.next()).kind, "binary");
          assert.ok(slow!.socket.bufferedAmount < MEBIBYTE + 2 * PIECE);
        }
        assert.ok(both < MANY, "nothing was too much");
        assert.equal(hub.stats().dropped - before.dropped, MANY - both);
        assert.equal(hub.stats().sent.messages - before.sent.messages, MANY + both);
        assert.deepEqual(withoutDrain(slow!), ["open"]);
        assert.equal(hub.subscribers(topic), 2);
        const drained = slow!.log.next("drain");
        await slow!.peer.wire.resume();
        for (let i = 0; i < both; i++) assert.equal((await slow!.peer.next()).kind, "binary");
        await drained;
        await part(slow!);
        await part(quick!);
      }
    },
  },

  "a subscriber that was slow goes on when it has drained, in order": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [slow, quick] = await subscribers(harness, 2, topic);
      const { hub } = quick!;
      await slow!.peer.wire.pause();
      const sent: (string | number)[] = [];
      const publish = (data: string | Uint8Array<ArrayBuffer>): void => {
        assert.equal(hub.publish(topic, data), 2);
        sent.push(typeof data === "string" ? data : data.length);
      };
      publish(new Uint8Array(12 * MEBIBYTE)); // more than any system buffers
      assert.ok(slow!.socket.bufferedAmount > MEBIBYTE, `${slow!.socket.bufferedAmount} bytes`);
      for (let i = 0; i < 4; i++) {
        publish(new Uint8Array(PIECE + sent.length));
        publish(`${sent.length}`);
      }
      slow!.socket.send("sent meanwhile");
      publish("published meanwhile");
      const drained = slow!.log.next("drain");
      await slow!.peer.wire.resume();
      for (const it of sent.slice(0, -1)) {
        const heard = await slow!.peer.next();
        assert.ok(heard.kind === "text" || heard.kind === "binary");
        assert.equal(heard.kind === "text" ? heard.data : heard.data.length, it);
      }
      assert.deepEqual(await slow!.peer.next(), { kind: "text", data: "sent meanwhile" });
      assert.deepEqual(await slow!.peer.next(), { kind: "text", data: "published meanwhile" });
      await drained;
      publish("1");
      slow!.socket.send("2");
      publish("3");
      for (const data of ["1", "2", "3"]) {
        assert.deepEqual(await slow!.peer.next(), { kind: "text", data });
      }
      for (let i = 0; i < sent.length; i++) assert.ok((await quick!.peer.next()).kind !== "end");
      assert.deepEqual(slow!.log.types, ["open", "drain"]);
      await part(slow!);
      await part(quick!);
    },
  },

  "what is published is captured though a subscriber does not read": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const all = await subscribers(harness, 2, topic);
      await all[0]!.peer.wire.pause();
      const bytes = new Uint8Array(MEBIBYTE);
      for (let i = 1; i <= 12; i++) all[0]!.hub.publish(topic, bytes.fill(i));
      bytes.fill(99);
      await all[0]!.peer.wire.resume();
      for (const { peer } of all) {
        for (let i = 1; i <= 12; i++) {
          assert.deepEqual(edges(await peer.next()), [MEBIBYTE, i, i]);
        }
      }
      for (const connected of all) await part(connected);
    },
  },
};
