/** A socket that connects to a server. @module */

import type { WebSocketClass } from "../adapters/web.ts";
import type { Clock } from "../clock.ts";
import { Socket } from "../socket.ts";
import { checkTimeout } from "../timeout.ts";
import { parseProtocols, parseUrl } from "./arguments.ts";
import { type Dial, dialBy, dialByPlatform } from "./platform.ts";

/** What `connect()` can be told. */
export interface ConnectOptions {
  /**
   * The subprotocols to offer, the best first. If there are some, the server must choose one.
   *
   * @default {[]}
   */
  protocols?: string | Iterable<string>;
  /**
   * What `message` events carry for binary.
   *
   * @default {"blob"}
   */
  binaryType?: BinaryType;
  /**
   * How long the connection may take to be established, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  timeout?: number;
  /**
   * How long the server may take to answer a Close frame, in milliseconds; 0 for no limit.
   *
   * @default {10000}
   */
  closeTimeout?: number;
  /**
   * The class that does the wire: a test's, as that of `scriptedServer()`, or one that can what the
   * platform's cannot.
   *
   * @default {the platform's}
   */
  WebSocket?: WebSocketClass;
  /**
   * Where time comes from, for tests: a `FakeClock` lets no time pass by itself.
   *
   * @default {the system's}
   */
  clock?: Clock;
}

/** Checks the arguments of `connect()`, and makes the socket. */
export function connectBy(by: Dial, url: string | URL, options: ConnectOptions): Socket {
  const { protocols = [], binaryType, timeout = 10_000, closeTimeout = 10_000 } = options;
  const { WebSocket, clock } = options;
  const address = parseUrl(url);
  const offered = parseProtocols(protocols);
  if (binaryType !== undefined && binaryType !== "blob" && binaryType !== "arraybuffer") {
    throw new TypeError(
      `Cannot connect with binaryType "${binaryType}": it must be "blob" or "arraybuffer"`,
    );
  }
  const limits = {
    role: "client",
    openTimeout: checkTimeout("timeout", timeout),
    closeTimeout: checkTimeout("closeTimeout", closeTimeout),
    clock,
  } as const;
  const dial = WebSocket === undefined ? by : dialBy(WebSocket);
  return new Socket(
    { url: address, binaryType, offered },
    limits,
    dial(address, offered, closeTimeout),
  );
}

/**
 * Connects to a server, with the platform's `WebSocket`.
 *
 * @param url Where to: `ws:`, `wss:`, `http:` or `https:`; in a page also relative to it.
 * @param options Subprotocols and the like.
 * @returns A socket that is CONNECTING. A failure is an `error` event, then `close` with 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` on Node 20, which has no `WebSocket`: there, take `connect` from the main
 * door.
 * @throws {TypeError} If `binaryType` is neither `"blob"` nor `"arraybuffer"`.
 * @throws {RangeError} If a time limit is negative or no number.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@isosocket/isosocket/client";
 *
 * const socket = connect("wss://example.org/chat", { protocols: ["chat.v2"] });
 * socket.onopen = () => socket.send("hello");
 * socket.onmessage = (event) => console.log(event.data);
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Socket {
  return connectBy(dialByPlatform, url, options);
}
