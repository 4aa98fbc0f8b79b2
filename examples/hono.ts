// examples/hono.ts: Hono.
import { serve, upgrade } from "@isosocket/isosocket";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import process from "node:process";

const app = new Hono();
app.use(secureHeaders());
app.get("/", (c) => c.text("Hello"));
app.get("/rooms/:room", (c) => {
  if (c.req.query("ticket") !== "secret") return c.text("Who are you?", 401);
  const { socket, response } = upgrade(c.req.raw, { protocols: ["chat.v1"] });
  socket.onmessage = ({ data }) => socket.send(`${c.req.param("room")}: ${data}`);
  return response;
});

const where = { port: Number(process.env.PORT ?? 8080), hostname: "127.0.0.1" };
const server = await serve(where, app.fetch);
process.once("SIGTERM", () => server.close());
console.log(server.url);
