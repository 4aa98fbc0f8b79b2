// examples/hono_node_server.ts: Hono on @hono/node-server.
import { serve } from "@hono/node-server";
import { attach, upgrade } from "@isosocket/isosocket/node";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import process from "node:process";

const app = new Hono().use(secureHeaders());
app.get("/", (c) => c.text("Hello"));
app.get("/rooms/:room", (c) => {
  if (c.req.query("ticket") !== "secret") return c.text("Who are you?", 401);
  const { socket, response } = upgrade(c.req.raw, { protocols: ["chat.v1"] });
  socket.onmessage = ({ data }) => socket.send(`${c.req.param("room")}: ${data}`);
  return response;
});

const where = { port: Number(process.env.PORT ?? 8080), hostname: "127.0.0.1" };
const http = serve({ ...where, fetch: app.fetch }, (address) => console.log(address));
const hub = attach(http, (request) => app.fetch(request));
process.once("SIGTERM", () => hub.close().then(() => http.close()));
