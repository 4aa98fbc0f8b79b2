// An isosocket server that echoes, on whichever runtime this is. Prints its port. "tcp" chooses that
// engine, "deflate" switches compression on.
import { serve, upgrade } from "@isosocket/isosocket";
import process from "node:process";

const options = {
  maxPayload: 16 * 1024 * 1024, // what the longest cases send
  engine: process.argv.includes("tcp") ? "tcp" : "native",
  compression: process.argv.includes("deflate") && { threshold: 0 },
} as const;

const server = await serve({ hostname: "127.0.0.1", port: 0, ...options }, (request) => {
  const { socket, response } = upgrade(request);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
console.log(new URL(server.url).port);
