/** Server that echoes, and sends to the sockets of "/tick" periodically. @module */

import { serve, upgrade } from "../../../mod.ts";
import { attend, monitor, onError, options } from "./attend.ts";

/** Milliseconds between two messages. */
const TICK = 20;

const server = await serve({ ...options, onError }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  const { pathname } = new URL(request.url);
  monitor.watch(socket, `${pathname}: `);
  socket.onmessage = (event) => socket.send(event.data);
  if (pathname === "/tick") {
    let timer: ReturnType<typeof setInterval> | undefined;
    socket.onopen = () => timer = setInterval(() => socket.send("tick".repeat(256)), TICK);
    socket.onclose = () => clearInterval(timer);
  }
  return response;
});
attend(server);
