/** The platform's own `WebSocket`, which does the wire of every client. @module */

import { dial, type WebSocketClass } from "../adapters/web.ts";
import type { Begin } from "../link.ts";
import { Socket } from "../socket.ts";

/** Begins a connection over whatever this runtime has. */
export type Dial = (url: string, protocols: string[], closeTimeout?: number) => Begin;

/** Where a class of ours that needs no platform has its way to connect: no socket goes in a socket. */
export const DIAL: unique symbol = Symbol("dial");

function present(): WebSocketClass | undefined {
  return (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
}

const first = present();

/**
 * The platform's class, if there is one. A program may have put another in its place, and that one
 * is taken; but if it is made of ours, what was there before, as ours would ask for itself.
 */
export function platformWebSocket(): WebSocketClass | undefined {
  const now = present();
  return now?.prototype instanceof Socket && !(DIAL in now) ? first : now;
}

/** Begins connections with a class. */
export function dialBy(Class: WebSocketClass): Dial {
  return Object.hasOwn(Class, DIAL)
    ? (Class as unknown as { [DIAL]: Dial })[DIAL]
    : (url, protocols) => dial(Class, url, protocols);
}

/**
 * Begins a connection with the platform's `WebSocket`.
 *
 * @throws {DOMException} `NotSupportedError` where there is none.
 */
export function dialByPlatform(url: string, protocols: string[]): Begin {
  const Platform = platformWebSocket();
  if (Platform === undefined) {
    throw new DOMException(
      'Cannot connect here: this runtime has no WebSocket, so import from "isosocket"',
      "NotSupportedError",
    );
  }
  return dialBy(Platform)(url, protocols);
}
