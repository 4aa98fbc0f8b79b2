/** Rules about topics that keep a history, and about clients that come back. @module */

import assert from "node:assert/strict";
import {
  type BrokerRule,
  closeAll,
  newPrefix,
  type RecoveringSubscriber,
  until,
} from "./broker_rule.ts";
import { back, follower, HOUR, keepers, load, publishAll, texts } from "./history_servers.ts";

/** Rules about topics that keep a history. */
export const histories: Readonly<{ [promise: string]: BrokerRule }> = {
  "messages of a topic with a history have one order for the sockets of all servers": {
    keepsHistory: true,
    async try(engine) {
      const servers = await keepers(engine, 2);
      const clients = await Promise.all(servers.map((server) => follower(server)));
      const plain = await servers[0].subscriber("room:1");
      await Promise.all(servers.map((server, at) => publishAll(server, texts(200, at * 1000))));
      const all = [...clients, plain].map(({ messages }) => messages);
      await until(() => all.every(({ length }) => length === 400), "all");
      assert.deepEqual(all[1], all[0]);
      assert.deepEqual(all[2], all[0], "without the subprotocol, too");
      for (const [at] of servers.entries()) {
        const own = all[0]!.filter((text) =>
          Number(text) >= at * 1000 && Number(text) < at * 1000 + 1000
        );
        assert.deepEqual(own, texts(200, at * 1000), "that of publish(), for each server");
      }
      await closeAll(servers);
    },
  },

  "publish() to a history resolves with the position, and rejects for other topics": {
    keepsHistory: true,
    async try(engine) {
      const [server] = await keepers(engine, 1);
      const places = await Promise.all(
        texts(10).map((text) => server.topics.publish("room:1", text)),
      );
      const offsets = places.map(({ offset }) => offset);
      assert.deepEqual(offsets, [...new Set(offsets)].toSorted((a, b) => a - b));
      assert.equal(new Set(places.map(({ epoch }) => epoch)).size, 1);
      await assert.rejects(server.topics.publish("news", "x"), /it keeps no history/);
      assert.throws(() => server.hub.publish("room:1", "x"), /it has a history/);
      await closeAll([server]);
    },
  },

  "text, bytes, Blobs and empty messages are kept as they were published": {
    keepsHistory: true,
    async try(engine) {
      const [server] = await keepers(engine, 1);
      const first = await follower(server);
      const since = first.positions();
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const data = [
        "",
        "\0",
        "\x01m1",
        "\ufeff\u{1f995}\n",
        bytes,
        new Blob([bytes]),
        new Uint8Array(),
      ];
      for (const it of data) await server.topics.publish("room:1", it);
      await until(() => first.messages.length === data.length, "all, live");
      const second = await back(server, since);
      await until(() => second.messages.length === data.length, "all, kept");
      const plain = ({ messages }: RecoveringSubscriber): unknown[] =>
        messages.map((it) =>
          typeof it === "string" ? it : Array.from(new Uint8Array(it as ArrayBuffer))
        );
      const all = Array.from(bytes);
      assert.deepEqual(plain(first), ["", "\0", "\x01m1", "\ufeff\u{1f995}\n", all, all, []]);
      assert.deepEqual(plain(second), plain(first));
      await closeAll([server]);
    },
  },

  "a client that comes back to any server gets what it has missed, once and in order": {
    keepsHistory: true,
    async try(engine) {
      const servers = await keepers(engine, 2);
      const first = await follower(servers[0]);
      assert.equal(first.states[0]!.recovered, undefined);
      await publishAll(servers[1]!, texts(10));
      await until(() => first.messages.length === 10, "all, live");
      const since = first.positions();
      first.leave();
      await publishAll(servers[1]!, texts(100, 10));
      for (const [at, server] of servers.entries()) {
        const second = await back(server, since);
        assert.deepEqual(second.states, [{ topic: "room:1", recovered: true }]);
        await publishAll(servers[0], [`then ${at}`]);
        await until(() => second.messages.includes(`then ${at}`), "what follows");
        assert.deepEqual(second.messages.slice(0, 100), texts(100, 10));
        const again = await back(server, second.positions());
        assert.deepEqual(again.states, [{ topic: "room:1", recovered: true }]);
        assert.deepEqual(again.messages, []);
        second.leave();
        again.leave();
      }
      await closeAll(servers);
    },
  },

  "a client that comes back while others publish misses nothing, and gets nothing twice": {
    keepsHistory: true,
    async try(engine) {
      const servers = await keepers(engine, 2);
      const first = await follower(servers[0]);
      const end = load(servers[0]);
      let since = first.positions();
      let sum: unknown[] = [];
      for (let round = 0; round < 12; round++) {
        const client = await back(servers[round % 2]!, since);
        assert.equal(client.states[0]!.recovered, true);
        const wanted = sum.length + 1 + round * 3;
        await until(() => sum.length + client.messages.length >= wanted, "some messages");
        since = client.positions();
        sum = [...sum, ...client.messages];
        client.leave();
      }
      const { acknowledged } = await end();
      assert.deepEqual(sum, acknowledged.slice(0, sum.length));
      await closeAll(servers);
    },
  },

  "recovered is false where messages are gone, or too many were missed": {
    keepsHistory: true,
    async try(engine) {
      const few = await keepers(engine, 1, { size: 5, ttl: HOUR });
      const many = await keepers(engine, 1);
      const tries = [
        [few[0], 250, ""],
        [many[0], 301, ""],
        [many[0], 20, "x".repeat(70_000)],
      ] as const;
      for (const [server, count, text] of tries) {
        const first = await follower(server);
        const since = first.positions();
        await publishAll(server, texts(count).map((it) => it + text));
        const second = await back(server, since);
        assert.deepEqual(second.states, [{ topic: "room:1", recovered: false }]);
        await publishAll(server, ["next"]);
        await until(() => second.messages.length === 1, "what follows");
        assert.deepEqual(second.messages, ["next"]);
      }
      await closeAll([...few, ...many]);
    },
  },

  "positions that a client makes up recover nothing": {
    keepsHistory: true,
    async try(engine) {
      const [server] = await keepers(engine, 1);
      const first = await follower(server);
      await publishAll(server, texts(3));
      await until(() => first.messages.length === 3, "all");
      const { epoch, offset } = first.positions()["room:1"]!;
      const madeUp = [
        { epoch: "another", offset },
        { epoch, offset: offset + 1 },
        { epoch, offset: Number.MAX_SAFE_INTEGER },
        { epoch: "", offset: 0 },
      ];
      for (const position of madeUp) {
        const client = await back(server, { "room:1": position });
        assert.deepEqual(client.states, [{ topic: "room:1", recovered: false }]);
        assert.deepEqual(client.positions(), first.positions());
      }
      await closeAll([server]);
    },
  },

  "a broker appends no message of a server again": {
    keepsHistory: true,
    async try(engine) {
      const heard: number[] = [];
      const prefix = newPrefix();
      const connection = engine.broker(prefix).connect({
        message: (_channel, _message, place) => void heard.push(place!.offset - place!.previous),
        closed() {},
      });
      const channel = "history:x";
      await connection.subscribe(channel);
      const message = connection.binary ? new TextEncoder().encode("m") : "m";
      const append = (node: string, number: number): Promise<unknown> =>
        connection.append!(channel, message, { size: 10, ttl: HOUR, node, number });
      await append("rules-server", 1);
      await append("rules-server", 5);
      for (const number of [5, 4]) {
        await assert.rejects(append("rules-server", number), /came already/);
      }
      await append("other-server", 4);
      const limits = { messages: 10, bytes: 1000 };
      const { messages, top, floor } = await connection.read!(channel, { after: 0, ...limits });
      const offsets = messages.map(({ offset }) => offset);
      assert.equal(offsets.length, 3);
      assert.deepEqual([top, floor < offsets[0]!], [offsets[2], true]);
      const later = await connection.read!(channel, { after: offsets[1]!, ...limits });
      assert.deepEqual(later.messages.map(({ offset }) => offset), [top]);
      const none = await connection.read!(channel, { after: Number.MAX_SAFE_INTEGER, ...limits });
      assert.deepEqual([none.top, none.floor, none.messages.length], [top, top, 0]);
      await until(() => heard.length === 3, "three messages");
      await connection.close();
    },
  },
};
