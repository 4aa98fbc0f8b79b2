/** Publishes with Deno's own API: without topics, so to each socket of a set. @module */

import { serving } from "../serving.ts";
import { TEXT } from "./text.ts";

declare const Deno: {
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { socket: WebSocket; response: Response };
  serve(
    options: {
      port: number;
      hostname: string;
      onListen(address: { port: number }): void;
    },
    handler: (request: Request) => Response,
  ): unknown;
};

const subscribers = new Set<WebSocket>();

Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => serving(port) },
  (request) => {
    // Subscribers answer no Pings: they only count.
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.onopen = () => subscribers.add(socket);
    socket.onclose = () => subscribers.delete(socket);
    socket.onmessage = (event) => {
      for (let i = Number(event.data); i > 0; i--) {
        for (const subscriber of subscribers) {
          if (subscriber.readyState === WebSocket.OPEN) subscriber.send(TEXT);
        }
      }
    };
    return response;
  },
);
