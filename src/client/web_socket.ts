/** The `WebSocket` class of the WHATWG standard, for libraries that take a class. @module */

import type { Clock } from "../core/clock.ts";
import type { Dial } from "../core/dial.ts";
import { CLIENT_MAX_PAYLOAD as maxPayload } from "../core/max_payload.ts";
import { Socket } from "../core/socket.ts";
import { checkArguments, defineStates } from "../core/web_socket_base.ts";
import { parseProtocols, parseUrl, toStrings } from "./arguments.ts";
import { dialByPlatform, standIn } from "./platform.ts";

/** Constructor type of {@linkcode WebSocket}. */
export interface WebSocketConstructor {
  /** Prototype of all its sockets. */
  readonly prototype: Socket;
  /**
   * Begins a connection. The second argument is a subprotocol or an iterable of them; for options,
   * there is `connect()`.
   */
  new (url: string | URL, protocols?: string | Iterable<string>): Socket;
  /** The value of `readyState` before the connection is established. */
  readonly CONNECTING: 0;
  /** The value of `readyState` while messages can be sent. */
  readonly OPEN: 1;
  /** The value of `readyState` from `close()` until the connection has ended. */
  readonly CLOSING: 2;
  /** The value of `readyState` after the connection has ended or failed. */
  readonly CLOSED: 3;
}

/** Members that the standard defines. Programs can list them, in this order; ours they cannot. */
const MEMBERS = [
  "url",
  "CONNECTING",
  "OPEN",
  "CLOSING",
  "CLOSED",
  "readyState",
  "bufferedAmount",
  "onopen",
  "onerror",
  "onclose",
  "extensions",
  "protocol",
  "close",
  "onmessage",
  "binaryType",
  "send",
];

/** Members that the standard defines on the parent, `EventTarget`: its own would refuse our sockets. */
const INHERITED = ["addEventListener", "removeEventListener", "dispatchEvent"];

/** ms: limit for the answer to a Close frame. The standard has none, and Deno and Node wait for ever. */
const CLOSE_TIMEOUT = 10_000;

/** Makes the class over one way to dial, and a clock. */
export function webSocketBy(dial: Dial, clock?: Clock): WebSocketConstructor {
  class WebSocket {
    static {
      // Minifiers rename classes.
      Object.defineProperty(this, "name", { value: "WebSocket" });
      defineStates(this);
      const { constructor: _, ...own }: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(
        Socket.prototype,
      );
      for (const name of [...MEMBERS, ...INHERITED]) {
        Object.defineProperty(this.prototype, name, { ...own[name], enumerable: true });
        delete own[name];
      }
      for (const name of Reflect.ownKeys(own)) {
        Object.defineProperty(this.prototype, name, { ...own[name as string], enumerable: false });
      }
      Object.defineProperty(this.prototype, Symbol.toStringTag, {
        value: "WebSocket",
        configurable: true,
      });
      const { close, addEventListener, removeEventListener } = this.prototype as Socket;
      const lengths = [[close, 0], [addEventListener, 2], [removeEventListener, 2]] as const;
      for (const [method, value] of lengths) Object.defineProperty(method, "length", { value }); // WebIDL
      Object.setPrototypeOf(this, EventTarget);
      Object.setPrototypeOf(this.prototype, EventTarget.prototype);
    }

    constructor(url: string | URL, protocols: string | Iterable<string> = []) {
      checkArguments("make a WebSocket", 1, arguments.length);
      const address = `${url}`;
      const names = toStrings(protocols) ?? [`${protocols}`];
      const checked = parseUrl(address);
      const offered = parseProtocols(names);
      const begin = dial({
        url: checked,
        protocols: offered,
        closeTimeout: CLOSE_TIMEOUT,
        maxPayload,
      });
      const limits = {
        role: "client",
        openTimeout: 0,
        closeTimeout: CLOSE_TIMEOUT,
        maxPayload,
        clock,
      } as const;
      // A `Socket` by all that it is made of, but not by its prototypes, which are the standard's.
      return Reflect.construct(Socket, [{ url: checked, offered }, limits, begin], new.target);
    }
  }
  return WebSocket as unknown as WebSocketConstructor;
}

/**
 * The `WebSocket` of the WHATWG WebSockets standard, the same on every runtime: for libraries that
 * take a class (`webSocketImpl`, `WebSocket: …`), or as a replacement of the runtime's own.
 *
 * Connections are made with the platform's class, whose deviations in states, order, codes, checks,
 * exceptions and events are corrected: `new WebSocket(url)` accepts `http:` and `https:`, throws the
 * standard's exceptions, starts with `binaryType` `"blob"`, and ends every failure with `error`, then
 * `close` with 1006, exactly once.
 *
 * Differences to the letter of the standard:
 *
 * - A server that does not answer a Close frame is dropped after 10 seconds. The standard lets a
 *   socket wait for ever, and only Bun and browsers give up by themselves.
 * - A message of more than 64 MiB, after decompression, fails the connection. The class has no option
 *   for it; `connect()` has `maxPayload`.
 * - `error` events also have `error` and `message`, as far as the runtime reports them.
 * - A bare `SharedArrayBuffer` given to `send()` is a `TypeError`, like a view on one; the standard
 *   would send the text `[object SharedArrayBuffer]`.
 * - `bufferedAmount` does not fall before the program lets others run, as the standard says, but may do so
 *   within a task, after an `await`. Then the engine `tcp` counts the headers of frames, too, which are
 *   buffered as well.
 * - Events are not the platform's own objects, since those take as long to make as a message takes to
 *   arrive: the `dispatchEvent()` of a target of the platform's refuses them, and takes the copy that
 *   `new event.constructor(event.type, event)` makes. What a program changes on the platform's prototypes
 *   does not change them, `initEvent()` and `initMessageEvent()` do nothing, and the `timeStamp` of a
 *   message is the time when it was first read.
 * - An event that a program made and gives to `dispatchEvent()` has members of its own while listeners run
 *   (`target`, `currentTarget`, `eventPhase` and so on), as the platform's would not name the socket. If it
 *   is frozen, its `target` is `null`.
 * - Between two listeners of one event, microtasks do not run: only the platform can do that.
 * - `addEventListener()`, `removeEventListener()` and `dispatchEvent()` are own members of the prototype, as
 *   those of `EventTarget.prototype` refuse what the platform has not made.
 * - There are the members of `Socket` besides, such as `terminate()`, which programs cannot list; and
 *   `socket instanceof Socket` holds.
 *
 * @throws {DOMException} From `new`: `SyntaxError` if the address or a subprotocol is malformed,
 * `NotSupportedError` if the runtime has no `WebSocket` (Node 20): there, import it from the main
 * entry point.
 * @throws {TypeError} From `new` without an argument, or with a symbol or an object that has no text.
 *
 * @example
 * ```ts
 * import { serve, upgrade, WebSocket } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
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
 * assert.deepEqual([socket.protocol, data], ["chat.v2", "hello"]);
 * ```
 */
export const WebSocket: WebSocketConstructor = /* @__PURE__ */ standIn(
  /* @__PURE__ */ webSocketBy(dialByPlatform),
);

/** An instance of {@linkcode WebSocket}. */
export type WebSocket = Socket;
