/** Chooses how to connect by the shape of a client. @module */

import type { Broker, BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
import { type BunRedisClient, connectBunRedis } from "./bun_redis.ts";
import { connectIoredis, type IoredisClient } from "./ioredis.ts";
import { connectNodeRedis, type NodeRedisClient } from "./node_redis.ts";
import { clientFor } from "./client_for.ts";
import { type CheckedRedisOptions, checkRedisOptions, type RedisOptions } from "./options.ts";

/** Client of one of the packages `redis`, `ioredis` and `iovalkey`, or Bun's own. */
export type RedisClient = NodeRedisClient | IoredisClient | BunRedisClient;

/** Makes a connection, by clients like one that was given. */
type Connect = (events: BrokerEvents) => BrokerConnection;

/**
 * Makes a broker of Redis or Valkey.
 *
 * @param client A client of the packages `redis`, `ioredis` or `iovalkey`, or Bun's own: it serves as
 * the pattern for two clients that are made by its `duplicate()`, and may be connected or not. It is
 * yours: it stays as it is when the server closes. Or the URL of a Redis, for which one of these
 * packages is imported, whichever is found first.
 * @throws {TypeError} If it is none of them, or an option is invalid.
 *
 * @example
 * ```ts ignore
 * import { serve } from "@isosocket/isosocket";
 * import { redis } from "@isosocket/isosocket/redis";
 * import { Redis } from "ioredis";
 *
 * const broker = redis(new Redis("redis://127.0.0.1"));
 * const server = await serve({ broker, onBroker: console.log }, handler);
 * server.publish("news", "to the sockets of all servers");
 * ```
 */
export function redis(client: RedisClient | string | URL, options: RedisOptions = {}): Broker {
  const checked = checkRedisOptions(options);
  if (typeof client !== "string" && !(client instanceof URL)) {
    return { connect: connectBy(client, checked) };
  }
  const { protocol } = new URL(client);
  if (!/^rediss?:|^valkeys?:/.test(protocol)) {
    throw new TypeError(`Cannot use "${protocol}" for Redis: it must be redis: or rediss:`);
  }
  let found: Promise<Connect> | undefined;
  return {
    connect: (events) => {
      found ??= clientFor(String(client)).then((it) => connectBy(it as RedisClient, checked));
      found.catch(() => found = undefined); // it may be installed before the next attempt
      return later(found, events);
    },
  };
}

function connectBy(client: RedisClient, options: CheckedRedisOptions): Connect {
  const { duplicate, pSubscribe, callBuffer, send, slots } = Object(client);
  if (typeof duplicate === "function" && slots === undefined) {
    if (typeof pSubscribe === "function") {
      return (events) => connectNodeRedis(client as NodeRedisClient, options, events);
    }
    if (typeof callBuffer === "function") {
      return (events) => connectIoredis(client as IoredisClient, options, events);
    }
    if (typeof send === "function" && "onconnect" in client) {
      return (events) => connectBunRedis(client as BunRedisClient, options, events);
    }
  }
  throw new TypeError(
    "Cannot use this client: it must be one of redis, ioredis, iovalkey or Bun, and no cluster's",
  );
}

/** Makes a connection as soon as a client is found. */
function later(found: Promise<Connect>, events: BrokerEvents): BrokerConnection {
  let isClosed = false;
  let inner: BrokerConnection | undefined;
  const ready = found.then((connect) => {
    if (isClosed) throw new Error("Cannot connect: it was closed meanwhile");
    return inner = connect(events);
  });
  ready.catch((error) => isClosed || events.closed(error));
  return {
    get binary() {
      return inner!.binary; // asked only when a subscription is confirmed
    },
    get maxMessage() {
      return inner!.maxMessage;
    },
    subscribe: async (channel) => await (await ready).subscribe(channel),
    unsubscribe: async (channel) => await (await ready).unsubscribe(channel),
    publish: (channel, message) => inner!.publish(channel, message),
    append: (channel, message, entry) => inner!.append!(channel, message, entry),
    read: (channel, limits) => inner!.read!(channel, limits),
    close: () => {
      isClosed = true;
      return inner?.close();
    },
  };
}
