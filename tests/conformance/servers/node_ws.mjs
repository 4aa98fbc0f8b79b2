// A bare `ws` server that echoes. Prints its port. "deflate" switches compression on.
import process from "node:process";
import { WebSocketServer } from "ws";

const perMessageDeflate = process.argv.includes("deflate");
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate,
  maxPayload: 64 * 1024 * 1024,
});
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("error", () => {});
});
