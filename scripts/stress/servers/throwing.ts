/** Server whose listeners throw; the path selects the event and the way. "/" echoes. @module */

import { setTimeout as wait } from "node:timers/promises";
import { serve, type ServerSocket, upgrade } from "../../../mod.ts";
import { attend, monitor, onError, options } from "./attend.ts";

/** Bytes of a message. Now and then, systems take several for a peer that does not read. */
const MUCH = 8 * 1024 * 1024;

let thrown = 0;

function fail(): never {
  thrown++;
  throw new Error("a bug");
}

/** Kinds of listeners, and of their failures. */
const listeners: Readonly<Record<string, (socket: ServerSocket, type: string) => void>> = {
  "attribute": (socket, type) => {
    (socket as unknown as Record<string, () => void>)[`on${type}`] = fail;
  },
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the server gets it
  "async": (socket, type) => socket.addEventListener(type, () => new Promise(fail)),
  "later": (socket, type) =>
    socket.addEventListener(type, {
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- likewise
      async handleEvent() {
        await wait(5);
        fail();
      },
    }),
};

const server = await serve({ ...options, onError }, (request) => {
  const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
  const { pathname } = new URL(request.url);
  monitor.watch(socket, `${pathname}: `);
  const [, type, how] = pathname.split("/");
  if (type === "drain") {
    socket.onmessage = () => {
      do socket.send(new Uint8Array(MUCH)); while (socket.bufferedAmount < MUCH / 4);
    };
  } else if (type === "error") socket.onmessage = fail; // causes the error
  else if (type !== "message") socket.onmessage = (event) => socket.send(event.data);
  if (how !== undefined) listeners[how]!(socket, type!);
  return response;
});
attend(server, () => ({ thrown }));
