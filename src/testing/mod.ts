/**
 * For tests: sockets without a network.
 *
 * @module
 */

export { type Pair, pair, type PairOptions } from "./pair.ts";
export { Socket, type SocketEventMap, type SocketListener } from "../socket.ts";
