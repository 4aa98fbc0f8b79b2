import { Hono } from "hono";
import { answer, kindOf, print } from "./printed.mjs";

const events = {
  onOpen: (_event, socket) => print({ kind: kindOf(socket) }),
  onMessage: ({ data }, socket) => answer(data, (text) => socket.send(text)),
  onClose: ({ code, reason }) => print({ code, reason }),
};
const app = new Hono();
const hostname = "127.0.0.1";

if ("Deno" in globalThis) {
  const { upgradeWebSocket } = await import("hono/deno");
  app.get("/", upgradeWebSocket(() => events));
  Deno.serve({ port: 0, hostname, onListen: ({ port }) => print({ port }) }, app.fetch);
} else if ("Bun" in globalThis) {
  const { upgradeWebSocket, websocket } = await import("hono/bun");
  app.get("/", upgradeWebSocket(() => events));
  print({ port: Bun.serve({ port: 0, hostname, fetch: app.fetch, websocket }).port });
} else {
  const { serve, upgradeWebSocket } = await import("@hono/node-server");
  const { WebSocketServer } = await import("ws");
  app.get("/", upgradeWebSocket(() => events));
  const websocket = { server: new WebSocketServer({ noServer: true }) };
  serve({ fetch: app.fetch, port: 0, hostname, websocket }, ({ port }) => print({ port }));
}
