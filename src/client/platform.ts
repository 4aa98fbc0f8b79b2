/** The platform's own `WebSocket`, which does the wire of every client. @module */

import { dial, type WebSocketClass } from "../adapters/web/dial.ts";
import { authorized } from "../core/credentials.ts";
import type { Dial, DialRequest } from "../core/dial.ts";
import type { StartConnection } from "../core/link.ts";
import { Socket } from "../core/socket.ts";

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

function dialBy(Class: WebSocketClass, call: DialRequest): StartConnection {
  if (Object.hasOwn(Class, DIAL)) return (Class as unknown as { [DIAL]: Dial })[DIAL](call);
  // A page's class keeps them: what comes of them is the browser's affair.
  return dial(Class, call.url.includes("@") && takes("headers", Class) ? authorized(call) : call);
}

/** Begins connections with a class that a program brings. */
export function dialClass(Class: WebSocketClass): Dial {
  return (call) => {
    const why = whyNot(call, Class);
    if (why !== undefined) throw new DOMException(why, "NotSupportedError");
    return dialBy(Class, call);
  };
}

/**
 * Whether a class, the platform's unless another is given, has an option. It is asked to connect to
 * what is no address, with options that notice if they are read: one that takes no options would take
 * them for the name of a subprotocol.
 */
export function takes(option: string, Class = platformWebSocket()): boolean {
  let isRead = false;
  try {
    const options: unknown = {
      get [option]() {
        return void (isRead = true);
      },
    };
    new Class!("no:", options as string[]);
  } catch {
    // It is no address.
  }
  return isRead;
}

/** Why a call is beyond a class, the platform's at first, in a sentence; `undefined` if it is not. */
export function whyNot({ headers }: DialRequest, Class = platformWebSocket()): string | undefined {
  if (Class === undefined) {
    return "Cannot connect here: this runtime has no WebSocket, but the main door has one";
  }
  if (headers !== undefined && !Object.hasOwn(Class, DIAL) && !takes("headers", Class)) {
    return "Cannot connect with headers here: a page's WebSocket sends none, so use the address";
  }
  return undefined;
}

/**
 * Begins a connection with the platform's `WebSocket`.
 *
 * @throws {DOMException} `NotSupportedError` where there is none, or where it cannot do what is asked.
 */
export function dialByPlatform(call: DialRequest): StartConnection {
  const Platform = platformWebSocket();
  const why = whyNot(call, Platform);
  if (why !== undefined) throw new DOMException(why, "NotSupportedError");
  return dialBy(Platform!, call);
}
