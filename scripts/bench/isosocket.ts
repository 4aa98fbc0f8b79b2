/** An echo server on isosocket: the same file on every runtime. "tcp" chooses that engine. @module */

import process from "node:process";
import { serve, upgrade } from "../../mod.ts";
import { serving } from "./serving.ts";

const engine = process.argv.includes("tcp") ? "tcp" : "native";
const server = await serve({ port: 0, hostname: "127.0.0.1", engine }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  socket.onmessage = (event) => socket.send(event.data);
  return response;
});
serving(server.port);
