/** Servers of a page that runs tests of tests/interop: see ./page_peer.ts. @module */

import {
  serve,
  type Server,
  type ServerSocket,
  upgrade,
  type UpgradeOptions,
} from "@isosocket/isosocket";
import type { PageFiles } from "./bundled.ts";
import { fromJSON, toJSON, type Told } from "./page_peer.ts";

/** Starts a server that a page controls through one of its connections. */
async function begin(control: ServerSocket): Promise<void> {
  const sockets = new Map<number, ServerSocket>();
  const requests = new Map<number, (options: UpgradeOptions) => void>();
  const tell = (...told: Told): void => control.send(JSON.stringify(told));
  let last = 0;
  const options = { port: 0, hostname: "127.0.0.1", origins: "*" } as const;
  const server = await serve(options, (request) => {
    const id = ++last;
    tell(id, "request", request.url);
    return new Promise((resolve) => {
      requests.set(id, (given) => {
        const { socket, response } = upgrade(request, { ...given, binaryType: "arraybuffer" });
        sockets.set(id, socket);
        socket.onopen = () => tell(id, "open", socket.protocol);
        socket.onmessage = ({ data }) => tell(id, "message", toJSON(data));
        socket.onclose = ({ code, reason }) => tell(id, "close", code, reason);
        resolve(response);
      });
    });
  });
  control.onmessage = ({ data }) => {
    const [id, what, first, second] = JSON.parse(data) as Told;
    const socket = sockets.get(id)!;
    if (what === "upgrade") requests.get(id)!(first as UpgradeOptions);
    if (what === "send") socket.send(fromJSON(first) as string);
    if (what === "close") socket.close(first as number, second as string);
    if (what === "terminate") socket.terminate();
    if (what === "subscribe") socket.subscribe(first as string);
    if (what === "publish") {
      server.publish(first as string, fromJSON(second) as string, { except: socket });
    }
  };
  control.onclose = () => void server.close({ deadline: 0 });
  tell(0, "url", server.url);
}

/** Starts the server of pages, each of which may have servers of its own. */
export function pagePeerServer(files: PageFiles): Promise<Server> {
  return serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    if (request.headers.has("upgrade")) {
      const { socket, response } = upgrade(request);
      socket.onopen = () => begin(socket);
      return response;
    }
    const [type, text] = files[new URL(request.url).pathname] ?? ["text/plain", ""];
    return new Response(text, { headers: { "content-type": type } });
  });
}
