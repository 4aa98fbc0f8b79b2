/** A reconnecting socket with listeners and events of our own: the same on every runtime. @module */

import { checkClose } from "../../core/close_code.ts";
import {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  SocketMessageEvent,
} from "../../core/events.ts";
import { type Callback, type ListenerObserver, Listeners } from "../../core/listeners.ts";
import { endTurn, Socket } from "../../core/socket.ts";
import { type Message, Streams } from "../../core/streams.ts";
import { reportLater } from "../../core/task.ts";
import { defineWebSocket, inspectWebSocket, toPayload } from "../../core/web_socket_base.ts";
import type { EventMaker } from "./carrier.ts";
import {
  RECONNECT_EVENTS,
  type ReconnectingSocket,
  type ReconnectListener,
} from "./reconnecting_socket.ts";
import { type ReconnectConfig, Reconnector } from "./reconnector.ts";

/** What listeners throw is reported; what they return is theirs. */
const OBSERVER: ListenerObserver = { listenerThrew: reportLater, listenerReturned() {} };

/** A reconnecting socket over sockets of this package. */
export class ListeningSocket implements ReconnectingSocket {
  static {
    defineWebSocket(this.prototype, RECONNECT_EVENTS, (socket) => socket.#listeners);
  }

  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: ReconnectListener<"open"> | null;
  declare onmessage: ReconnectListener<"message"> | null;
  declare onerror: ReconnectListener<"error"> | null;
  declare onclose: ReconnectListener<"close"> | null;
  declare onconnecting: ReconnectListener<"connecting"> | null;
  declare onwaiting: ReconnectListener<"waiting"> | null;

  readonly #listeners: Listeners = new Listeners();
  readonly #reconnector: Reconnector;
  #made: Streams | undefined;

  /** Makes a socket, whose first attempt begins in a later task. */
  constructor(config: ReconnectConfig) {
    const events: EventMaker = {
      open: () => new SocketEvent("open", this),
      message: ({ data }) => new SocketMessageEvent(this, data),
      error: (error) => new SocketErrorEvent(this, error),
      close: (code, reason) => new SocketCloseEvent(this, code, reason),
      fire: (event) => this.#fire(event),
      report: reportLater,
    };
    this.#reconnector = new Reconnector(events, config);
  }

  #fire(event: Event): void {
    const { carrier } = this.#reconnector;
    const endsTurn = this.#listeners.dispatch(this, event, OBSERVER);
    if (endsTurn && carrier instanceof Socket) endTurn(carrier);
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#reconnector.state;
  }

  get url(): string {
    return this.#reconnector.url;
  }

  get protocol(): string {
    return this.#reconnector.carrier?.protocol ?? "";
  }

  get extensions(): string {
    return this.#reconnector.carrier?.extensions ?? "";
  }

  get bufferedAmount(): number {
    return this.#reconnector.bufferedAmount;
  }

  get binaryType(): BinaryType {
    return this.#reconnector.binaryType;
  }
  set binaryType(value: BinaryType) {
    if (value === "blob" || value === "arraybuffer") this.#reconnector.setBinaryType(value);
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    this.#reconnector.send(toPayload(data, arguments.length));
  }

  close(code?: number, reason?: string): void {
    const checked = checkClose("client", code, reason);
    this.#reconnector.close(checked.code, checked.reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { closed } = this;
    this.close();
    await closed;
  }

  get opened(): Promise<void> {
    return this.#streams.opened;
  }

  get closed(): Promise<CloseEvent> {
    return this.#streams.closed;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.#streams.iterate();
  }

  get #streams(): Streams {
    const reconnector = this.#reconnector;
    return this.#made ??= new Streams(this, {
      backlogged: false, // it has no writable stream
      get end() {
        return reconnector.end;
      },
      setPaused: (paused) => reconnector.setPaused(paused),
    });
  }

  addEventListener(
    type: string,
    listener: Callback | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    this.#listeners.add(type, listener, options);
  }

  removeEventListener(
    type: string,
    listener: Callback | null,
    options?: boolean | EventListenerOptions,
  ): void {
    this.#listeners.remove(type, listener, options);
  }

  dispatchEvent(event: Event): boolean {
    return this.#listeners.dispatchForeign(this, event, OBSERVER);
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
