/** The platform's own `WebSocket`, which does the wire of every client. @module */

import { dial, type WebSocketClass } from "../adapters/web.ts";
import type { Call } from "../dial.ts";
import type { Begin } from "../link.ts";
import { Socket } from "../socket.ts";

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
  return now?.prototype instanceof Socket ? first : now;
}

/**
 * Whether the platform's class has an option. It is asked to connect to what is no address, with
 * options that notice if they are read: one that takes no options would take them for the name of a
 * subprotocol.
 */
export function takes(option: string): boolean {
  let isRead = false;
  try {
    new (platformWebSocket()!)("no:", {
      get [option]() {
        return void (isRead = true);
      },
    });
  } catch {
    // It is no address.
  }
  return isRead;
}

/** Why a call is beyond the platform's class, in a sentence; `undefined` if it is not. */
export function whyNot({ headers }: Call): string | undefined {
  if (platformWebSocket() === undefined) {
    return "Cannot connect here: this runtime has no WebSocket, but the main door has one";
  }
  if (headers !== undefined && !takes("headers")) {
    return "Cannot connect with headers here: a page's WebSocket sends none, so use the address";
  }
  return undefined;
}

/**
 * Begins a connection with the platform's `WebSocket`.
 *
 * @throws {DOMException} `NotSupportedError` where there is none, or where it cannot do what is asked.
 */
export function dialByPlatform(call: Call): Begin {
  const why = whyNot(call);
  if (why !== undefined) throw new DOMException(why, "NotSupportedError");
  return dial(platformWebSocket()!, call);
}
