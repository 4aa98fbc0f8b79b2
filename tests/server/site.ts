/** The same pages and sockets behind each way to start a server. @module */

import { type Handler, type ServerSocket, upgrade } from "@isosocket/isosocket";
import { upgrade as upgradeNode, UpgradeError } from "@isosocket/isosocket/node";
import { createRequest, sendResponse } from "@remix-run/node-fetch-server";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import assert from "node:assert/strict";
import type { EntryPoint, Open } from "./entry_points.ts";
import { askUpgrade } from "./raw_client.ts";

/** Answers a request for a page; `undefined` where an echo is. */
export type Pages = (
  request: Request,
) => Response | undefined | Promise<Response | undefined>;

/** A server with pages, and an echo where there is none. */
export interface Site extends Open {
  /** Arguments of the calls of `onError`. */
  readonly errors: unknown[];
  /** Paths that the handler was called for; not those that the user's own server answers. */
  readonly handled: string[];
}

/** ms: `handshakeTimeout` of each site. */
export const HANDSHAKE_TIMEOUT = 1_000;

function echo(socket: ServerSocket): void {
  socket.onmessage = (event) => socket.send(event.data);
  socket.onerror = () => {};
}

/** Answers with a page or an echo, as an app of `node:http` does. */
async function answer(
  pages: Pages,
  incoming: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const page = await pages(createRequest(incoming, reply));
  if (page !== undefined) return await sendResponse(reply, page);
  const { socket, response } = upgradeNode(incoming);
  echo(socket);
  reply.setHeaders(response.headers).end();
}

/** Starts a site. */
export async function startSite(entryPoint: EntryPoint, pages: Pages): Promise<Site> {
  const errors: unknown[] = [];
  const handled: string[] = [];
  const handler: Handler = async (request) => {
    handled.push(new URL(request.url).pathname);
    const page = await pages(request);
    if (page !== undefined) return page;
    const { socket, response } = upgrade(request);
    echo(socket);
    return response;
  };
  const app: RequestListener = (incoming, reply) => {
    handled.push(incoming.url!);
    return answer(pages, incoming, reply);
  };
  const listener: RequestListener = (incoming, reply) => {
    answer(pages, incoming, reply).catch((error) => {
      if (reply.headersSent) return void reply.destroy();
      const { status, headers } = error instanceof UpgradeError ? error : { status: 500 };
      reply.writeHead(status, headers).end(String(error));
    });
  };
  const options = {
    handshakeTimeout: HANDSHAKE_TIMEOUT,
    onError: (error: unknown): void => void errors.push(error),
  };
  const open = await entryPoint.open(handler, options, { listener, app });
  return { ...open, errors, handled };
}

/** Checks that a server accepts new clients. */
export async function assertServes({ connect }: Pick<Open, "connect">): Promise<void> {
  const { status, peer } = await askUpgrade(connect);
  assert.equal(status, 101);
  await peer.send("alive");
  assert.deepEqual(await peer.next(), { kind: "text", data: "alive" });
  await peer.wire.end();
}

/** Checks that a server accepts new clients, and has reported no error. */
export async function assertHealthy(site: Site): Promise<void> {
  await assertServes(site);
  assert.deepEqual(site.errors, []);
}
