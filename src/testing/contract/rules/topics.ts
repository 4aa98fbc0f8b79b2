/** Rules about topics: which sockets a publication reaches. @module */

import assert from "node:assert/strict";
import type { ServerSocket } from "../../../server/server_socket.ts";
import { Socket } from "../../../core/socket.ts";
import type { Rule } from "../rule.ts";
import { part } from "../opened.ts";
import { newTopic, subscriber, subscribers } from "../subscriber.ts";

/** Message that marks the end of what was sent before. */
const END = { kind: "text", data: "end" } as const;

/** Rules about which sockets a publication reaches. */
export const topics: Readonly<{ [promise: string]: Rule }> = {
  "a message reaches each OPEN socket that has subscribed to its topic, once": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const all = await subscribers(harness, 3, topic);
      const others = [await subscriber(harness), await subscriber(harness, newTopic())];
      assert.equal(all[0]!.hub.publish(topic, "news"), 3);
      for (const { socket } of [...all, ...others]) socket.send("end");
      for (const { peer } of all) {
        assert.deepEqual(await peer.next(), { kind: "text", data: "news" });
        assert.deepEqual(await peer.next(), END);
      }
      for (const { peer } of others) assert.deepEqual(await peer.next(), END);
      for (const connected of [...all, ...others]) await part(connected);
    },
  },

  "subscribing twice is the same as once": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness, topic);
      const { socket, peer, hub } = connected;
      socket.subscribe(topic);
      assert.deepEqual([...socket.topics], [topic]);
      assert.equal(hub.subscribers(topic), 1);
      assert.equal(hub.publish(topic, "once"), 1);
      socket.send("end");
      assert.deepEqual(await peer.next(), { kind: "text", data: "once" });
      assert.deepEqual(await peer.next(), END);
      socket.unsubscribe(topic);
      assert.equal(hub.subscribers(topic), 0);
      await part(connected);
    },
  },

  "unsubscribe() ends a subscription; what was published before still arrives": {
    only: "server",
    async try(harness) {
      const [topic, other] = [newTopic(), newTopic()];
      const connected = await subscriber(harness, topic);
      const { socket, peer, hub } = connected;
      socket.subscribe(other);
      for (const name of [topic, other]) {
        hub.publish(name, "before");
        socket.unsubscribe(name);
        assert.equal(hub.publish(name, "after"), 0);
        assert.deepEqual(await peer.next(), { kind: "text", data: "before" });
      }
      socket.unsubscribe(topic); // no longer subscribed: no effect
      assert.equal(socket.topics.size, 0);
      socket.subscribe(topic);
      hub.publish(topic, "again");
      assert.deepEqual(await peer.next(), { kind: "text", data: "again" });
      await part(connected);
    },
  },

  "subscribe() takes effect when the socket opens, if it is CONNECTING; subscribers() counts it at once":
    {
      only: ["server", "wire"],
      async try(harness) {
        const topic = newTopic();
        const first = await subscriber(harness);
        const tried: unknown[] = [];
        const opening = await harness.connect({
          attach(it) {
            const socket = it as ServerSocket;
            socket.subscribe(topic);
            tried.push(socket.readyState, socket.topics.size, first.hub.subscribers(topic));
            tried.push(first.hub.publish(topic, "too early"));
            socket.addEventListener("open", () => tried.push(first.hub.publish(topic, "in time")));
          },
        });
        assert.deepEqual(await opening.peer.next(), { kind: "text", data: "in time" });
        assert.deepEqual(tried, [Socket.CONNECTING, 1, 1, 0, 1]);
        await part(first);
        await part(opening);
      },
    },

  "a socket that is CLOSING has no topics any more, and gets nothing": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const { socket, peer, hub, log } = await subscriber(harness, topic);
      socket.close(4000);
      assert.deepEqual([socket.topics.size, hub.subscribers(topic)], [0, 0]);
      socket.subscribe(topic);
      assert.deepEqual([socket.topics.size, hub.subscribers(topic)], [0, 0]);
      assert.equal(hub.publish(topic, "too late"), 0);
      assert.deepEqual(await peer.part(), { kind: "close", code: 4000, reason: "" });
      await log.next("close");
      socket.subscribe(topic);
      assert.deepEqual([socket.topics.size, hub.subscribers(topic)], [0, 0]);
    },
  },

  "a socket that is dropped or lost has no topics any more, and the others stay": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [lost, dropped, left] = await subscribers(harness, 3, topic);
      const { hub } = left!;
      await lost!.peer.wire.reset();
      await lost!.log.next("close");
      assert.equal(hub.subscribers(topic), 2);
      dropped!.socket.terminate();
      assert.equal(hub.subscribers(topic), 1);
      assert.equal(hub.publish(topic, "who is there?"), 1);
      assert.deepEqual(await left!.peer.next(), { kind: "text", data: "who is there?" });
      await dropped!.log.next("close");
      assert.deepEqual([lost!.socket.topics.size, dropped!.socket.topics.size], [0, 0]);
      await dropped!.peer.wire.end();
      await part(left!);
    },
  },

  "except leaves one socket out, whether it has subscribed or not": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const [from, to] = await subscribers(harness, 2, topic);
      const other = await subscriber(harness);
      const { hub } = from!;
      assert.equal(hub.publish(topic, "from one", { except: from!.socket }), 1);
      assert.equal(hub.publish(topic, "from nobody", { except: other.socket }), 2);
      assert.equal(hub.publish(topic, new Blob(["from one"]), { except: from!.socket }), 1);
      for (const { socket } of [from!, to!]) socket.send("end");
      assert.deepEqual(await to!.peer.next(), { kind: "text", data: "from one" });
      for (const { peer } of [from!, to!]) {
        assert.deepEqual(await peer.next(), { kind: "text", data: "from nobody" });
      }
      assert.equal((await to!.peer.next()).kind, "binary");
      for (const { peer } of [from!, to!]) assert.deepEqual(await peer.next(), END);
      for (const connected of [from!, to!, other]) await part(connected);
    },
  },

  "publish() returns to how many sockets it was sent, whether it arrives or not; 0 if to none": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness);
      const { socket, hub } = connected;
      assert.deepEqual([hub.publish(topic, "x"), hub.subscribers(topic)], [0, 0]);
      socket.subscribe(topic);
      for (const data of ["x", "", new Uint8Array(0), new Uint8Array(70_000), new Blob(["x"])]) {
        assert.equal(hub.publish(topic, data), 1);
        assert.ok((await connected.peer.next()).kind !== "end");
      }
      assert.equal(hub.publish(topic, "x", { except: socket }), 0);
      await connected.peer.wire.reset();
      assert.equal(hub.publish(topic, "nobody has noticed yet"), 1);
      await connected.log.next("close");
      assert.deepEqual([hub.publish(topic, "x"), hub.subscribers(topic)], [0, 0]);
    },
  },

  "servers in one process share no topics, though they have the same names": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const one = await subscriber(harness, topic, { server: { maxPayload: 1001 } });
      const two = await subscriber(harness, topic, { server: { maxPayload: 1002 } });
      assert.ok(one.hub !== two.hub);
      assert.deepEqual([one.hub.subscribers(topic), two.hub.subscribers(topic)], [1, 1]);
      assert.equal(one.hub.publish(topic, "from one"), 1);
      assert.equal(two.hub.publish(topic, "from two", { except: one.socket }), 1);
      for (const { socket } of [one, two]) socket.send("end");
      for (const [{ peer }, data] of [[one, "from one"], [two, "from two"]] as const) {
        assert.deepEqual(await peer.next(), { kind: "text", data });
        assert.deepEqual(await peer.next(), END);
      }
      await part(one);
      await part(two);
    },
  },

  "names of topics are taken as they are: there are no wildcards": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const names = [`${topic}/a`, `${topic}/A`, `${topic}/*`, `${topic}/+`, `${topic}/#`, " "]
        .concat([`${topic}/\0`, `${topic}/\ud800`, `${topic}/\udc00`, `${topic}/\ufffd`]);
      const connected = await subscriber(harness);
      for (const name of names) connected.socket.subscribe(name);
      for (const name of names) {
        assert.equal(connected.hub.publish(name, `to ${names.indexOf(name)}`), 1);
      }
      connected.socket.send("end");
      for (const name of names) {
        assert.deepEqual(await connected.peer.next(), {
          kind: "text",
          data: `to ${names.indexOf(name)}`,
        });
      }
      assert.deepEqual(await connected.peer.next(), END);
      assert.deepEqual([...connected.socket.topics], names);
      await part(connected);
    },
  },

  "a name that is no string, or empty, is TypeError, and so is a message that cannot be sent": {
    only: "server",
    async try(harness) {
      const topic = newTopic();
      const connected = await subscriber(harness, topic);
      const { socket, hub } = connected;
      const wrong = ["", 1, null, undefined, {}, Symbol("x")] as string[];
      for (const name of wrong) {
        assert.throws(() => socket.subscribe(name), TypeError);
        assert.throws(() => socket.unsubscribe(name), TypeError);
        assert.throws(() => hub.subscribers(name), TypeError);
        assert.throws(() => hub.publish(name, "x"), TypeError);
      }
      const shared = "SharedArrayBuffer" in globalThis ? [new SharedArrayBuffer(2)] : [];
      for (const data of [...shared, Symbol("x")] as unknown[]) {
        assert.throws(() => hub.publish(topic, data as string), TypeError);
      }
      assert.throws(() => (hub.publish as (topic: string) => number)(topic), TypeError);
      for (const except of [{}, "x", new EventTarget()] as ServerSocket[]) {
        assert.throws(() => hub.publish(topic, "x", { except }), TypeError);
      }
      assert.deepEqual([...socket.topics], [topic]);
      socket.send("end");
      assert.deepEqual(await connected.peer.next(), END);
      await part(connected);
    },
  },

  "stats() counts a message once for each socket that it was sent to": {
    only: ["server", "wire"],
    async try(harness) {
      const topic = newTopic();
      const all = await subscribers(harness, 3, topic);
      const { hub } = all[0]!;
      const before = hub.stats();
      hub.publish(topic, "twelve bytes");
      hub.publish(topic, new Uint8Array(100), { except: all[0]!.socket });
      const { sent, dropped } = hub.stats();
      assert.equal(sent.messages - before.sent.messages, 5);
      assert.equal(sent.bytes - before.sent.bytes, 3 * 12 + 2 * 100);
      assert.equal(dropped, before.dropped);
      for (const { peer } of all) assert.equal((await peer.next()).kind, "text");
      for (const { peer } of all.slice(1)) assert.equal((await peer.next()).kind, "binary");
      for (const connected of all) await part(connected);
    },
  },
};
