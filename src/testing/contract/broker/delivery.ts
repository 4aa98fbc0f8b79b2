/** Rules about what reaches the other servers. @module */

import assert from "node:assert/strict";
import {
  type BrokerRule,
  closeAll,
  newPrefix,
  reached,
  received,
  until,
  upServers,
} from "./broker_rule.ts";

/** Names that mean something to some engine. */
const NAMES = [
  "a.b",
  "a.*",
  "a.>",
  "*",
  "{a}",
  "a b",
  "%41",
  "ä:€:🦕",
  'quote"\\',
  "line\nbreak",
  "x".repeat(1000),
  "\ud800",
  "\udfff",
  "\ufffd",
];

/** Rules about what reaches the other servers. */
export const delivery: Readonly<{ [promise: string]: BrokerRule }> = {
  "what a server publishes reaches the subscribers of all servers with the same broker, once": {
    async try(engine) {
      const servers = await upServers(engine, 3);
      const all = await Promise.all(servers.map((server) => server.subscriber("news")));
      const elsewhere = await servers[1]!.subscriber("other");
      await reached(servers[0]!, all[1]!, "news");
      await reached(servers[0]!, all[2]!, "news");
      servers[0]!.hub.publish("news", "a");
      servers[1]!.hub.publish("news", "b");
      await until(() => all.every((it) => received(it).length >= 2), "two messages");
      await reached(servers[0]!, all[2]!, "news"); // whatever came twice would have come by now
      await reached(servers[1]!, all[0]!, "news");
      for (const subscriber of all) assert.deepEqual(received(subscriber).toSorted(), ["a", "b"]);
      assert.deepEqual(elsewhere.messages, []);
      await closeAll(servers);
    },
  },

  "publish() returns to how many of the server's own sockets it was sent; they do not wait": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const [own, other] = servers.map(({ hub }) => hub);
      const here = await servers[0]!.subscriber("news");
      const there = await servers[1]!.subscriber("news");
      await reached(servers[0]!, there, "news");
      assert.equal(own!.publish("news", "first"), 1);
      here.socket.send("second"); // in its place behind what was published
      await until(() => received(here).length === 2, "both");
      assert.deepEqual(received(here), ["first", "second"]);
      assert.equal(other!.publish("nobody", "here"), 0);
      await closeAll(servers);
    },
  },

  "except leaves one socket out, and nobody at other servers": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const here = await servers[0]!.subscriber("news");
      const there = await servers[1]!.subscriber("news");
      await reached(servers[0]!, there, "news");
      assert.equal(servers[0]!.hub.publish("news", "not to me", { except: here.socket }), 0);
      await until(() => received(there).length === 1, "the message");
      assert.deepEqual(received(here), []);
      await closeAll(servers);
    },
  },

  "text, bytes, Blobs and empty messages arrive elsewhere as they were published": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const there = await servers[1]!.subscriber("news");
      await reached(servers[0]!, there, "news");
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const texts = ["", "\0", "\ufeff\u00e4\u{1f995}\n\r\n", "x".repeat(70_000)];
      for (const text of texts) servers[0]!.hub.publish("news", text);
      servers[0]!.hub.publish("news", "\ud800!");
      for (const data of [bytes, bytes.buffer, bytes.subarray(3, 5), new Blob([bytes])]) {
        servers[0]!.hub.publish("news", data);
      }
      servers[0]!.hub.publish("news", new Uint8Array());
      servers[0]!.hub.publish("news", new Blob([]));
      await until(() => received(there).length === 11, "all");
      const plain = received(there).map((it) =>
        typeof it === "string" ? it : Array.from(new Uint8Array(it as ArrayBuffer))
      );
      const all = Array.from(bytes);
      assert.deepEqual(plain, [...texts, "\ufffd!", all, all, [3, 4], all, [], []]);
      await closeAll(servers);
    },
  },

  "names of topics are taken as they are by every broker: there are no wildcards": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const there = await Promise.all(NAMES.map((name) => servers[1]!.subscriber(name)));
      for (const [at, name] of NAMES.entries()) await reached(servers[0]!, there[at]!, name);
      for (const name of NAMES) servers[0]!.hub.publish(name, `to ${NAMES.indexOf(name)}`);
      for (const [at, subscriber] of there.entries()) {
        await until(() => received(subscriber).length > 0, `a message to ${NAMES[at]}`);
        assert.deepEqual(received(subscriber), [`to ${at}`]);
      }
      await closeAll(servers);
    },
  },

  "servers whose brokers have different prefixes share nothing": {
    async try(engine) {
      const [one] = await upServers(engine, 1);
      const others = await upServers(engine, 2, newPrefix());
      const here = await one!.subscriber("news");
      const there = await others[1]!.subscriber("news");
      await reached(others[0]!, there, "news");
      others[0]!.hub.publish("news", "ours");
      await until(() => received(there).length === 1, "the message");
      assert.deepEqual(here.messages, []);
      assert.equal(one!.hub.stats().broker!.received, 0);
      await closeAll([one!, ...others]);
    },
  },

  "messages of one server arrive elsewhere in the order of publish(), topic by topic": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const there = await Promise.all(["a", "b"].map((topic) => servers[1]!.subscriber(topic)));
      await reached(servers[0]!, there[0]!, "a");
      await reached(servers[0]!, there[1]!, "b");
      const sent = Array.from({ length: 2000 }, (_, at) => `${at}`);
      for (const text of sent) {
        servers[0]!.hub.publish("a", text);
        servers[0]!.hub.publish("b", text);
      }
      await until(() => there.every((it) => received(it).length >= sent.length), "all");
      for (const subscriber of there) assert.deepEqual(received(subscriber), sent);
      await closeAll(servers);
    },
  },

  "the order holds while a Blob is read, and bytes are those of the call": {
    async try(engine) {
      const servers = await upServers(engine, 2);
      const there = await servers[1]!.subscriber("news");
      await reached(servers[0]!, there, "news");
      const bytes = new Uint8Array([1]);
      servers[0]!.hub.publish("news", new Blob(["first"]));
      servers[0]!.hub.publish("news", bytes);
      servers[0]!.hub.publish("news", "third");
      bytes[0] = 9;
      await until(() => received(there).length === 3, "all");
      const [first, second, third] = received(there);
      assert.equal(new TextDecoder().decode(first as ArrayBuffer), "first");
      assert.deepEqual(new Uint8Array(second as ArrayBuffer), new Uint8Array([1]));
      assert.equal(third, "third");
      await closeAll(servers);
    },
  },

  "a server hears of a topic only while one of its sockets has subscribed to it": {
    async try(engine) {
      const prefix = newPrefix();
      const [publisher] = await upServers(engine, 1, prefix);
      const heard: string[] = [];
      const broker = engine.broker(prefix);
      const other = engine.serve({
        broker: {
          connect: (events) =>
            broker.connect({
              message(channel, message) {
                heard.push(channel);
                events.message(channel, message);
              },
              closed: (error) => events.closed(error),
            }),
        },
      });
      const there = await other.subscriber("news", "other");
      await reached(publisher!, there, "news");
      there.socket.unsubscribe("news");
      await reached(publisher!, there, "other"); // behind it, the engine knows no subscription
      const before = heard.filter((channel) => channel === "topic:news").length;
      assert.ok(before > 0);
      for (let i = 0; i < 10; i++) publisher!.hub.publish("news", "to nobody");
      await reached(publisher!, there, "other");
      assert.equal(heard.filter((channel) => channel === "topic:news").length, before);
      there.socket.subscribe("news");
      await reached(publisher!, there, "news");
      assert.equal(other.hub.stats().broker!.lost, 0);
      assert.ok(!there.messages.includes("to nobody"));
      await closeAll([publisher!, other]);
    },
  },

  "a message that is too long for the broker stays here, and onError is called": {
    needs: "limit",
    async try(engine, { maxMessage }) {
      const servers = await upServers(engine, 2);
      const [here, there] = await Promise.all(servers.map((it) => it.subscriber("news")));
      await reached(servers[0]!, there!, "news");
      const { published } = servers[0]!.hub.stats().broker!;
      servers[0]!.hub.publish("news", "x".repeat(maxMessage!));
      const lost = (): number => servers[1]!.hub.stats().broker!.lost;
      await until(() => lost() === 1, "a mark that tells the others"); // without a later message
      servers[0]!.hub.publish("news", "short");
      await until(() => received(there!).length === 1, "the short one");
      await until(() => received(here!).length === 2, "both");
      const { dropped, published: now } = servers[0]!.hub.stats().broker!;
      assert.deepEqual([dropped, now - published], [1, 1]);
      assert.match(String(servers[0]!.errors), /Cannot publish \d+ bytes to other servers/);
      assert.equal(lost(), 1);
      assert.ok(servers.every(({ events }) => !events.some(({ type }) => type === "down")));
      await closeAll(servers);
    },
  },
};
