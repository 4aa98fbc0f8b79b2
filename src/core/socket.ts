/** The one interface: a `WebSocket` at either end of a connection, on every runtime. @module */

import { checkClose } from "./close_code.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import type { ConnectionGuard } from "./guarded.ts";
import type { StartConnection } from "./link.ts";
import type { Callback } from "./listeners.ts";
import { PAUSED, UNREAD } from "./pause_reason.ts";
import { CONNECTING } from "./ready_state.ts";
import type { SocketEventMap, SocketListener } from "./socket_events.ts";
import type { Message, Sendable } from "./streams.ts";
import {
  checkArguments,
  defineStates,
  defineWebSocket,
  inspectWebSocket,
  toPayload,
} from "./web_socket_base.ts";

/** Options that each socket has of its own. */
export interface SocketInit {
  /** Address, with the scheme `ws:` or `wss:`. */
  readonly url: string;
  /**
   * Type of the data of `message` events for binary messages.
   *
   * @default {"blob"}
   */
  readonly binaryType?: BinaryType | undefined;
  /** Subprotocols that a client offers. */
  readonly offered?: readonly string[];
  /** Guard of a server's socket. */
  readonly guard?: ConnectionGuard;
}

const TYPES = ["open", "message", "drain", "error", "close"] as const;

/** Gives a connection up, with the message and the cause of its error. For clients only. */
export let giveUp: (socket: Socket, message: string, cause: unknown) => void;

/** Holds messages of a socket back for who reads them elsewhere, until its end; or goes on. */
export let holdBack: (socket: Socket, held: boolean) => void;

/** Ends the turn of the event that a socket is firing, for who passes its events on. */
export let endTurn: (socket: Socket) => void;

/** Returns whether a value was made by the constructor of `Socket`, whatever its prototypes are. */
let isSocket: (value: unknown) => boolean;

/**
 * A `WebSocket`, made by {@linkcode connect}, {@linkcode upgrade}, or `pair()` in a test.
 *
 * It has the interface of the WHATWG WebSockets standard and can be used wherever a `WebSocket` is
 * expected. Beyond the standard it promises: `error` comes before `close`, `close` comes exactly
 * once and always, and code that awaits an event misses nothing of what follows.
 *
 * @example
 * ```ts
 * import { pair } from "@isosocket/isosocket/testing";
 * import assert from "node:assert/strict";
 *
 * const { client, server } = pair();
 * server.onmessage = (event) => server.send(event.data.toUpperCase());
 * client.onopen = () => client.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => client.onmessage = resolve);
 * assert.equal(data, "HELLO");
 * client.close(1000, "enough");
 * ```
 */
export class Socket implements WebSocket {
  /** The value of `readyState` before the connection is established. */
  declare static readonly CONNECTING: 0;
  /** The value of `readyState` while messages can be sent. */
  declare static readonly OPEN: 1;
  /** The value of `readyState` from `close()` until the connection is gone. */
  declare static readonly CLOSING: 2;
  /** The value of `readyState` when the connection is gone, or never came to be. */
  declare static readonly CLOSED: 3;

