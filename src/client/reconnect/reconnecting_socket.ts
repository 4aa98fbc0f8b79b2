/** A `WebSocket` across connections. @module */

import { checkClose } from "../../core/close_code.ts";
import type { Callback } from "../../core/listeners.ts";
import type { SocketEventMap } from "../../core/socket.ts";
import { type Message, Streams } from "../../core/streams.ts";
import { defineWebSocket, inspectWebSocket, toPayload } from "../../core/web_socket_base.ts";
import type { AttemptEvent } from "./attempt.ts";
import { type ReconnectConfig, Reconnector } from "./reconnector.ts";

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

const TYPES = ["open", "message", "error", "close", "connecting", "waiting"] as const;

/**
 * A `WebSocket` that has one connection after another, made by {@linkcode reconnect}.
 *
 * - `readyState` is CONNECTING until the first `open`, and again from the loss of a connection to the
 *   next `open`. CLOSED is final.
 * - `open`, `message`, `error` and `close` fire for each connection, in its order. A `close` event is
 *   the last one if `readyState` is CLOSED during it: there is always exactly one such event.
 * - `connecting` and `waiting` fire for attempts to connect.
 */
export class ReconnectingSocket implements WebSocket {
  static {
    defineWebSocket(this.prototype, TYPES, (socket) => socket.#reconnector.listeners);
  }

  /** 0: the value of `readyState` while a connection is being established or will be. */
  declare readonly CONNECTING: 0;
  /** 1: the value of `readyState` while there is a connection. */
  declare readonly OPEN: 1;
  /** 2: the value of `readyState` from `close()` until the last `close` event. */
  declare readonly CLOSING: 2;
  /** 3: the value of `readyState` from the last `close` event on. */
  declare readonly CLOSED: 3;

  /** Called when a connection is established. */
  declare onopen: ReconnectListener<"open"> | null;
  /** Called for each message. */
  declare onmessage: ReconnectListener<"message"> | null;
  /** Called when a connection or an attempt failed. */
  declare onerror: ReconnectListener<"error"> | null;
  /** Called when a connection has ended; the last time with `readyState` CLOSED. */
  declare onclose: ReconnectListener<"close"> | null;
  /** Called when an attempt begins. */
  declare onconnecting: ReconnectListener<"connecting"> | null;
  /** Called when another attempt is scheduled. */
  declare onwaiting: ReconnectListener<"waiting"> | null;

  readonly #reconnector: Reconnector;
  #made: Streams | undefined;

  /** Makes a socket, whose first attempt begins in a later task. {@linkcode reconnect} calls it. */
  constructor(config: ReconnectConfig, url: string, binaryType: BinaryType) {
    this.#reconnector = new Reconnector(this, config, url, binaryType);
  }

  /** State of the socket: CONNECTING (0), OPEN (1), CLOSING (2) or CLOSED (3). */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#reconnector.state;
  }

  /** Address of the current or last connection; `""` before a function has returned the first one. */
  get url(): string {
    return this.#reconnector.url;
  }

  /** Subprotocol of the connection; `""` if none, or while there is no connection. */
  get protocol(): string {
    return this.#reconnector.socket?.protocol ?? "";
  }

  /** Extensions of the connection, as far as the runtime reports them; `""` if none. */
  get extensions(): string {
    return this.#reconnector.socket?.extensions ?? "";
  }

  /** Number of bytes that are queued for the next connection, or buffered by the current one. */
  get bufferedAmount(): number {
    return this.#reconnector.bufferedAmount;
  }

  /**
   * Type of the data of `message` events for binary messages: `"blob"` or `"arraybuffer"`. Other
   * values are ignored.
   *
   * @default {"blob"}
   */
  get binaryType(): BinaryType {
    return this.#reconnector.binaryType;
  }
  set binaryType(value: BinaryType) {
    if (value === "blob" || value === "arraybuffer") this.#reconnector.setBinaryType(value);
  }

  /**
   * Sends a message, or queues it for the next connection if there is none. Each message is given to
   * one connection at most, in the order of the calls. Messages that a connection had taken when it
   * was lost may not have arrived, and are not sent again. `open` listeners run before the queue is
   * sent, so what they send arrives first.
   *
   * @throws {DOMException} `QuotaExceededError` if the queue has no capacity for it (`queue`).
   * @throws {TypeError} Without an argument, or for memory that is shared or can be resized.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    this.#reconnector.send(toPayload(data, arguments.length));
  }

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
  close(code?: number, reason?: string): void {
    const checked = checkClose("client", code, reason);
    this.#reconnector.close(checked.code, checked.reason);
  }

  /** Closes the socket, and waits until it is CLOSED. `await using` calls it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { closed } = this;
    this.close();
    await closed;
  }

  /** Resolves when the first connection is established; rejects if the socket is CLOSED before. */
  get opened(): Promise<void> {
    return this.#streams.opened;
  }

  /** Resolves with the last `close` event. Never rejects. */
  get closed(): Promise<CloseEvent> {
    return this.#streams.closed;
  }

  /**
   * Iterates over the messages of one connection after another. The loop ends when the socket is
   * CLOSED, and throws if the last connection was lost. While more than 64 KiB wait to be read, no
   * message is delivered, and the heartbeat is suspended. Leaving the loop leaves the socket open.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.#streams.iterate();
  }

  get #streams(): Streams {
    return this.#made ??= new Streams(this, this.#reconnector);
  }

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
  addEventListener(
    type: string,
    listener: Callback | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    this.#reconnector.listeners.add(type, listener, options);
  }

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
  removeEventListener(
    type: string,
    listener: Callback | null,
    options?: boolean | EventListenerOptions,
  ): void {
    this.#reconnector.listeners.remove(type, listener, options);
  }

  /**
   * Runs the listeners of an event that the program made.
   *
   * @returns `false` if a listener prevented its default, else `true`.
   * @throws {DOMException} `InvalidStateError` for an event that a socket has fired already.
   */
  dispatchEvent(event: Event): boolean {
    return this.#reconnector.listeners.dispatchForeign(this, event, this.#reconnector);
  }

  /** `"WebSocket"`, for `Object.prototype.toString`. */
  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  /** Returns what consoles print. */
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, unknown> {
    return inspectWebSocket(this);
  }
  /** The same for Deno's console. */
  [Symbol.for("Deno.privateCustomInspect")](
    inspect: (value: unknown, options: unknown) => string,
    options: unknown,
  ): string {
    return inspect(inspectWebSocket(this), options);
  }
}
