/** The standard's class, for whatever wants a class. @module */

import type { Clock } from "../core/clock.ts";
import type { Dial } from "../core/dial.ts";
import { CLIENT_MAX_PAYLOAD as maxPayload } from "../core/max_payload.ts";
import { Socket } from "../core/socket.ts";
import { parseProtocols, parseUrl } from "./arguments.ts";
import { dialByPlatform } from "./platform.ts";

/** The class behind {@linkcode WebSocket}. */
export interface WebSocketConstructor {
  /** What all its sockets have in common. */
  readonly prototype: Socket;
  /**
   * Begins a connection. Takes a string or an iterable of strings as subprotocols, and no options:
   * `connect()` does.
   */
  new (url: string | URL, protocols?: string | Iterable<string>): Socket;
  /** The value of `readyState` before the connection is established. */
  readonly CONNECTING: 0;
  /** The value of `readyState` while messages can be sent. */
  readonly OPEN: 1;
  /** The value of `readyState` from `close()` until the connection is gone. */
  readonly CLOSING: 2;
  /** The value of `readyState` when the connection is gone, or never came to be. */
  readonly CLOSED: 3;
}

/** What the standard gives the class itself; listeners are its parent's. */
const MEMBERS = [
  "CONNECTING",
  "OPEN",
  "CLOSING",
  "CLOSED",
  "url",
  "readyState",
  "bufferedAmount",
  "onopen",
  "onerror",
  "onclose",
  "extensions",
  "protocol",
  "onmessage",
  "close",
  "binaryType",
  "send",
] as const;

/** The standard has no limit here; two runtimes would wait for ever (Deno, Node). */
const CLOSE_TIMEOUT = 10_000;

/** WebIDL's `(DOMString or sequence<DOMString>)`: an object is a sequence if it can be iterated. */
function convertProtocols(protocols: unknown): string[] {
  const isObject = Object(protocols) === protocols;
  const iterates = isObject && (protocols as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (!isObject || iterates === undefined || iterates === null) return [`${protocols}`];
  return [...protocols as Iterable<unknown>].map((name) => `${name}`); // unlike String(), no symbols
}

/** Makes the class over one way to connect, and one to measure time. */
export function webSocketBy(by: Dial, clock?: Clock): WebSocketConstructor {
  return class WebSocket extends Socket {
    static {
      // A program that is made smaller renames classes; and tools look for members on the prototype.
      Object.defineProperty(this, "name", { value: "WebSocket" });
      Object.defineProperty(this.prototype, Symbol.toStringTag, {
        value: "WebSocket",
        configurable: true,
      });
      for (const name of MEMBERS) {
        const member = Object.getOwnPropertyDescriptor(Socket.prototype, name)!;
        Object.defineProperty(this.prototype, name, { ...member, enumerable: true });
        if (member.writable === false) Object.defineProperty(this, name, member);
      }
      Object.defineProperty(this.prototype.close, "length", { value: 0 }); // WebIDL: both optional
    }

    constructor(url: string | URL, protocols: string | Iterable<string> = []) {
      if (arguments.length === 0) {
        throw new TypeError("Cannot make a WebSocket: 1 argument is required, but there is none");
      }
      const address = `${url}`;
      const names = convertProtocols(protocols);
      const checked = parseUrl(address);
      const offered = parseProtocols(names);
      super(
        { url: checked, offered },
        { role: "client", openTimeout: 0, closeTimeout: CLOSE_TIMEOUT, maxPayload, clock },
        by({ url: checked, protocols: offered, closeTimeout: CLOSE_TIMEOUT, maxPayload }),
      );
    }
  };
}

/**
 * The `WebSocket` of the WHATWG WebSockets standard, the same on every runtime: to hand to libraries
 * that take a class (`webSocketImpl`, `WebSocket: …`), or to put in the place of the runtime's own.
 *
 * The platform's class does the wire. What it gets wrong in states, order, codes, checks, exceptions
 * and events is put right: `new WebSocket(url)` takes `http:` and `https:`, throws the standard's
 * exceptions, starts with `binaryType` `"blob"`, and ends every failure with `error`, then `close`
 * with 1006, exactly once.
 *
 * Where it goes beyond the standard's letter:
 *
 * - A server that does not answer a Close frame is dropped after 10 seconds. The standard lets a
 *   socket wait for ever; and only Bun and browsers give up by themselves.
 * - A message of more than 64 MiB, after decompression, fails the connection: the class has no option
 *   for it, `connect()` has `maxPayload`.
 * - `error` events also carry `error` and `message`, as far as the runtime tells.
 * - If an `open` listener returns a promise, messages wait for it.
 * - A bare `SharedArrayBuffer` given to `send()` is a `TypeError`, as a view on one is; the standard
 *   would send the text `[object SharedArrayBuffer]`.
 * - `bufferedAmount` counts what waits in the process. On Bun, where the system is asked at once, that
 *   is nothing until the system takes no more; the standard would count it till the next task.
 * - Events are no objects of the platform's own making: they cannot be given to the
 *   `dispatchEvent()` of another target.
 * - There is `terminate()`, and one step more in the chain of prototypes: every `WebSocket` is a
 *   `Socket`.
 *
 * @throws {DOMException} From `new`: `SyntaxError` if the address or a subprotocol is malformed,
 * `NotSupportedError` where the runtime has no `WebSocket` (Node 20): there, take it from the main
 * door.
 * @throws {TypeError} From `new` without an argument, or with one that has no text, as a symbol.
 *
 * @example
 * ```ts
 * import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request, { protocols: ["chat.v2"] });
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 *
 * const socket = new WebSocket(server.url, ["chat.v2", "chat.v1"]);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assertEquals([socket.protocol, data], ["chat.v2", "hello"]);
 * ```
 */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ webSocketBy(dialByPlatform);

/** An instance of {@linkcode WebSocket}. */
export type WebSocket = Socket;
