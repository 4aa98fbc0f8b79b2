// A server that echoes, on faye-websocket (Node).
import { createServer } from "node:http";
import process from "node:process";
import WebSocket from "faye-websocket";

const server = createServer();
server.on("upgrade", (request, tcp, head) => {
  if (!WebSocket.isWebSocket(request)) return tcp.destroy();
  const socket = new WebSocket(request, tcp, head, [], { maxLength: 64 * 1024 * 1024 });
  socket.on("message", ({ data }) => socket.send(data));
  socket.on("error", () => {});
});
server.listen(Number(process.argv[2]), "127.0.0.1");
