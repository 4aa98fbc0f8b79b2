/** Dials with the platform's own `WebSocket`, or with a class of the program's. @module */

import { dial, type WebSocketClass } from "../adapters/web/dial.ts";
import { kindOf } from "../core/checks.ts";
import { authorized } from "../core/credentials.ts";
import type { Dial, DialRequest } from "../core/dial.ts";
import type { StartConnection } from "../core/link.ts";

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

/** What Node and Bun have as a global variable, with all that is used of it. */
interface Host {
  readonly release?: { readonly name?: string };
  getBuiltinModule?(name: string): { readonly WebSocket?: WebSocketClass };
}

const host = (globalThis as { readonly [name: string]: unknown })["process"] as Host | undefined;

/**
 * Whether to read a global class takes 27 to 50 ms, as it loads undici: not when a server is imported.
 * Deno and Bun call themselves Node, too.
 */
export const IS_LAZY: boolean = host?.release?.name === "node" && !("Deno" in globalThis) &&
  !("Bun" in globalThis);

/**
 * Symbol of classes that make sockets of this package over the platform's class. Its value returns that
 * class, so that a `Socket` is never wrapped in a `Socket`, be it of another copy of this package.
 */
const PLATFORM = Symbol.for("isosocket.platform");

/** A class as this module asks it. */
type Asked = WebSocketClass & { readonly [PLATFORM]?: () => WebSocketClass | undefined };

/** Returns the platform's class behind one that a program may have put in its place. */
function behind(Class: Asked | undefined): WebSocketClass | undefined {
  return Class?.[PLATFORM] === undefined || DIAL in Class ? Class : Class[PLATFORM]();
}

const first = IS_LAZY ? undefined : behind(globalWebSocket());

/** Returns the class that was there before any of ours. On Node, it is there since 22.5. */
function original(): WebSocketClass | undefined {
  return IS_LAZY ? host!.getBuiltinModule?.("node:http").WebSocket : first;
}

/** Marks a class whose sockets are made over the platform's, and returns it. */
export function standIn<Class extends object>(Class: Class): Class {
  return Object.defineProperty(Class, PLATFORM, { value: original });
}

/**
 * Returns the platform's class, if there is one: the current `globalThis.WebSocket`, which a program
 * may have replaced. If the replacement dials with the platform's class, as {@linkcode standIn} says, it
 * would dial itself: then the class that was there when this module was loaded is returned.
 */
export function platformWebSocket(): WebSocketClass | undefined {
  const now = globalWebSocket();
  const found = behind(now);
  return found === now ? now : original();
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
  if (typeof Class !== "function") {
    throw new TypeError(`Cannot use WebSocket: it must be a class, and is ${kindOf(Class)}`);
  }
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
