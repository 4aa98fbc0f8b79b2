/** The one interface: a `WebSocket` at either end of a connection, on every runtime. @module */

import { checkClose } from "./close_code.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import type { Guard } from "./guard.ts";
import type { Begin } from "./link.ts";
import type { Callback } from "./listeners.ts";
import type { Outgoing } from "./outbox.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN } from "./ready_state.ts";

/** The events of a {@linkcode Socket}. */
export interface SocketEventMap {
  /** The connection is established: messages can be sent. */
  open: Event;
  /** A message arrived: a string, or binary in the form that `binaryType` asks for. */
  message: MessageEvent;
  /** Little enough waits to be sent again, after more than the low-water mark did. */
  drain: Event;
  /** Something went wrong; `close` follows. `error` and `message` on the event say what. */
  error: Event & { readonly error?: unknown; readonly message?: string };
  /** The connection is gone. Last, and exactly once. */
  close: CloseEvent;
}

/** A listener of one kind of event. It may be asynchronous. */
export type SocketListener<K extends keyof SocketEventMap> = (
  this: WebSocket,
  event: SocketEventMap[K],
) => unknown;

/** What each socket has of its own when it begins. */
export interface SocketInit {
  /** The address, with the scheme `ws:` or `wss:`. */
  readonly url: string;
  /**
   * What `message` events carry for binary.
   *
   * @default {"blob"}
   */
  readonly binaryType?: BinaryType | undefined;
  /** The subprotocols that a client offers. */
  readonly offered?: readonly string[];
  /** What a server holds the socket to. */
  readonly guard?: Guard;
}

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/**
 * A `WebSocket`, wherever it came from: {@linkcode connect}, {@linkcode upgrade}, or a test's `pair()`.
 *
 * It has the interface of the WHATWG WebSockets standard and can be given to whatever takes a
 * `WebSocket`. Beyond the standard it promises: `error` comes before `close`, `close` comes exactly
 * once and always, and messages wait while an asynchronous `open` listener is at work.
 *
 * @example
 * ```ts
 * import { pair } from "@isosocket/isosocket/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { client, server } = pair();
 * server.onmessage = (event) => server.send(event.data.toUpperCase());
 * client.onopen = () => client.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => client.onmessage = resolve);
 * assertEquals(data, "HELLO");
 * client.close(1000, "enough");
 * ```
 */
export class Socket implements WebSocket {
  /** The value of `readyState` before the connection is established. */
  static readonly CONNECTING = 0;
  /** The value of `readyState` while messages can be sent. */
  static readonly OPEN = 1;
  /** The value of `readyState` from `close()` until the connection is gone. */
  static readonly CLOSING = 2;
  /** The value of `readyState` when the connection is gone, or never came to be. */
  static readonly CLOSED = 3;

  static {
    Object.setPrototypeOf(this.prototype, EventTarget.prototype);
    for (const on of [this, this.prototype]) {
      Object.defineProperties(on, {
        CONNECTING: { value: CONNECTING, enumerable: true, writable: false, configurable: false },
        OPEN: { value: OPEN, enumerable: true, writable: false, configurable: false },
        CLOSING: { value: CLOSING, enumerable: true, writable: false, configurable: false },
        CLOSED: { value: CLOSED, enumerable: true, writable: false, configurable: false },
      });
    }
  }

  /** 0: the value of `readyState` before the connection is established. */
  declare readonly CONNECTING: 0;
  /** 1: the value of `readyState` while messages can be sent. */
  declare readonly OPEN: 1;
  /** 2: the value of `readyState` from `close()` until the connection is gone. */
  declare readonly CLOSING: 2;
  /** 3: the value of `readyState` when the connection is gone, or never came to be. */
  declare readonly CLOSED: 3;

  readonly #connection: Connection;
  readonly #url: string;
  readonly #options: ConnectionOptions;

  /**
   * Makes a socket over a link. For authors of adapters: {@linkcode connect} and
   * {@linkcode upgrade} call it for everybody else.
   *
   * @param init What this socket has of its own.
   * @param options What it has in common with others.
   * @param begin Begins the connection.
   */
  constructor(init: SocketInit, options: ConnectionOptions, begin: Begin) {
    this.#url = init.url;
    this.#options = options;
    const { binaryType = "blob", offered, guard } = init;
    this.#connection = new Connection(this, options, { binaryType, offered, guard }, begin);
  }

  /** Where the connection is: CONNECTING (0), OPEN (1), CLOSING (2) or CLOSED (3). Never goes back. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#connection.state;
  }

  /** The address of the connection: at a server, the one that the client asked for. */
  get url(): string {
    return this.#url;
  }

  /** The subprotocol agreed on; `""` if none, or not yet. */
  get protocol(): string {
    return this.#connection.protocol;
  }

  /** The extensions agreed on, as far as the runtime tells; `""` if none, or not yet. */
  get extensions(): string {
    return this.#connection.extensions;
  }

