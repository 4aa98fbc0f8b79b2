// A bare Bun server that echoes. Prints its port. "deflate" switches compression on.
import process from "node:process";

const deflate = process.argv.includes("deflate");
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response("Not a WebSocket", { status: 400 }),
  websocket: {
    maxPayloadLength: 64 * 1024 * 1024,
    backpressureLimit: 64 * 1024 * 1024,
    perMessageDeflate: deflate,
    message: (socket, data) => void socket.send(data, deflate),
  },
});
console.log(server.port);
