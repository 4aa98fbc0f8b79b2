/**
 * An echo server on the `ws` package, the usual one on Node. Text is converted to a string, as every
 * other API delivers it. "deflate" lets it compress.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { WebSocketServer } from "ws";
import { serving } from "./serving.ts";

interface WsSocket {
  send(data: string | Buffer): void;
  on(event: "message", listener: (data: Buffer, binary: boolean) => void): void;
}

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: process.argv.includes("deflate") &&
    { threshold: 0, serverNoContextTakeover: true },
});
server.on("connection", (socket: WsSocket) => {
  socket.on(
    "message",
    (data, binary) => socket.send(binary ? data : data.toString()),
  );
});
server.on("listening", () => serving((server.address() as AddressInfo).port));