  /**
   * Bytes of messages that were given to {@linkcode Socket.send} and have not left. 0 means that
   * nothing waits; what was sent too late, after `close()`, stays in it.
   */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  /**
   * What `message` events carry for binary: `"blob"` or `"arraybuffer"`. Anything else is ignored.
   *
   * @default {"blob"}
   */
  get binaryType(): BinaryType {
    return this.#connection.binaryType;
  }
  set binaryType(value: BinaryType) {
    if (value === "blob" || value === "arraybuffer") this.#connection.binaryType = value;
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
    if (arguments.length === 0) {
      throw new TypeError("Cannot send: 1 argument is required, but there is none");
    }
    const outgoing = typeof data === "string" ? data : convert(data);
    if (this.#connection.state === CONNECTING) {
      throw new DOMException(
        "Cannot send while CONNECTING: wait for the open event",
        "InvalidStateError",
      );
    }
    this.#connection.send(outgoing);
  }

  /**
   * Begins the closing handshake, after what was sent before. Returns before any event fires.
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
    const checked = checkClose(this.#options.role, code, reason);
    this.#connection.close(checked.code, checked.reason);
  }

  /**
   * Drops the connection now: no closing handshake, and what has not left is lost. `error` and
   * `close` with 1006 follow. Browsers, Deno and Node's own client cannot cut a connection: there
   * the socket lets go of it, and the runtime closes it in its own time.
   */
  terminate(): void {
    this.#connection.terminate();
  }

  /** Called when the connection is established. */
  get onopen(): SocketListener<"open"> | null {
    return this.#connection.listeners.attribute("open") as SocketListener<"open"> | null;
  }
  set onopen(listener: SocketListener<"open"> | null) {
    this.#connection.listeners.setAttribute("open", listener);
  }

  /** Called for each message. */
  get onmessage(): SocketListener<"message"> | null {
    return this.#connection.listeners.attribute("message") as SocketListener<"message"> | null;
  }
  set onmessage(listener: SocketListener<"message"> | null) {
    this.#connection.listeners.setAttribute("message", listener);
  }

  /** Called when little enough waits to be sent again, after more than the low-water mark did. */
  get ondrain(): SocketListener<"drain"> | null {
    return this.#connection.listeners.attribute("drain") as SocketListener<"drain"> | null;
  }
  set ondrain(listener: SocketListener<"drain"> | null) {
    this.#connection.listeners.setAttribute("drain", listener);
  }

  /** Called when something went wrong. */
  get onerror(): SocketListener<"error"> | null {
    return this.#connection.listeners.attribute("error") as SocketListener<"error"> | null;
  }
  set onerror(listener: SocketListener<"error"> | null) {
    this.#connection.listeners.setAttribute("error", listener);
  }

  /** Called when the connection is gone. */
  get onclose(): SocketListener<"close"> | null {
    return this.#connection.listeners.attribute("close") as SocketListener<"close"> | null;
  }
  set onclose(listener: SocketListener<"close"> | null) {
    this.#connection.listeners.setAttribute("close", listener);
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
    this.#connection.listeners.add(type, listener, options);
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
    this.#connection.listeners.remove(type, listener, options);
  }

  /**
   * Runs the listeners of an event that the program made.
   *
   * @returns `false` if a listener prevented its default, else `true`.
   * @throws {DOMException} `InvalidStateError` for an event that a socket has fired already.
   */
  dispatchEvent(event: Event): boolean {
    return this.#connection.dispatch(event);
  }

  /** `"WebSocket"`: what `Object.prototype.toString` prints. */
  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  /** What consoles print. */
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, unknown> {
    const { url, readyState, protocol, bufferedAmount } = this;
    return { url, readyState, protocol, bufferedAmount };
  }
  /** The same for Deno's console. */
  [Symbol.for("Deno.privateCustomInspect")](
    inspect: (value: unknown, options: unknown) => string,
    options: unknown,
  ): string {
    const { url, readyState, protocol, bufferedAmount } = this;
    return inspect({ url, readyState, protocol, bufferedAmount }, options);
  }
}

/** The argument of `send()` by WebIDL's rules, where it is no string. For sockets only. */
export function convert(data: unknown): Outgoing {
  const isView = ArrayBuffer.isView(data);
  const buffer = isView ? data.buffer : data;
  if (!(buffer instanceof ArrayBuffer)) {
    if (buffer instanceof Blob) return buffer;
    const tag = Object.prototype.toString.call(buffer);
    if (tag === "[object SharedArrayBuffer]") {
      throw new TypeError("Cannot send shared memory: copy it first");
    }
    if (tag !== "[object ArrayBuffer]") return `${data}`; // unlike String(), not for symbols
  }
  const memory = buffer as ArrayBuffer & { resizable?: boolean };
  if (memory.resizable) throw new TypeError("Cannot send a resizable buffer: copy it first");
  const { byteLength } = isView ? data : memory;
  if (byteLength === 0) return EMPTY;
  if (!isView) return memory;
  if (data instanceof Uint8Array) return data as Uint8Array<ArrayBuffer>;
  return new Uint8Array(memory, data.byteOffset, byteLength);
}
