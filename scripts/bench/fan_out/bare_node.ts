/** Publishes with the `ws` package: to each of its clients, as in its documentation. @module */

import type { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { serving } from "../serving.ts";
import { TEXT } from "./text.ts";

interface WsSocket {
  readonly readyState: number;
  send(data: string): void;
  on(event: "message", listener: (data: Buffer) => void): void;
}

const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
server.on("connection", (socket: WsSocket) => {
  socket.on("message", (data) => {
    for (let i = Number(data.toString()); i > 0; i--) {
      for (const client of server.clients as Set<WsSocket>) {
        if (client.readyState === WebSocket.OPEN) client.send(TEXT);
      }
    }
  });
});
server.on("listening", () => serving((server.address() as AddressInfo).port));
