/** An echo server on Bun's own API. @module */

import { serving } from "./serving.ts";

interface BunSocket {
  send(data: string | Uint8Array): number;
}

declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(
      request: Request,
      server: { upgrade(request: Request): boolean },
    ): Response | undefined;
    websocket: { message(socket: BunSocket, data: string | Uint8Array): void };
  }): { port: number };
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("Bad Request", { status: 400 });
  },
  websocket: {
    message(socket, data) {
      socket.send(data);
    },
  },
});
serving(server.port);
