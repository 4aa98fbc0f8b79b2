// The rules of brokers, on the broker in memory: as one for bytes, and as one for text.

import { MemoryBroker, type MemoryBrokerOptions } from "@isosocket/isosocket/testing";
import type { BrokerEngine, BrokerHarness } from "../../src/testing/contract/broker/mod.ts";
import type { BrokerConnection, BrokerEvents } from "@isosocket/isosocket";
import { Servers } from "./servers.ts";
import { tryRules } from "./try_rules.ts";

const MAX_MESSAGE = 80_000;

/** Connects with channels that begin with a prefix. */
function prefixed(broker: MemoryBroker, prefix: string, events: BrokerEvents): BrokerConnection {
  const connection = broker.connect({
    message: (channel, message, place) =>
      events.message(channel.slice(prefix.length), message, place),
    closed: (error) => events.closed(error),
  });
  return {
    ...connection,
    subscribe: (channel) => connection.subscribe(prefix + channel),
    unsubscribe: (channel) => connection.unsubscribe(prefix + channel),
    publish: (channel, message) => connection.publish(prefix + channel, message),
    append: (channel, message, entry) => connection.append!(prefix + channel, message, entry),
    read: (channel, limits) => connection.read!(prefix + channel, limits),
  };
}

function start(options: MemoryBrokerOptions): Promise<BrokerEngine> {
  const servers = new Servers();
  const broker = new MemoryBroker({ ...options, maxMessage: MAX_MESSAGE });
  return Promise.resolve({
    broker: (prefix) => ({ connect: (events) => prefixed(broker, prefix, events) }),
    serve: servers.serve,
    connections: () => Promise.resolve(broker.connections),
    kill: () => Promise.resolve(broker.stop()),
    restart: () => Promise.resolve(broker.start()),
    stall: () => broker.stall(),
    resume: () => broker.resume(),
    cut: () => broker.cut(),
    forget: () => Promise.resolve(broker.forget()),
    end: () => servers.close(),
  });
}

for (
  const [name, options] of Object.entries({ memory: {}, "memory for text": { binary: false } })
) {
  const harness: BrokerHarness = {
    name,
    faults: ["restart", "stall", "cut", "forget"],
    keepsHistory: true,
    maxMessage: MAX_MESSAGE,
    start: () => start(options),
  };
  tryRules(harness, name === "memory", false);
}
