/** Deno's own upgrade of a request to a WebSocket. @module */

import { keepHeaders } from "./kept_headers.ts";
import { DenoLink } from "./link.ts";
import { signalOf } from "./internals.ts";
import { queueTask } from "../../core/task.ts";
import type { Acceptance } from "../../server/handler.ts";

/** The part of the `Deno` namespace that is used here. */
declare const Deno: {
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { socket: WebSocket; response: Response };
};

/** Number of tasks after which Deno has reported that a client left. After one, some are missed. */
const READING_TASKS = 3;

/**
 * Upgrades a request. If the client has left, Deno would keep the connection for ever, and as many of
 * them as there may be descriptors end its server: so whatever has arrived is read first.
 *
 * @param keepAlive Idle timeout of Deno's Pings in milliseconds; 0 for none.
 * @returns The response to hand to Deno; `false` if the client has left.
 */
export async function accept(
  request: Request,
  keepAlive: number,
  { events, protocol, headers }: Acceptance,
): Promise<Response | false> {
  const signal = signalOf(request);
  for (let i = 0; i < READING_TASKS && !signal.aborted; i++) {
    await new Promise<void>((resolve) => queueTask(resolve));
  }
  if (signal.aborted) return false;
  keepHeaders(request); // listeners for `open` may still read them
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: keepAlive / 1000 });
  new DenoLink(socket, events, protocol); // Deno's server socket does not know its protocol
  for (const [name, value] of headers) response.headers.append(name, value);
  // Deno's own option refuses "b" if the client offers "a,b" without a space.
  if (protocol !== "") response.headers.set("sec-websocket-protocol", protocol);
  return response;
}
