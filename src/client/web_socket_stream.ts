/** A connection as a pair of streams, in the shape of the WebSocketStream explainer. @module */

import type { Dial } from "../core/dial.ts";
import type { Message, Sendable } from "../core/streams.ts";
import { connectBy } from "./connect.ts";
import { dialByPlatform } from "./platform.ts";

/** What a {@linkcode WebSocketStream} can be told. */
export interface WebSocketStreamOptions {
  /**
   * The subprotocols to offer, the best first.
   *
   * @default {[]}
   */
  protocols?: string | Iterable<string>;
  /** Gives the connection up while it is being established. It has no effect later. */
  signal?: AbortSignal;
}

/** What an open connection consists of. */
export interface WebSocketConnection {
  /** What comes: strings and ArrayBuffers. It ends with the connection. */
  readonly readable: ReadableStream<Message>;
  /** What is sent. Closing it closes the connection. */
  readonly writable: WritableStream<Sendable>;
  /** The subprotocol agreed on; `""` for none. */
  readonly protocol: string;
  /** The extensions agreed on, as far as the runtime tells. */
  readonly extensions: string;
}

/** How a connection ends. */
export interface WebSocketCloseInfo {
  /** The code in the Close frame. */
  readonly closeCode?: number;
  /** The reason in the Close frame. */
  readonly reason?: string;
}

/** The class of {@linkcode WebSocketStream}. */
export interface WebSocketStreamConstructor {
  /** Connects. */
  new (url: string | URL, options?: WebSocketStreamOptions): WebSocketStream;
  /** What all of them inherit. */
  readonly prototype: WebSocketStream;
}

/** A connection as a pair of streams, with backpressure in both directions. */
export interface WebSocketStream {
  /** The address. */
  readonly url: string;
  /** The streams, when the connection is established; rejects if it is not. */
  readonly opened: Promise<WebSocketConnection>;
  /** How the connection ended; rejects if no Close frame came. */
  readonly closed: Promise<WebSocketCloseInfo>;
  /** Begins the closing handshake. */
  close(info?: WebSocketCloseInfo): void;
}

/** Makes the class, with one way to connect. */
export function webSocketStreamBy(dial: Dial): WebSocketStreamConstructor {
  return class WebSocketStream {
    readonly #url: string; // consoles do not print it: it may have a password
    readonly opened: Promise<WebSocketConnection>;
    readonly closed: Promise<WebSocketCloseInfo>;
    readonly close: (info?: WebSocketCloseInfo) => void;

    constructor(url: string | URL, options: WebSocketStreamOptions = {}) {
      const { protocols = [], signal } = options;
      signal?.throwIfAborted();
      const socket = connectBy(dial, url, { protocols, binaryType: "arraybuffer", timeout: 0 });
      this.#url = socket.url;
      this.close = ({ closeCode, reason } = {}) => socket.close(closeCode, reason);
      const abort = (): void => socket.terminate();
      signal?.addEventListener("abort", abort);
      const settled = (): void => signal?.removeEventListener("abort", abort);
      let error: unknown;
      socket.addEventListener("error", (event) => error = event.error);
      this.opened = socket.opened.then(() => {
        settled();
        const { readable, writable, protocol, extensions } = socket;
        return { readable, writable, protocol, extensions };
      }, (error) => {
        settled();
        throw signal?.aborted ? signal.reason : error;
      });
      this.closed = socket.closed.then(({ code, reason, wasClean }) => {
        if (!wasClean) throw signal?.aborted ? signal.reason : error;
        return { closeCode: code, reason };
      });
      for (const promise of [this.opened, this.closed]) promise.catch(() => {}); // need not be handled
    }

    get url(): string {
      return this.#url;
    }
  };
}

/**
 * A connection as a pair of streams, in the shape of the WebSocketStream explainer, over the
 * platform's `WebSocket`: where the runtime cannot stop reading, 16 MiB are kept for a reader that is
 * slow, and then the connection is dropped.
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
