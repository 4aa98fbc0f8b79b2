// Channels that a broker refuses for a while.

import { history } from "@isosocket/isosocket/history";
import { MemoryBroker } from "@isosocket/isosocket/testing";
import type { Broker } from "@isosocket/isosocket/redis";
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../src/testing/contract/broker/broker_rule.ts";
import { Servers } from "./servers.ts";

/** A broker that refuses the channels of topics, and how often it was asked. */
class Refusing implements Broker {
  refuses = true;
  asked = 0;
  subscriptions = 0;
  readonly #broker: MemoryBroker;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  connect(events: Parameters<Broker["connect"]>[0]): ReturnType<Broker["connect"]> {
    const connection = this.#broker.connect(events);
    const subscribe = connection.subscribe.bind(connection);
    connection.subscribe = (channel) => {
      if (channel.startsWith("node:")) return subscribe(channel);
      this.asked++;
      if (this.refuses) return Promise.reject(new Error("not allowed"));
      this.subscriptions++;
      return subscribe(channel);
    };
    return connection;
  }
}

test("a channel that was refused is subscribed to once when it is allowed", async () => {
  const memory = new MemoryBroker();
  const broker = new Refusing(memory);
  const servers = new Servers();
  const errors: unknown[] = [];
  const one = servers.serve({ broker, onError: (error) => void errors.push(error) });
  const other = servers.serve({ broker: memory });
  await until(() => one.hub.stats().broker!.up && other.hub.stats().broker!.up, "up");
  const { messages } = await one.subscriber("room");
  await until(() => broker.asked > 1, "another attempt");
  assert.match(String(errors), /^Error: Cannot subscribe to topic "room" at the broker$/);
  broker.refuses = false;
  await until(() => broker.subscriptions > 0, "the subscription");
  const { asked } = broker;
  await new Promise((resolve) => setTimeout(resolve, 1500)); // one ping at least
  assert.equal(broker.asked, asked);
  other.hub.publish("room", "hello");
  await until(() => messages.length > 0, "the message");
  assert.equal(one.hub.stats().broker!.duplicates, 0);
  await servers.close();
});

test("clients do not recover a history whose channel is refused", async () => {
  const memory = new MemoryBroker();
  const broker = new Refusing(memory);
  const servers = new Servers();
  const topics = [1, 2].map(() => history({ "room": { size: 10, ttl: 60_000 } }));
  const one = servers.serve({ broker, history: topics[0]!, onError: () => {} });
  const other = servers.serve({ broker: memory, history: topics[1]! });
  await until(() => one.hub.stats().broker!.up && other.hub.stats().broker!.up, "up");
  const { epoch, offset } = await topics[1]!.publish("room", "before");
  const { states, messages } = await one.recovering({ room: { epoch, offset } }, "room");
  await topics[1]!.publish("room", "meanwhile"); // does not come
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(states, [], "nothing is promised");
  broker.refuses = false;
  await until(() => messages.length > 0, "the message");
  assert.deepEqual(states, [{ topic: "room", recovered: true }]);
  assert.deepEqual(messages, ["meanwhile"]);
  await servers.close();
});
