// A server that echoes, on websocket (theturtle32's, Node).
import { createServer } from "node:http";
import process from "node:process";
import websocket from "websocket";

const httpServer = createServer();
const server = new websocket.server({
  httpServer,
  autoAcceptConnections: true,
  maxReceivedFrameSize: 64 * 1024 * 1024,
  maxReceivedMessageSize: 64 * 1024 * 1024,
});
server.on("connect", (socket) => {
  socket.on("message", ({ type, utf8Data, binaryData }) => {
    if (type === "utf8") socket.sendUTF(utf8Data);
    else socket.sendBytes(binaryData);
  });
  socket.on("error", () => {});
});
httpServer.listen(Number(process.argv[2]), "127.0.0.1");
