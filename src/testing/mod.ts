/**
 * For tests of your own code: sockets and servers without a network, on lines that can be slow, break,
 * or fall silent, and time that stands still until it is told to go on.
 *
 * @module
 */

export type { AcceptOptions, Call } from "./call.ts";
export { FakeClock } from "./clock.ts";
export type { Clock } from "../core/clock.ts";
export type { Direction, EachWay, LineOptions } from "./faults.ts";
export type { Interference } from "./line.ts";
export type { Peer } from "./peer.ts";
export {
  type Script,
  type ScriptedServer,
  scriptedServer,
  type ScriptedServerOptions,
} from "./scripted_server.ts";
export { type Pair, pair, type PairOptions } from "./pair.ts";
export { Socket, type SocketEventMap, type SocketListener } from "../core/socket.ts";
