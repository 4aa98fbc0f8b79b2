/** The socket of `connect()` in a page. @module */

import { OPEN } from "../core/ready_state.ts";
import { LOW_WATER_MARK } from "../core/sender.ts";
import type { Socket } from "../core/socket.ts";
import type { SocketListener } from "../core/socket_events.ts";
import type { Sendable } from "../core/streams.ts";
import { queueTask } from "../core/task.ts";
import { defineStates } from "../core/web_socket_base.ts";
import { NativeSocket } from "./native_socket.ts";
import { closeEvent, defineAttributes, errorEvent, messageEvent } from "./page_events.ts";
import { writableOf } from "./page_streams.ts";

/** Milliseconds between two looks at what is buffered. */
const INTERVAL = 5;

/**
 * What `connect()` returns in a page: all that a `Socket` has, with listeners and events of the
 * platform. It is no subclass of the platform's `WebSocket`, whose events would be the wrong ones.
 */
export class PageSocket extends NativeSocket implements WebSocket, Pick<Socket, keyof Socket> {
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

  #writable: WritableStream<Sendable> | undefined;
  #isDraining = false;

  protected onOpened(): void {
    this.fire(new Event("open"));
  }
  protected onReceived(event: MessageEvent): void {
    this.fire(messageEvent(event));
  }
  protected onEnded(code: number, reason: string, error: unknown): void {
    const event = closeEvent(code, reason);
    if (error !== undefined) this.fire(errorEvent(error));
    queueTask(() => this.fire(event, { event, error })); // code that awaits the error hears it
  }

  override get bufferedAmount(): number {
    this.#watch();
    return super.bufferedAmount;
  }
  override send(...data: [data: string | ArrayBuffer | ArrayBufferView | Blob]): void {
    super.send(...data);
    this.#watch();
  }
  get writable(): WritableStream<Sendable> {
    return this.#writable ??= writableOf(this, this.ended, async () => {
      await new Promise<void>(queueTask); // others have their turn
      while (this.#isBacklogged) {
        await new Promise<void>((resolve) => setTimeout(resolve, INTERVAL));
      }
    });
  }

  get #isBacklogged(): boolean {
    return this.readyState === OPEN && super.bufferedAmount > LOW_WATER_MARK;
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
