/**
 * The client's half: for browsers, and wherever no server is wanted.
 *
 * @module
 */

export { connect, type ConnectOptions } from "./connect.ts";
export { Socket, type SocketEventMap, type SocketListener } from "../socket.ts";
export { WebSocket, type WebSocketConstructor } from "./web_socket.ts";
