/** A connection as a pair of streams, in the shape of the WebSocketStream explainer. @module */

import type { Dial } from "../core/dial.ts";
import type { Message, Sendable } from "../core/streams.ts";
import { connectBy } from "./connect.ts";
import { dialByPlatform } from "./platform.ts";

/** Options for a {@linkcode WebSocketStream}. */
export interface WebSocketStreamOptions {
  /**
   * Subprotocols to offer, in order of preference. If any are offered, the server must choose one.
   *
   * @default {[]}
   */
  protocols?: string | Iterable<string>;
  /** Signal that gives up connecting. After the connection is established, it has no effect. */
  signal?: AbortSignal;
}

/** The streams and the negotiated terms of an open connection. */
export interface WebSocketConnection {
  /** Received messages, as strings and ArrayBuffers. It ends with the connection. */
  readonly readable: ReadableStream<Message>;
  /** Messages to send. Closing the stream closes the connection. */
  readonly writable: WritableStream<Sendable>;
  /** The negotiated subprotocol; `""` if none. */
  readonly protocol: string;
  /** The negotiated extensions, as far as the runtime reports them. */
  readonly extensions: string;
}

/** Code and reason of a Close frame. */
export interface WebSocketCloseInfo {
  /** The close code. */
  readonly closeCode?: number;
  /** The reason. */
  readonly reason?: string;
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
  /** Resolves with the streams when the connection is established; rejects if it fails. */
  readonly opened: Promise<WebSocketConnection>;
  /** Resolves with the peer's Close frame; rejects if none was received. */
  readonly closed: Promise<WebSocketCloseInfo>;
  /** Begins the closing handshake. */
  close(info?: WebSocketCloseInfo): void;
}

/** Makes the class over one way to dial. */
export function webSocketStreamBy(dial: Dial): WebSocketStreamConstructor {
  return class WebSocketStream {
    readonly #url: string; // private: consoles do not print it, as it may contain a password
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
      const release = (): void => signal?.removeEventListener("abort", abort);
      let error: unknown;
      socket.addEventListener("error", (event) => error = event.error);
      this.opened = socket.opened.then(() => {
        release();
        const { readable, writable, protocol, extensions } = socket;
        return { readable, writable, protocol, extensions };
      }, (error) => {
        release();
        throw signal?.aborted ? signal.reason : error;
      });
      this.closed = socket.closed.then(({ code, reason, wasClean }) => {
        if (!wasClean) throw signal?.aborted ? signal.reason : error;
        return { closeCode: code, reason };
      });
      for (const promise of [this.opened, this.closed]) promise.catch(() => {}); // a program need not handle them
    }

    get url(): string {
      return this.#url;
    }
  };
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