  static {
    giveUp = (socket, message, cause) => socket.#connection.abandon(message, "AbortError", cause);
    holdBack = (socket, held) => socket.#connection.setPaused(held, UNREAD);
    endTurn = (socket) => socket.#connection.events.endTurn();
    isSocket = (value) => typeof value === "object" && value !== null && #connection in value;
    defineStates(this);
    defineWebSocket(this.prototype, TYPES, (socket) => socket.#connection.listeners);
  }

  /** 0: the value of `readyState` before the connection is established. */
  declare readonly CONNECTING: 0;
  /** 1: the value of `readyState` while messages can be sent. */
  declare readonly OPEN: 1;
  /** 2: the value of `readyState` from `close()` until the connection is gone. */
  declare readonly CLOSING: 2;
  /** 3: the value of `readyState` when the connection is gone, or never came to be. */
  declare readonly CLOSED: 3;

  /** Called when the connection is established. */
  declare onopen: SocketListener<"open"> | null;
  /** Called for each message. */
  declare onmessage: SocketListener<"message"> | null;
  /** Called when no more than the low-water mark is buffered again, after more was. */
  declare ondrain: SocketListener<"drain"> | null;
  /** Called when something went wrong. */
  declare onerror: SocketListener<"error"> | null;
  /** Called when the connection is gone. */
  declare onclose: SocketListener<"close"> | null;

  readonly #connection: Connection;
  readonly #url: string;

  /**
   * Returns whether a value is a socket of this package: of `WebSocket` too, which has the standard's
   * chain of prototypes, and not this class in it.
   */
  static [Symbol.hasInstance](value: unknown): boolean {
    return this === Socket
      ? isSocket(value)
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /**
   * Makes a socket over a link. For authors of adapters: {@linkcode connect} and
   * {@linkcode upgrade} call it for everybody else.
   *
   * @param init Options of this socket alone.
   * @param options Options that it has in common with others.
   * @param begin Function that begins the connection.
   */
  constructor(init: SocketInit, options: ConnectionOptions, begin: StartConnection) {
    this.#url = init.url;
    const { binaryType = "blob", offered, guard } = init;
    this.#connection = new Connection(this, options, { binaryType, offered, guard }, begin);
  }

  /** State of the connection: CONNECTING (0), OPEN (1), CLOSING (2) or CLOSED (3). Never goes back. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#connection.seenState;
  }

  /** Address of the connection: at a server, the one that the client requested. */
  get url(): string {
    return this.#url;
  }

  /** Subprotocol agreed on; `""` if none, or not yet. */
  get protocol(): string {
    return this.#connection.protocol;
  }

  /** Extensions agreed on, as far as the runtime reports them; `""` if none, or not yet. */
  get extensions(): string {
    return this.#connection.extensions;
  }

  /**
   * Number of bytes of messages that were given to {@linkcode Socket.send} and have not left; 0 if
   * nothing is buffered. Messages sent too late, after `close()`, stay in it. A client's does not fall
   * before the program has let others run: to the code that calls `send()`, nothing has left.
   */
  get bufferedAmount(): number {
    return this.#connection.sender.seenAmount;
  }

  /**
   * Type of the data of `message` events for binary messages: `"blob"` or `"arraybuffer"`. Other
   * values are ignored.
   *
   * @default {"blob"}
   */
  get binaryType(): BinaryType {
    return this.#connection.binaryType;
  }
  set binaryType(value: BinaryType) {
    const connection = this.#connection; // refuses what is no socket, whatever the value
    const type = `${value}`;
    if (type === "blob" || type === "arraybuffer") connection.binaryType = type;
  }

  /**
   * Sends a message: a string as text, bytes or a Blob as binary. The bytes are captured at once.
   * Messages leave in the order of the calls. After {@linkcode Socket.close} nothing is sent, and
   * the size is added to {@linkcode Socket.bufferedAmount}.
   *
   * @param data The message. As in the standard, other values become strings.
   * @throws {DOMException} `InvalidStateError` while CONNECTING.
   * @throws {TypeError} Without an argument, or for memory that is shared or can be resized.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    const connection = this.#connection; // before the conversion, by WebIDL's order
    const payload = toPayload(data, arguments.length);
    if (connection.state === CONNECTING) {
      throw new DOMException(
        "Cannot send while CONNECTING: wait for the open event",
        "InvalidStateError",
      );
    }
    connection.sender.send(payload);
  }

  /**
   * Begins the closing handshake, behind the messages sent before. Returns before any event fires.
   *
   * A client that is still CONNECTING gives up: `error` and `close` with 1006 follow. A server
   * completes the opening handshake first, so that the client learns the code and the reason.
   *
   * @param code 1000, or 3000 to 4999; at a server also 1001 to 1003 and 1007 to 1014. Without a
   * code, the Close frame is empty, and the peer sees 1005.
   * @param reason Up to 123 bytes of UTF-8.
   * @throws {DOMException} `InvalidAccessError` for another code, `SyntaxError` for a longer reason.
   */
  close(code?: number, reason?: string): void {
    const connection = this.#connection;
    const checked = checkClose(connection.options.role, code, reason);
    connection.close(checked.code, checked.reason);
  }

  /**
   * Delivers no message until {@linkcode Socket.resume}, and stops reading from the network where
   * the runtime can (Bun, Node's servers), which slows the peer down. Where it cannot, messages are
   * kept, and a connection that brings more than 16 MiB meanwhile is dropped. A Close frame may be
   * noticed late; `close()` ends the pause. What had come before the connection ended waits as well, but
   * no longer than `closeTimeout`.
   */
  pause(): void {
    this.#connection.setPaused(true, PAUSED);
  }

  /** Delivers messages again after {@linkcode Socket.pause}. Returns before any event fires. */
  resume(): void {
    this.#connection.setPaused(false, PAUSED);
  }

  /**
   * Drops the connection now, without a closing handshake: buffered messages are lost. `error` and
   * `close` with 1006 follow. Browsers, Deno and Node's own client cannot drop a connection: there, it
   * is closed later.
   */
  terminate(): void {
    this.#connection.abandon("The socket was terminated");
  }

  /**
   * Resolves when the socket is OPEN. If it ends before, a client's promise rejects, which need not
   * be handled, and a server's resolves: check `readyState`. Messages wait for code that awaits it:
   * listeners and loops that begin right after it miss nothing.
   */
  get opened(): Promise<void> {
    return this.#connection.streams.opened;
  }

  /** Resolves with the `close` event when the socket is CLOSED. Never rejects. */
  get closed(): Promise<CloseEvent> {
    return this.#connection.streams.closed;
  }

  /**
   * Received messages, as a stream. It has the messages that arrive after the first use of this
   * property or of a loop over the socket. It ends with the socket, after all messages that had arrived
   * before. If no Close frame came, a client's stream ends with an error, and a server's without: see
   * `wasClean` of {@linkcode Socket.closed} and the `error` event. Cancelling it closes the socket.
   *
   * While more than 64 KiB wait to be read, no message is delivered, to listeners either, and the
   * peer is slowed down where the runtime can stop reading (Bun, Node's servers); where it cannot, a
   * connection that brings 16 MiB more is dropped.
   */
  get readable(): ReadableStream<Message> {
    return this.#connection.streams.readable;
  }

  /**
   * Messages to send, as a stream. A write waits for the open event, and is done when no more than
   * the low-water mark of the `drain` event is buffered. Closing the stream closes the socket.
   *
   * When the socket has ended, a client's stream fails. At a server, it stays writable, and writes are
   * discarded, as by {@linkcode Socket.send}: so no promise rejects because a peer was lost, which
   * would end a program that does not handle it. {@linkcode Socket.closed} resolves. Each such write
   * takes 1 ms longer than the one before, but no more than a second; at the 100th, the server's
   * `onError` is called.
   */
  get writable(): WritableStream<Sendable> {
    return this.#connection.streams.writable;
  }

  /**
   * Iterates over the received messages, and slows the peer down as {@linkcode Socket.readable} does.
   * The loop ends with the socket; a client's throws if no Close frame came. Leaving the loop leaves
   * the socket open, and another loop continues where it ended.
   *
   * @example
   * ```ts
   * import { pair } from "@isosocket/isosocket/testing";
   * import assert from "node:assert/strict";
   *
   * const { client, server } = pair();
   * client.onopen = () => {
   *   for (const data of ["one", "two"]) client.send(data);
   *   client.close();
   * };
   * const heard: unknown[] = [];
   * for await (const data of server) heard.push(data);
   * assert.deepEqual(heard, ["one", "two"]);
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.#connection.streams.iterate();
  }

  /** Closes the socket, and waits until it is CLOSED. `await using` calls it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { closed } = this;
    this.close();
    await closed;
  }

  /** Adds a listener of one of the socket's events. */
  addEventListener<K extends keyof SocketEventMap>(
    type: K,
    listener: SocketListener<K>,
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
    const { listeners } = this.#connection;
    checkArguments("add a listener", 2, arguments.length);
    listeners.add(type, listener, options);
  }

  /** Removes a listener of one of the socket's events. */
  removeEventListener<K extends keyof SocketEventMap>(
    type: K,
    listener: SocketListener<K>,
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
    const { listeners } = this.#connection;
    checkArguments("remove a listener", 2, arguments.length);
    listeners.remove(type, listener, options);
  }

  /**
   * Runs the listeners of an event that the program made.
   *
   * @returns `false` if a listener prevented its default, else `true`.
   * @throws {DOMException} `InvalidStateError` for an event whose listeners are running.
   * @throws {TypeError} For what is no event.
   */
  dispatchEvent(event: Event): boolean {
    const connection = this.#connection;
    checkArguments("dispatch an event", 1, arguments.length);
    return connection.listeners.dispatchForeign(this, event, connection);
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
