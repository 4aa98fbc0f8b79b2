/**
 * For tests: sockets without a network, on a line that can be slow, break, or fall silent, and time
 * that stands still until it is told to go on.
 *
 * @module
 */

export { FakeClock } from "./clock.ts";
export type { Clock } from "../clock.ts";
export type { Direction, EachWay, LineOptions } from "./faults.ts";
export type { Interference } from "./line.ts";
export { type Pair, pair, type PairOptions } from "./pair.ts";
export { Socket, type SocketEventMap, type SocketListener } from "../socket.ts";
