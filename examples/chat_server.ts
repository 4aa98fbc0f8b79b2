// A chat room: deno run -A examples/chat_server.ts, bun examples/chat_server.ts, or
// node examples/chat_server.ts. Then isosocket serve's page can talk to it, with protocol chat.v1.
// It has no page of its own, so it says whose may come.

import { serve, upgrade } from "@isosocket/isosocket";
import process from "node:process";

const port = Number(process.env.PORT ?? 8081);

const origins = ["http://127.0.0.1:8080", "http://localhost:8080"];

const server = await serve({ port, hostname: "127.0.0.1", origins }, (request) => {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== "/room") return new Response("The room is at /room?name=you\n");

  const name = searchParams.get("name");
  if (!name) return new Response("Who are you? Say ?name=\n", { status: 400 });

  const { socket, response } = upgrade(request, { protocols: ["chat.v1"] });
  const publish = (text: string): void => void server.publish("room", text);
  socket.subscribe("room");
  socket.onopen = () => publish(`${name} came in`);
  socket.onmessage = (event) => publish(`${name}: ${event.data}`);
  socket.onclose = () => publish(`${name} left`);
  return response;
});
console.log(`ws://127.0.0.1:${server.port}/room?name=you`);

process.on("SIGTERM", async () => {
  const { closed, terminated } = await server.close({ code: 1001, reason: "closing time" });
  console.log(`${closed} closed, ${terminated} terminated`);
  process.exit();
});
