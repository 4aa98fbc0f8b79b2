/**
 * Sockets and servers in memory, for tests of your own code: without a network, with connections that
 * can be slow, break, or fall silent, and with a clock that the test drives.
 *
 * @module
 */

export type { AcceptOptions, ScriptedCall } from "./scripted_call.ts";
export { MemoryBroker, type MemoryBrokerOptions } from "./memory_broker.ts";
export type {
  Broker,
  BrokerConnection,
  BrokerEvents,
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../pubsub/broker/broker.ts";
export { FakeClock } from "./fake_clock.ts";
export type { Clock } from "../core/clock.ts";
export type { Direction, EachWay, FaultOptions } from "./memory/faults.ts";
export type { Interference } from "./memory/connection.ts";
export type { ScriptedPeer } from "./scripted_peer.ts";
export {
  type Script,
  type ScriptedServer,
  scriptedServer,
  type ScriptedServerOptions,
} from "./scripted_server.ts";
export { type Pair, pair, type PairOptions } from "./pair.ts";
export { Socket } from "../core/socket.ts";
export type { SocketEventMap, SocketListener } from "../core/socket_events.ts";
