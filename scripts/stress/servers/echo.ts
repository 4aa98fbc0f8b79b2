/** Server that echoes. @module */

import { serve, upgrade } from "../../../mod.ts";
import { attend, monitor, onError, options } from "./attend.ts";

const server = await serve({ ...options, onError }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  monitor.watch(socket);
  socket.onmessage = (event) => socket.send(event.data);
  return response;
});
attend(server);
