/** Behaviours of handlers: of correct programs, and of programs with bugs. @module */

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Handler,
  type Message,
  type ServerSocket,
  upgrade,
  UpgradeError,
} from "../../../mod.ts";
import { upgrade as upgradeNode } from "../../../src/adapters/node/mod.ts";
import { mannerOf, marks, nodePage, page, WAITING } from "./http_pages.ts";
import { monitor } from "./attend.ts";

type Manner = (request: Request) => Response | Promise<Response>;

function init(request: Request): { headers: Record<string, string> } {
  return { headers: marks(request.headers.get("x-nonce"), request.url) };
}

function echo(socket: ServerSocket): void {
  monitor.watch(socket);
  socket.onmessage = (event) => socket.send(event.data);
}

async function loop(socket: AsyncIterable<Message> & ServerSocket): Promise<void> {
  for await (const data of socket) socket.send(data);
}

/** Behaviours of sockets. */
const sockets: Readonly<Record<string, (socket: ServerSocket) => unknown>> = {
  "": echo,
  socket: echo,
  late: echo,
  other: echo,
  bug: echo,
  caught: echo,
  returns: echo,
  // As in the README: neither is awaited.
  pipe(socket) {
    monitor.watch(socket);
    // eslint-disable-next-line @typescript-eslint/no-floating-promises -- that is tried
    void socket.readable.pipeTo(socket.writable);
  },
  loop(socket) {
    monitor.watch(socket);
    // eslint-disable-next-line @typescript-eslint/no-floating-promises -- that is tried
    void loop(socket);
  },
};

const manners: Readonly<Record<string, Manner>> = {
  throw() {
    throw new Error("a bug");
  },
  async reject() {
    await wait(WAITING);
    throw new Error("a bug");
  },
  refuse(request) {
    throw new UpgradeError("Cannot upgrade: no ticket", 401, init(request).headers);
  },
  async used(request) {
    const response = new Response("used\n", init(request));
    await response.text();
    return response;
  },
  locked(request) {
    const response = new Response("locked\n", init(request));
    response.body!.getReader();
    return response;
  },
  nothing: () => undefined as unknown as Response,
  error: () => Response.error(),
  empty: (request) => new Response(null, { status: 204, ...init(request) }),
};

/** Number of pending handlers of handshakes, and its maximum. */
const pending = { present: 0, most: 0 };

/** Answers requests with the behaviour that their path selects. */
export const handle: Handler = async (request) => {
  const manner = mannerOf(request.url);
  if (manner === "count") {
    pending.most = Math.max(pending.most, ++pending.present);
    await wait(WAITING);
    pending.present--;
    const { headers } = init(request);
    return new Response("a page\n", { headers: { ...headers, "x-most": `${pending.most}` } });
  }
  if (manner in manners) return manners[manner]!(request);
  if (!(manner in sockets)) return page(request, manner);
  if (manner === "late") await wait(WAITING);
  try {
    const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
    sockets[manner]!(socket);
    if (manner === "other") return new Response("no\n", { status: 403, ...init(request) });
    if (manner === "bug") throw new Error("a bug");
    return response;
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    if (manner === "returns") return error.response;
    if (manner !== "caught") throw error;
    const { response } = error;
    await response.text(); // to log it
    return response;
  }
};

/** Handshakes in a Node app. */
export async function app(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
  const manner = mannerOf(incoming.url ?? "");
  if (manner === "throw") throw new Error("a bug");
  if (manner === "reject") {
    await wait(WAITING);
    throw new Error("a bug");
  }
  if (manner === "destroys") return void reply.destroy();
  if (manner === "head999") return void reply.writeHead(999).end("999\n");
  if (manner === "late") await wait(WAITING);
  if (!(manner in sockets)) return nodePage(incoming, reply, "handshakes");
  const { socket, response } = upgradeNode(incoming, { binaryType: "arraybuffer" });
  sockets[manner]!(socket);
  reply.setHeaders(response.headers).end();
}
