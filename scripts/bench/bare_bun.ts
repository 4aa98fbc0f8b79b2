/** An echo server on Bun's own API, with the type of binary messages of all others. @module */

import { serving } from "./serving.ts";

interface BunSocket {
  binaryType: "arraybuffer" | "nodebuffer" | "uint8array";
  send(data: string | ArrayBuffer): number;
}

declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(
      request: Request,
      server: { upgrade(request: Request): boolean },
    ): Response | undefined;
    websocket: {
      open(socket: BunSocket): void;
      message(socket: BunSocket, data: string | ArrayBuffer): void;
    };
  }): { port: number };
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("Bad Request", { status: 400 });
  },
  websocket: {
    open(socket) {
      socket.binaryType = "arraybuffer";
    },
    message(socket, data) {
      socket.send(data);
    },
  },
});
serving(server.port);
