/**
 * A broker on Redis 6 or later, or on Valkey: what one server publishes reaches the sockets of all.
 *
 * @module
 */

export type {
  Broker,
  BrokerConnection,
  BrokerEvents,
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../../pubsub/broker/broker.ts";
export type { BunRedisClient } from "./bun_redis.ts";
export type { IoredisClient } from "./ioredis.ts";
export type { NodeRedisClient } from "./node_redis.ts";
export type { RedisOptions } from "./options.ts";
export { redis, type RedisClient } from "./redis.ts";
