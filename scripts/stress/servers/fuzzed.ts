/** Server whose path selects its behaviour; "/" echoes. @module */

import { setTimeout as wait } from "node:timers/promises";
import { serve, type ServerSocket, upgrade } from "../../../mod.ts";
import { attend, monitor, onError, options } from "./attend.ts";

/** Milliseconds between two checks of all sockets. */
const LOOK = 20;

function echo(socket: ServerSocket): void {
  socket.onmessage = (event) => socket.send(event.data);
}

const manners: Readonly<Record<string, (socket: ServerSocket) => unknown>> = {
  "": echo,
  echo,
  blob(socket) {
    socket.binaryType = "blob";
    echo(socket);
  },
  close(socket) {
    socket.onmessage = () => socket.close(4001, "enough");
  },
  "close-in-open"(socket) {
    socket.onopen = () => socket.close(4002);
  },
  terminate(socket) {
    socket.onmessage = () => socket.terminate();
  },
  throw(socket) {
    socket.onmessage = () => {
      throw new Error("a bug");
    };
  },
  reject(socket) {
    socket.onmessage = () => Promise.reject(new Error("a bug"));
  },
  "slow-open"(socket) {
    socket.onopen = () => wait(5);
    echo(socket);
  },
  async loop(socket) {
    try {
      for await (const data of socket) socket.send(data);
    } catch {
      // the connection was lost
    }
  },
  pause(socket) {
    echo(socket);
    socket.onopen = () => {
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    };
  },
  chatty(socket) {
    socket.onopen = () => {
      for (let i = 0; i < 50; i++) socket.send("x".repeat(1000));
    };
  },
  late: echo,
};

const server = await serve({ ...options, onError }, async (request) => {
  const { pathname, search } = new URL(request.url);
  const manner = pathname.slice(1);
  if (manner === "refuse") return new Response("no", { status: 403 });
  if (manner === "late") await wait(5);
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  monitor.watch(socket, `${pathname}${search}: `);
  manners[manner]?.(socket);
  return response;
});
setInterval(() => monitor.check(), LOOK);
attend(server);
