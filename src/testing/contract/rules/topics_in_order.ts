/** Rules about topics: content and order of what arrives. @module */

import assert from "node:assert/strict";
import type { Rule } from "../rule.ts";
import type { Heard } from "../raw_peer.ts";
import { close } from "../frame.ts";
import { part } from "../opened.ts";
import { newTopic, subscriber, subscribers } from "../subscriber.ts";

/** Returns the text of a text message, the length of a binary one, or else the kind. */
function brief(heard: Heard): string | number {
  if (heard.kind === "binary") return heard.data.length;
  return heard.kind === "text" ? heard.data : heard.kind;
}

/** Rules about the content and the order of what arrives. */
export const topicsInOrder: Readonly<{ [promise: string]: Rule }> = {
  "publish() takes what send() takes: text, bytes, Blobs, empty messages": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness, topic);
      const { peer, hub } = connected;
      const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
      const sent: [ArrayBuffer | ArrayBufferView | Blob, number[]][] = [
        [bytes.buffer, [0, 1, 2, 3, 4, 5, 6, 7]],
        [bytes.subarray(2, 5), [2, 3, 4]],
        [new DataView(bytes.buffer, 6), [6, 7]],
        [new Uint16Array(bytes.buffer, 2, 1), [2, 3]],
        [new Blob([bytes.subarray(1, 3)]), [1, 2]],
        [new ArrayBuffer(0), []],
        [new Blob([]), []],
      ];
      for (const [value, expected] of sent) {
        hub.publish(topic, value);
        assert.deepEqual(await peer.next(), { kind: "binary", data: Uint8Array.from(expected) });
      }
      const texts = [0, 1, 125, 126, 127, 16_384, 65_535, 65_536, 200_000];
      for (const data of [...texts.map((length) => "é".repeat(length >> 1)), "\ufeffmark"]) {
        hub.publish(topic, data);
        assert.deepEqual(await peer.next(), { kind: "text", data });
      }
      hub.publish(topic, 42 as unknown as string);
      assert.deepEqual(await peer.next(), { kind: "text", data: "42" });
      await part(connected);
    },
  },

  "half a surrogate pair becomes U+FFFD in what is published, too": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness, topic);
      connected.hub.publish(topic, "a\ud800b\udc00");
      assert.deepEqual(await connected.peer.next(), { kind: "text", data: "a\ufffdb\ufffd" });
      await part(connected);
    },
  },

  "bytes are captured by publish(), though a subscriber has to wait for a Blob": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [waiting, other] = await subscribers(harness, 2, topic);
      waiting!.socket.send(new Blob(["x"]));
      const sizes = [10, 70_000];
      for (const size of sizes) {
        const bytes = new Uint8Array(size).fill(1);
        waiting!.hub.publish(topic, bytes);
        bytes.fill(9);
      }
      assert.equal(brief(await waiting!.peer.next()), 1);
      for (const { peer } of [waiting!, other!]) {
        for (const size of sizes) {
          const data = new Uint8Array(size).fill(1);
          assert.deepEqual(await peer.next(), { kind: "binary", data });
        }
      }
      await part(waiting!);
      await part(other!);
    },
  },

  "a socket gets what is published in the order of publish(), whatever the topics": {
    only: ["server", "wire"],
    async try(harness) {
      const topics = [newTopic(), newTopic()];
      const all = await subscribers(harness, 3, topics[0]);
      for (const { socket } of all) socket.subscribe(topics[1]!);
      const { hub } = all[0]!;
      const expected: (string | number)[] = [];
      for (let i = 0; i < 500; i++) {
        hub.publish(topics[i % 2]!, `${i}`);
        expected.push(`${i}`);
        if (i % 50 !== 0) continue;
        hub.publish(topics[i % 2]!, new Uint8Array(20_000 + i));
        expected.push(20_000 + i);
      }
      for (const { peer } of all) {
        for (const it of expected) assert.equal(brief(await peer.next()), it);
      }
      for (const connected of all) await part(connected);
    },
  },

  "what is published has its place among what send() sends to the same socket": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness, topic);
      const { socket, peer, hub } = connected;
      const size = 20_000;
      for (let i = 0; i < 100; i += 4) {
        hub.publish(topic, `${i}`);
        socket.send(`${i + 1}`);
        hub.publish(topic, new Uint8Array(i + size));
        hub.publish(topic, `${i + 2}`);
        socket.send(new Uint8Array(i));
        socket.send(`${i + 3}`);
      }
      for (let i = 0; i < 100; i += 4) {
        for (const it of [`${i}`, `${i + 1}`, i + size, `${i + 2}`, i, `${i + 3}`]) {
          assert.equal(brief(await peer.next()), it);
        }
      }
      await part(connected);
    },
  },

  "the order holds while a Blob is read, be it sent or published": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness, topic);
      const { socket, peer, hub } = connected;
      socket.send(new Blob([new Uint8Array(300_000)]));
      hub.publish(topic, "1");
      hub.publish(topic, new Blob([new Uint8Array(200_000)]));
      socket.send("2");
      hub.publish(topic, new Blob([]));
      hub.publish(topic, Uint8Array.of(3));
      socket.send("4");
      for (const it of [300_000, "1", 200_000, "2", 0, 1, "4"]) {
        assert.equal(brief(await peer.next()), it);
      }
      hub.publish(topic, "5");
      socket.send("6");
      hub.publish(topic, "7");
      for (const it of ["5", "6", "7"]) assert.equal(brief(await peer.next()), it);
      await part(connected);
    },
  },

  "a Blob is read once for all, and holds up nobody whom it is not for": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const all = await subscribers(harness, 3, topic);
      const { hub } = all[0]!;
      const blob = new Blob(["12345"]);
      let read = 0;
      let go!: () => void;
      const held = new Promise<void>((resolve) => go = resolve);
      const arrayBuffer = blob.arrayBuffer.bind(blob);
      blob.arrayBuffer = async () => {
        read++;
        await held;
        return await arrayBuffer();
      };
      assert.equal(hub.publish(topic, blob, { except: all[0]!.socket }), 2);
      assert.equal(hub.publish(topic, "behind"), 3);
      assert.equal(brief(await all[0]!.peer.next()), "behind");
      go();
      for (const { peer } of all.slice(1)) {
        assert.deepEqual([await peer.next(), await peer.next()].map(brief), [5, "behind"]);
      }
      assert.equal(read, 1);
      for (const connected of all) await part(connected);
    },
  },

  "a Blob that cannot be read reaches nobody, and ends no socket": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const all = await subscribers(harness, 2, topic);
      const { hub } = all[0]!;
      const before = hub.stats();
      const blob = new Blob(["lost"]);
      blob.arrayBuffer = () => Promise.reject(new Error("gone"));
      hub.publish(topic, blob);
      hub.publish(topic, "behind");
      for (const { peer } of all) assert.equal(brief(await peer.next()), "behind");
      const { sent, dropped } = hub.stats();
      assert.equal(sent.messages - before.sent.messages, 2);
      assert.equal(sent.bytes - before.sent.bytes, 12);
      assert.equal(dropped - before.dropped, 2);
      for (const { log } of all) assert.deepEqual(log.types, ["open"]);
      for (const connected of all) await part(connected);
    },
  },

  "what is published before close() arrives before the Close frame, Blobs among it": {
    only: "server",
    async try(harness) {
      for (const blobs of [false, true]) {
        const topic = newTopic();
        const { socket, peer, hub, log } = await subscriber(harness, topic);
        hub.publish(topic, "1");
        if (blobs) hub.publish(topic, new Blob(["22"]));
        hub.publish(topic, "3");
        socket.close(4000, "bye");
        assert.equal(hub.publish(topic, "too late"), 0);
        for (const it of blobs ? ["1", 2, "3"] : ["1", "3"]) {
          assert.equal(brief(await peer.next()), it);
        }
        assert.deepEqual(await peer.part(), { kind: "close", code: 4000, reason: "bye" });
        assert.equal((await log.next("close")).code, 4000);
      }
    },
  },

  "nothing that is published comes behind a Close frame, be it an answer to the peer's": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const { socket, peer, hub, log } = await subscriber(harness, topic);
      socket.addEventListener("message", ({ data }) => hub.publish(topic, `${data}, and on`));
      await peer.send("1", "2", close(4001, "bye"));
      const heard: Heard[] = [];
      while (heard.at(-1)?.kind !== "end") {
        heard.push(await peer.next());
        if (heard.at(-1)!.kind === "close") await peer.wire.end();
      }
      const ends = heard.splice(heard.findIndex(({ kind }) => kind === "close"));
      assert.deepEqual(ends, [{ kind: "close", code: 4001, reason: "bye" }, { kind: "end" }]);
      const all = ["1, and on", "2, and on"];
      assert.deepEqual(heard.map(brief), all.slice(0, heard.length));
      assert.equal((await log.next("close")).code, 4001);
    },
  },

  "publish() returns before any event, and a listener may call it": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [from, to] = await subscribers(harness, 2, topic);
      let inside = false;
      for (const { socket } of [from!, to!]) {
        socket.addEventListener("message", ({ data }) => {
          assert.equal(inside, false);
          inside = true;
          assert.equal(from!.hub.publish(topic, `again: ${data}`), 2);
          inside = false;
        });
      }
      await from!.peer.send("1", "2");
      for (const { peer } of [from!, to!]) {
        assert.deepEqual([await peer.next(), await peer.next()].map(brief), [
          "again: 1",
          "again: 2",
        ]);
      }
      await part(from!);
      await part(to!);
    },
  },
};
