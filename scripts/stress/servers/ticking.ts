/** A server that echoes, and sends by itself to whoever asks for "/tick". @module */

import { serve, upgrade } from "../../../mod.ts";
import { attend, onError, options, witness } from "./attend.ts";

/** ms: between its messages. */
const TICK = 20;

const server = await serve({ ...options, onError }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  const { pathname } = new URL(request.url);
  witness.watch(socket, `${pathname}: `);
  socket.onmessage = (event) => socket.send(event.data);
  if (pathname === "/tick") {
    let timer: ReturnType<typeof setInterval> | undefined;
    socket.onopen = () => timer = setInterval(() => socket.send("tick".repeat(256)), TICK);
    socket.onclose = () => clearInterval(timer);
  }
  return response;
});
attend(server);
