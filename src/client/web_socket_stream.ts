/** A connection as a pair of streams, in the shape of the WebSocketStream explainer. @module */

import type { Dial } from "../core/dial.ts";
import type { Socket } from "../core/socket.ts";
import { checkArguments } from "../core/web_socket_base.ts";
import { parseProtocols, parseUrl, toStrings } from "./arguments.ts";
import { connectBy } from "./connect.ts";
import { dialByPlatform } from "./platform.ts";
import { streamsOf, type WebSocketConnection } from "./stream_pair.ts";
import { checkCloseInfo, toDictionary, type WebSocketCloseInfo } from "./web_socket_error.ts";

/** Options for a {@linkcode WebSocketStream}. */
export interface WebSocketStreamOptions {
  /**
   * Subprotocols to offer, in order of preference. If any are offered, the server must choose one.
   *
   * @default {[]}
   */
  protocols?: Iterable<string>;
  /**
   * Signal that gives up connecting: `opened` and `closed` reject with its reason, at once if it is
   * aborted already. After the connection is established, it has no effect.
   *
   * @default {undefined}
   */
  signal?: AbortSignal;
}

/** Constructor type of {@linkcode WebSocketStream}. */
export interface WebSocketStreamConstructor {
  /** Connects. */
  new (url: string | URL, options?: WebSocketStreamOptions): WebSocketStream;
  /** Prototype of all instances. */
  readonly prototype: WebSocketStream;
}

/** A connection as a pair of streams, with backpressure in both directions. */
export interface WebSocketStream {
  /** The address. */
  readonly url: string;
  /**
   * Resolves with the streams when the connection is established; rejects with a
   * {@linkcode WebSocketError} if it fails.
   */
  readonly opened: Promise<WebSocketConnection>;
  /**
   * Resolves with the peer's Close frame; rejects with a {@linkcode WebSocketError} if none was received,
   * or if not all that was written had left.
   */
  readonly closed: Promise<WebSocketCloseInfo>;
  /**
   * Begins the closing handshake.
   *
   * @throws {TypeError} If the code is no number between 0 and 65535.
   * @throws {DOMException} `InvalidAccessError` for a code other than 1000 and 3000 to 4999,
   * `SyntaxError` for a reason of more than 123 bytes.
   */
  close(info?: WebSocketCloseInfo): void;
}

/** Converts the options, as a dictionary of WebIDL: its members in the order of their names. */
function convertOptions(options: unknown): { protocols: string[]; signal?: AbortSignal } {
  const dictionary = toDictionary<WebSocketStreamOptions>("connect", options);
  const given = dictionary.protocols as unknown;
  const protocols = given === undefined ? [] : toStrings(given);
  if (protocols === undefined) {
    throw new TypeError(`Cannot offer the subprotocols ${String(given)}: they must be a list`);
  }
  const { signal } = dictionary;
  if (signal === undefined) return { protocols };
  if (typeof signal?.aborted !== "boolean") {
    throw new TypeError("Cannot connect with this signal: it must be an AbortSignal");
  }
  return { protocols, signal };
}

/** Makes the class over one way to dial. */
export function webSocketStreamBy(dial: Dial): WebSocketStreamConstructor {
  class WebSocketStream {
    static {
      Object.defineProperty(this, "name", { value: "WebSocketStream" }); // minifiers rename classes
      for (const name of ["url", "opened", "closed", "close"]) {
        Object.defineProperty(this.prototype, name, { enumerable: true });
      }
      Object.defineProperty(this.prototype.close, "length", { value: 0 }); // WebIDL: it is optional
    }

    readonly #url: string; // private: consoles do not print it, as it may contain a password
    readonly #opened: Promise<WebSocketConnection>;
    readonly #closed: Promise<WebSocketCloseInfo>;
    readonly #socket: Socket | undefined;

    constructor(url: string | URL, options: WebSocketStreamOptions = {}) {
      checkArguments("make a WebSocketStream", 1, arguments.length);
      const address = `${url}`;
      const { protocols, signal } = convertOptions(options);
      this.#url = parseUrl(address);
      parseProtocols(protocols);
      if (signal?.aborted) { // nothing is sent
        this.#opened = Promise.reject(signal.reason);
        this.#closed = Promise.reject(signal.reason);
      } else {
        const request = { protocols, binaryType: "arraybuffer", timeout: 0 } as const;
        const socket = connectBy(dial, this.#url, request);
        this.#socket = socket;
        ({ opened: this.#opened, closed: this.#closed } = streamsOf(socket, signal));
      }
      for (const promise of [this.#opened, this.#closed]) promise.catch(() => {}); // need not be handled
    }

    get url(): string {
      return this.#url;
    }

    get opened(): Promise<WebSocketConnection> {
      return this.#opened;
    }

    get closed(): Promise<WebSocketCloseInfo> {
      return this.#closed;
    }

    close(info: WebSocketCloseInfo = {}): void {
      const socket = this.#socket;
      const { code, reason } = checkCloseInfo(info);
      socket?.close(code, reason);
    }

    get [Symbol.toStringTag](): string {
      return "WebSocketStream";
    }
  }
  return WebSocketStream;
}

/**
 * A connection as a pair of streams, in the shape of the WebSocketStream explainer, over the
 * platform's `WebSocket`. If the runtime cannot stop reading from the network, up to 16 MiB are
 * buffered for a slow reader; beyond that, the connection is dropped.
 *
 * @example
 * ```ts ignore
 * import { WebSocketStream } from "@isosocket/isosocket/client";
 *
 * const { readable, writable } = await new WebSocketStream("wss://example.org/log").opened;
 * await readable.pipeTo(writable);
 * ```
 */
export const WebSocketStream: WebSocketStreamConstructor = webSocketStreamBy(dialByPlatform);
