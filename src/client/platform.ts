/** Dials with the platform's own `WebSocket`, or with a class of the program's. @module */

import { dial, type WebSocketClass } from "../adapters/web/dial.ts";
import { authorized } from "../core/credentials.ts";
import type { Dial, DialRequest } from "../core/dial.ts";
import type { StartConnection } from "../core/link.ts";
import { Socket } from "../core/socket.ts";

/** A way to connect, with a check that needs no connection. */
export interface Dialer {
  /**
   * Checks headers before any attempt.
   *
   * @throws {DOMException} `NotSupportedError` if connections cannot be made here, or not with headers.
   */
  readonly check: (headers: DialRequest["headers"]) => void;
  /** Begins a connection, after the same check. */
  readonly dial: Dial;
}

/**
 * Symbol under which the in-memory `WebSocket` classes expose their dial function, so that a `Socket`
 * is never wrapped in a `Socket`.
 */
export const DIAL: unique symbol = Symbol("dial");

function globalWebSocket(): WebSocketClass | undefined {
  return (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
}

/** The property when this module was loaded. To read its value loads undici on Node. */
const first = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");

/**
 * Returns the platform's class, if there is one: the current `globalThis.WebSocket`, which a program
 * may have replaced. If the replacement is a subclass of `Socket` that dials with the platform's
 * class, it would dial itself: then the class that was there when this module was loaded is returned.
 */
export function platformWebSocket(): WebSocketClass | undefined {
  const now = globalWebSocket();
  if (!(now?.prototype instanceof Socket) || DIAL in now) return now;
  return first?.get === undefined ? first?.value : first.get.call(globalThis);
}

/**
 * Returns whether a class reads an option. The class is constructed with an invalid address and an
 * options object that notices if the option is read: a class without options would take the object
 * for the name of a subprotocol.
 *
 * @param Class The platform's by default.
 */
export function supportsOption(option: string, Class = platformWebSocket()): boolean {
  let isRead = false;
  try {
    const options: unknown = {
      get [option]() {
        return void (isRead = true);
      },
    };
    new Class!("no:", options as string[]);
  } catch {
    // The address is invalid.
  }
  return isRead;
}

/**
 * Returns why a class cannot connect with these headers, as a sentence; `undefined` if it can.
 *
 * @param Class The platform's by default; `undefined` if there is none.
 */
export function unsupportedReason(
  headers: DialRequest["headers"],
  Class = platformWebSocket(),
): string | undefined {
  if (Class === undefined) {
    return "Cannot connect here: this runtime has no WebSocket, but the main entry point has one";
  }
  if (headers !== undefined && !Object.hasOwn(Class, DIAL) && !supportsOption("headers", Class)) {
    return "Cannot connect with headers here: a page's WebSocket sends none, so use the address";
  }
  return undefined;
}

function check(headers: DialRequest["headers"], Class: WebSocketClass | undefined): void {
  const reason = unsupportedReason(headers, Class);
  if (reason !== undefined) throw new DOMException(reason, "NotSupportedError");
}

function dialWith(Class: WebSocketClass | undefined, request: DialRequest): StartConnection {
  check(request.headers, Class);
  if (Object.hasOwn(Class!, DIAL)) return (Class as unknown as { [DIAL]: Dial })[DIAL](request);
  // A page's class takes no headers: the credentials stay in the address, and the browser decides.
  const sendsHeaders = request.url.includes("@") && supportsOption("headers", Class);
  return dial(Class!, sendsHeaders ? authorized(request) : request);
}

/** Returns the dial function of a class that a program brings. */
export function dialClass(Class: WebSocketClass): Dial {
  return (request) => dialWith(Class, request);
}

/** Returns the dialer of a class that a program brings. */
export function classDialer(Class: WebSocketClass): Dialer {
  return { check: (headers) => check(headers, Class), dial: dialClass(Class) };
}

/**
 * Begins a connection with the platform's `WebSocket`.
 *
 * @throws {DOMException} `NotSupportedError` if there is none, or if it cannot send headers.
 */
export function dialByPlatform(request: DialRequest): StartConnection {
  return dialWith(platformWebSocket(), request);
}

/** The dialer of the platform's `WebSocket`. */
export const platformDialer: Dialer = {
  check: (headers) => check(headers, platformWebSocket()),
  dial: dialByPlatform,
};
