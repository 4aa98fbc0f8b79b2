/** Server that refuses, in each way that a handler can; it also echoes. @module */

import { serve, upgrade, UpgradeError } from "../../../mod.ts";
import { attend, monitor, onError, options } from "./attend.ts";

const server = await serve({ ...options, onError }, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/response") return new Response("no", { status: 403 });
  if (pathname === "/late") {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response("no", { status: 403 });
  }
  if (pathname === "/error") throw new UpgradeError("Cannot upgrade: no ticket", 401);
  if (pathname === "/bug") throw new Error("a bug");
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  monitor.watch(socket, `${pathname}: `);
  socket.onmessage = (event) => socket.send(event.data);
  if (pathname === "/other") return new Response("no", { status: 403 });
  return response;
});
attend(server);
