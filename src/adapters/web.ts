/** Sockets on a platform's own `WebSocket`: every browser's, Deno's, Bun's, Node's from 22. @module */

import type { Begin } from "../link.ts";
import { WebLink } from "../web_link.ts";

/** The platform's class, or one that behaves like it. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocket;

/**
 * Begins a connection with a platform's `WebSocket`.
 *
 * @param Platform The class.
 * @param url The address, checked.
 * @param protocols The subprotocols to offer, checked.
 */
export function dial(Platform: WebSocketClass, url: string, protocols: string[]): Begin {
  return (events) => {
    const socket = new Platform(url, protocols);
    new WebLink(socket, events);
    return () => socket.close();
  };
}
