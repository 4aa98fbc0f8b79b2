/**
 * An echo server on isosocket: the same file on every runtime. "tcp" chooses that engine, "deflate" lets
 * it compress.
 *
 * @module
 */

import process from "node:process";
import { serve, upgrade } from "../../mod.ts";
import { serving } from "./serving.ts";

const engine = process.argv.includes("tcp") ? "tcp" : "native";
const options = {
  port: 0,
  hostname: "127.0.0.1",
  engine,
  compression: process.argv.includes("deflate") && { threshold: 1 },
  maxPayload: 16 * 1024 * 1024, // as on Bun: the longest measured message is not near the limit
} as const;
const server = await serve(options, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  socket.onmessage = (event) => socket.send(event.data);
  return response;
});
serving(server.port);
