// examples/http_server.ts: a plain server of node:http.
import { attach, upgrade } from "@isosocket/isosocket/node";
import { createServer } from "node:http";
import process from "node:process";

const http = createServer((_request, response) => response.end("Hello"));
const hub = attach(http, (request) => {
  const { pathname, searchParams } = new URL(request.url);
  if (searchParams.get("ticket") !== "secret") return new Response("Who are you?", { status: 401 });
  const headers = { "x-content-type-options": "nosniff" };
  const { socket, response } = upgrade(request, { protocols: ["chat.v1"], headers });
  socket.onmessage = ({ data }) => socket.send(`${pathname.split("/")[2]}: ${data}`);
  return response;
});

http.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log(http.address()));
process.once("SIGTERM", () => hub.close().then(() => http.close()));
