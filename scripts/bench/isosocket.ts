/** An echo server on isosocket: the same file on every runtime. @module */

import { serve, upgrade } from "../../mod.ts";
import { serving } from "./serving.ts";

const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  socket.onmessage = (event) => socket.send(event.data);
  return response;
});
serving(server.port);
