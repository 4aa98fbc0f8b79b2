/** Clients over the platform's own `WebSocket`, which all have but Node 20. @module */

import type { DialRequest } from "../../core/dial.ts";
import type { LinkEvents, StartConnection } from "../../core/link.ts";
import { WebLink } from "./link.ts";

/** The platform's class, or one that behaves like it. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocket;

/** A class that takes options, as those of Deno, Bun and Node do. */
type WithOptions = new (url: string, protocolsOrOptions: string[] | object) => WebSocket;

/** ms: interval of the checks for sockets that are CLOSING. */
const CHECK_INTERVAL = 1000;
const CLOSING = 2;
const ONCE = { once: true };

/**
 * Sockets that have not ended. Node's own may stay CLOSING for ever without an event, if data comes
 * behind the peer's Close frame or TCP is kept open: one timer for all of them finds those.
 */
const watched = new Map<EventTarget, LinkEvents>();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(socket: WebSocket, events: LinkEvents): void {
  watched.set(socket, events);
  timer ??= setInterval(check, CHECK_INTERVAL);
  socket.addEventListener("error", ended, ONCE);
  socket.addEventListener("close", ended, ONCE);
}

function check(): void {
  for (const [socket, events] of watched) {
    const { readyState } = socket as WebSocket;
    if (readyState < CLOSING) continue;
    if (readyState === CLOSING) events.closing(); // the core has a time limit from then on
    forget(socket);
  }
}

function ended(event: Event): void {
  forget(event.target!);
}

function forget(socket: EventTarget): void {
  watched.delete(socket);
  if (watched.size > 0) return;
  clearInterval(timer); // which would keep the process alive
  timer = undefined;
}

/**
 * Returns the function that begins a connection with a platform's `WebSocket`.
 *
 * @param Platform The class. It must take options if there are headers or TLS options.
 */
export function dial(
  Platform: WebSocketClass,
  { url, protocols, headers, tls }: DialRequest,
): StartConnection {
  const isPlain = headers === undefined && tls === undefined;
  return (events) => {
    const socket = isPlain
      ? new Platform(url, protocols)
      : new (Platform as WithOptions)(url, { protocols, headers, tls });
    new WebLink(socket, events);
    watch(socket, events);
    return () => socket.close();
  };
}
