// examples/bun_serve.ts: a plain Bun.serve.
import { upgrade, websocket, wrap } from "@isosocket/isosocket/bun";
import process from "node:process";

const app = wrap((request) => {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/") return new Response("Hello");
  if (searchParams.get("ticket") !== "secret") return new Response("Who are you?", { status: 401 });
  const headers = { "x-content-type-options": "nosniff" };
  const { socket, response } = upgrade(request, { protocols: ["chat.v1"], headers });
  socket.onmessage = ({ data }) => socket.send(`${pathname.split("/")[2]}: ${data}`);
  return response;
});

const port = Number(process.env.PORT ?? 8080);
const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: app, websocket });
process.once("SIGTERM", () => app.close().then(() => server.stop()));
console.log(server.url.href);
