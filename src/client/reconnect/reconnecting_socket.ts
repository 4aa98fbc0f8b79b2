/** A `WebSocket` across connections. @module */

import type { SocketEventMap } from "../../core/socket_events.ts";
import type { Message } from "../../core/streams.ts";
import type { AttemptEvent } from "./attempt.ts";

/** The events of a {@linkcode ReconnectingSocket}. */
export interface ReconnectEventMap extends SocketEventMap {
  /** An attempt begins. */
  connecting: AttemptEvent;
  /** Another attempt is scheduled, after `delay` milliseconds. */
  waiting: AttemptEvent;
}

/** A listener of one kind of event. It may be asynchronous. */
export type ReconnectListener<K extends keyof ReconnectEventMap> = (
  this: WebSocket,
  event: ReconnectEventMap[K],
) => unknown;

/** Types of the events. */
export const RECONNECT_EVENTS = [
  "open",
  "message",
  "error",
  "close",
  "connecting",
  "waiting",
] as const;

/**
 * A `WebSocket` that has one connection after another, made by {@linkcode reconnect}.
 *
 * - `readyState` is CONNECTING until the first `open`, and again from the loss of a connection to the
 *   next `open`. CLOSED is final.
 * - `open`, `message`, `error` and `close` fire for each connection, in its order. A `close` event is
 *   the last one if `readyState` is CLOSED during it: there is always exactly one such event.
 * - `connecting` and `waiting` fire for attempts to connect.
 */
export interface ReconnectingSocket extends WebSocket, AsyncDisposable {
  /** Called when a connection is established. */
  onopen: ReconnectListener<"open"> | null;
  /** Called for each message. */
  onmessage: ReconnectListener<"message"> | null;
  /** Called when a connection or an attempt failed. */
  onerror: ReconnectListener<"error"> | null;
  /** Called when a connection has ended; the last time with `readyState` CLOSED. */
  onclose: ReconnectListener<"close"> | null;
  /** Called when an attempt begins. */
  onconnecting: ReconnectListener<"connecting"> | null;
  /** Called when another attempt is scheduled. */
  onwaiting: ReconnectListener<"waiting"> | null;

  /**
   * State of the socket: CONNECTING (0) while a connection is being established or will be, OPEN (1)
   * while there is one, CLOSING (2) from `close()` to the last `close` event, and CLOSED (3) from
   * then on.
   */
  readonly readyState: 0 | 1 | 2 | 3;

  /** Address of the current or last connection; `""` before a function has returned the first one. */
  readonly url: string;

  /** Subprotocol of the connection; `""` if none, or while there is no connection. */
  readonly protocol: string;

  /** Extensions of the connection, as far as the runtime reports them; `""` if none. */
  readonly extensions: string;

  /** Number of bytes that are queued for the next connection, or buffered by the current one. */
  readonly bufferedAmount: number;

  /**
   * Type of the data of `message` events for binary messages: `"blob"` or `"arraybuffer"`. Other
   * values are ignored.
   *
   * @default {"blob"}
   */
  binaryType: BinaryType;

  /**
   * Sends a message, or queues it for the next connection if there is none. Each message is given to
   * one connection at most, in the order of the calls. Messages that a connection had taken when it
   * was lost may not have arrived, and are not sent again. `open` listeners run before the queue is
   * sent, so what they send arrives first.
   *
   * @throws {DOMException} `QuotaExceededError` if the queue has no capacity for it (`queue`).
   * @throws {TypeError} Without an argument, or for memory that is shared or can be resized.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;

  /**
   * Closes the connection, and makes no other. A connection that is being established ends with
   * `error`, then `close` with 1006, as that of a `WebSocket`. Between two attempts, there is no
   * connection to close, and a `close` event with the given code and reason follows. Queued messages
   * are lost.
   *
   * @param code 1000, or 3000 to 4999.
   * @param reason Up to 123 bytes of UTF-8.
   * @throws {DOMException} `InvalidAccessError` for another code, `SyntaxError` for a longer reason.
   */
  close(code?: number, reason?: string): void;

  /** Closes the socket, and waits until it is CLOSED. `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void>;

  /** Resolves when the first connection is established; rejects if the socket is CLOSED before. */
  readonly opened: Promise<void>;

  /** Resolves with the last `close` event. Never rejects. */
  readonly closed: Promise<CloseEvent>;

  /**
   * Iterates over the messages of one connection after another. The loop ends when the socket is
   * CLOSED, and throws if the last connection was lost. While more than 64 KiB wait to be read, no
   * message is delivered, and the heartbeat is suspended. Leaving the loop leaves the socket open.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message>;

  /** Adds a listener of one of the socket's events. */
  addEventListener<K extends keyof ReconnectEventMap>(
    type: K,
    listener: ReconnectListener<K>,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Adds a listener of any event. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;

  /** Removes a listener of one of the socket's events. */
  removeEventListener<K extends keyof ReconnectEventMap>(
    type: K,
    listener: ReconnectListener<K>,
    options?: boolean | EventListenerOptions,
  ): void;
  /** Removes a listener of any event. */
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;

  /**
   * Runs the listeners of an event that the program made.
   *
   * @returns `false` if a listener prevented its default, else `true`.
   */
  dispatchEvent(event: Event): boolean;
}
