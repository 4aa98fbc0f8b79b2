/** The socket of `connect()` in a page. @module */

import { UNREAD } from "../core/pause_reason.ts";
import { OPEN } from "../core/ready_state.ts";
import { LOW_WATER_MARK } from "../core/sender.ts";
import type { Socket, SocketListener } from "../core/socket.ts";
import type { Sendable } from "../core/streams.ts";
import { queueTask } from "../core/task.ts";
import { defineStates } from "../core/web_socket_base.ts";
import type { NativeConnection } from "./native_connection.ts";
import { closeEvent, defineAttributes, errorEvent, messageEvent } from "./page_events.ts";
import { writableOf } from "./page_streams.ts";
import { PageTarget } from "./page_target.ts";

/** Milliseconds between two looks at what is buffered. */
const INTERVAL = 5;

/**
 * What `connect()` returns in a page: all that a `Socket` has, with listeners and events of the
 * platform. It is no subclass of the platform's `WebSocket`, whose events would be the wrong ones.
 */
export class PageSocket extends PageTarget implements WebSocket, Pick<Socket, keyof Socket> {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare onopen: SocketListener<"open"> | null;
  declare onmessage: SocketListener<"message"> | null;
  declare ondrain: SocketListener<"drain"> | null;
  declare onerror: SocketListener<"error"> | null;
  declare onclose: SocketListener<"close"> | null;

  static {
    defineStates(this);
    defineAttributes(this.prototype, ["open", "message", "drain", "error", "close"]);
  }

  readonly #connection: NativeConnection;
  #writable: WritableStream<Sendable> | undefined;
  #isDraining = false;

  /** Makes a socket over a connection that has just begun. */
  constructor(connection: NativeConnection) {
    super();
    this.#connection = connection;
    connection.onopen = () => this.fire(new Event("open"));
    connection.onmessage = (event) => this.fire(messageEvent(event));
    connection.onend = (code, reason, error) => {
      const event = closeEvent(code, reason);
      if (error !== undefined) this.fire(errorEvent(error));
      this.fire(event, { event, error });
    };
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#connection.readyState;
  }
  get url(): string {
    return this.#connection.url;
  }
  get protocol(): string {
    return this.#connection.protocol;
  }
  get extensions(): string {
    return this.#connection.extensions;
  }
  get bufferedAmount(): number {
    this.#watch();
    return this.#connection.bufferedAmount;
  }
  get binaryType(): BinaryType {
    return this.#connection.binaryType;
  }
  set binaryType(type: BinaryType) {
    this.#connection.binaryType = type;
  }

  send(...data: [data: string | ArrayBuffer | ArrayBufferView | Blob]): void {
    this.#connection.send(...data);
    this.#watch();
  }
  close(code?: number, reason?: string): void {
    this.#connection.close(code, reason);
  }
  pause(): void {
    this.#connection.pause();
  }
  resume(): void {
    this.#connection.resume();
  }
  terminate(): void {
    this.#connection.terminate();
  }

  get writable(): WritableStream<Sendable> {
    return this.#writable ??= writableOf(this, this.ended, async () => {
      await new Promise<void>(queueTask); // others have their turn
      while (this.#isBacklogged) {
        await new Promise<void>((resolve) => setTimeout(resolve, INTERVAL));
      }
    });
  }

  protected setPaused(paused: boolean): void {
    if (paused) this.#connection.pause(UNREAD);
    else this.#connection.resume(UNREAD);
  }

  get #isBacklogged(): boolean {
    const { readyState, bufferedAmount } = this.#connection;
    return readyState === OPEN && bufferedAmount > LOW_WATER_MARK;
  }

  /** Fires `drain` when that is due: browsers do not tell when buffered messages have left. */
  #watch(): void {
    if (this.#isDraining || !this.#isBacklogged) return;
    const check = (): void => {
      this.#isDraining = this.#isBacklogged;
      if (this.#isDraining) setTimeout(check, INTERVAL);
      else if (this.readyState === OPEN) this.fire(new Event("drain"));
    };
    check();
  }
}
