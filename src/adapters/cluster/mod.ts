/**
 * A broker for the processes of `node:cluster`, on Node, Deno and Bun: what the server of one process
 * publishes reaches the sockets of all, without any other engine.
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
export { cluster, type ClusterOptions } from "./cluster.ts";
export { relay } from "./relay.ts";
