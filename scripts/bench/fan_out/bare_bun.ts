/** Publishes with Bun's own topics. @module */

import { serving } from "../serving.ts";
import { TEXT } from "./text.ts";

interface BunSocket {
  subscribe(topic: string): void;
}

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
  publish(topic: string, data: string): number;
}

declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: {
      idleTimeout: number;
      open(socket: BunSocket): void;
      message(socket: BunSocket, data: string): void;
    };
  }): BunServer;
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("Bad Request", { status: 400 });
  },
  websocket: {
    idleTimeout: 0, // subscribers answer no Pings: they only count
    open(socket) {
      socket.subscribe("topic");
    },
    message(_socket, data) {
      for (let i = Number(data); i > 0; i--) server.publish("topic", TEXT);
    },
  },
});
serving(server.port);
