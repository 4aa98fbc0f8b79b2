// examples/fastify.ts: Fastify.
import { attach, through, upgrade } from "@isosocket/isosocket/node";
import { fastify } from "fastify";
import process from "node:process";

const app = fastify();
app.get("/", () => "Hello");
type Room = { Params: { room: string }; Querystring: { ticket?: string } };
app.get<Room>("/rooms/:room", ({ raw, params: { room }, query }, reply) => {
  reply.header("x-content-type-options", "nosniff");
  if (query.ticket !== "secret") return reply.code(401).send("Who are you?");
  const { socket, response } = upgrade(raw, { protocols: ["chat.v1"] });
  socket.onmessage = ({ data }) => socket.send(`${room}: ${data}`);
  return response;
});

const hub = attach(app.server, through(app.routing));
app.addHook("preClose", async () => void await hub.close());
process.once("SIGTERM", () => app.close());
console.log(await app.listen({ port: Number(process.env.PORT ?? 8080), host: "127.0.0.1" }));
