/** A socket that connects to a server, on whatever runtime this is. @module */

import { connectBy, type ConnectOptions as ClientOptions } from "../client/connect.ts";
import { dialByPlatform, takes, whyNot } from "../client/platform.ts";
import {
  checkTls,
  type ClientTls,
  type Dial,
  type DialRequest,
  type Engine,
} from "../core/dial.ts";
import type { LinkEvents, StartConnection } from "../core/link.ts";
import { missingPackage } from "./missing_package.ts";
import type { Socket } from "../core/socket.ts";

/** What `connect()` and `reconnect()` can be told in this door, and not in the one for pages. */
export interface CarrierOptions {
  /**
   * What carries the connection: `"native"` is the runtime's own `WebSocket`, `"ws"` the `ws` package
   * over `node:net`.
   *
   * Choose `"ws"` on Deno if messages have more than 1024 bytes: its own `WebSocket` writes the head
   * of such a frame apart from the rest, which then waits for the peer's system, 44 ms for each
   * message; for smaller ones, its own is the quicker. `ws` asks for `--allow-env` there. On Deno and
   * Node it also tells why a connection failed, and cuts one at once in `terminate()`. Bun, which has
   * an implementation of `ws` of its own, is short of nothing.
   *
   * @default {"native"} `"ws"` where that cannot do what is asked: on Node 20, which has no
   * `WebSocket`; on Deno and Node if {@linkcode CarrierOptions.tls} is given.
   */
  engine?: Engine;
  /**
   * How TLS is to be done with `wss:`, where it is not as usual. In a page, and with Deno's and Node's
   * own `WebSocket`, it is a `NotSupportedError`: there is no such choice.
   *
   * @default {{}}
   */
  tls?: ClientTls;
}

/** What `connect()` can be told. */
export interface ConnectOptions extends ClientOptions, CarrierOptions {}

/** What is imported when it is needed comes a task too late: the socket does not notice. */
function dialByWs(call: DialRequest): StartConnection {
  return (events: LinkEvents) => {
    let giveUp: (() => void) | undefined;
    let given = false;
    import("../adapters/ws/dial.ts").then(({ dial }) => {
      if (!given) giveUp = dial(call)(events);
    }).catch((error) => events.failed(missingPackage(error, 'connect with engine "ws"')));
    return () => {
      given = true;
      giveUp?.();
    };
  };
}

const NO_NET = 'Cannot connect with engine "ws" here: it needs node:net';

/** Why the platform's class cannot do it; `undefined` if it can. */
function whyNotNative(call: DialRequest): string | undefined {
  const why = whyNot(call);
  if (why !== undefined || call.tls === undefined || takes("tls")) return why;
  return "Cannot connect with tls here: this WebSocket leaves no choice, so take another engine, or " +
    "add the authority to those that the runtime trusts";
}

/** Chooses what carries connections. */
export function dialBy({ engine, tls = {} }: CarrierOptions = {}): Dial {
  if (engine !== undefined && engine !== "native" && engine !== "ws") {
    throw new TypeError(`Cannot connect with engine "${engine}": it must be "native" or "ws"`);
  }
  const checked = checkTls(tls);
  return (asked) => {
    const call = { ...asked, tls: checked };
    const why = engine === "ws" ? NO_NET : whyNotNative(call);
    if (why === undefined) return dialByPlatform(call);
    if (engine !== "native" && "process" in globalThis) return dialByWs(call);
    throw new DOMException(why, "NotSupportedError");
  };
}

/**
 * Connects to a server: the same file in a browser, under `deno`, `bun` and `node`.
 *
 * @param url Where to: `ws:`, `wss:`, `http:` or `https:`; in a page also relative to it.
 * @param options Subprotocols and the like.
 * @returns A socket that is CONNECTING. A failure is an `error` event, then `close` with 1006.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for what nothing here can do: `headers` and `tls` in a page.
 * @throws {TypeError} If a header is not the program's to set, or an option none of what it can be.
 * @throws {RangeError} If a time limit is negative or no number, or `maxPayload` is less than 1.
 * @throws The signal's reason, if it is aborted already.
 *
 * @example
 * ```ts
 * import { connect, serve, upgrade } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.onmessage = (event) => socket.send(event.data);
 *   return response;
 * });
 *
 * const socket = connect(server.url);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
 * assertEquals(data, "hello");
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Socket {
  return connectBy(dialBy(options), url, options);
}
