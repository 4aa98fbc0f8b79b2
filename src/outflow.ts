/** The way out of a connection: what is sent, what waits, and when it has left. @module */

import { type Clogged, forgetDrain, watchDrain } from "./drain.ts";
import type { Guard } from "./guard.ts";
import { LOW_WATER_MARK } from "./limits.ts";
import type { Bytes, Link, Shared } from "./link.ts";
import { Order } from "./order.ts";
import { Outbox } from "./outbox.ts";
import type { Outgoing } from "./outgoing.ts";
import { OPEN, type ReadyState } from "./ready_state.ts";

/** What a connection sends. */
export abstract class Outflow extends Order implements Clogged {
  /** Where the socket is between 0 (CONNECTING) and 3 (CLOSED). */
  abstract readonly state: ReadyState;
  /** What leads to the peer, while there is something. */
  link: Link | undefined;
  /** More than the low-water mark waits, or did, and `drain` has not been told since. */
  clogged = false;
  /** What a server holds the connection to. */
  protected readonly guard: Guard | undefined;
  /** Messages behind a Blob. */
  #outbox: Outbox | undefined;
  /** Bytes given to `send()` too late to be sent. */
  #unsent = 0;

  /** Begins with nothing to send. */
  constructor(guard: Guard | undefined) {
    super();
    this.guard = guard;
  }

  /** Told when no message waits for a Blob any more, or that one could not be read. */
  protected abstract emptied(error?: unknown): void;

  /** Told when little enough waits. */
  protected abstract drained(): void;

  /** Bytes that are on their way, or that came too late to be. */
  get bufferedAmount(): number {
    return (this.link?.bufferedAmount ?? 0) + (this.#outbox?.bytes ?? 0) + this.#unsent;
  }

  /** Whether messages wait for a Blob to be read. */
  get delayed(): boolean {
    return this.#outbox !== undefined;
  }

  /** Sends a message, unless it is too late. The socket has checked that it is not too early. */
  send(data: Outgoing): void {
    if (this.state !== OPEN) {
      this.#unsent += Outbox.size(data);
      return;
    }
    const { guard } = this;
    if (this.clogged && guard !== undefined && !guard.maySend()) return;
    if (this.#outbox !== undefined || (typeof data === "object" && data instanceof Blob)) {
      this.#outbox ??= new Outbox((next) => this.#transmit(next), (error) => this.#read(error));
      this.#outbox.add(data);
    } else {
      this.#transmit(data);
    }
    guard?.sent(data);
    this.measure();
  }

  /** Sends a message that others get too. Its guard has seen that it may. */
  sendShared(shared: Shared): void {
    const { link } = this;
    if (this.#outbox !== undefined) this.#outbox.add(shared.data);
    else if (link!.sendShared === undefined) this.#transmit(shared.data);
    else {
      this.enter();
      link!.sendShared(shared);
      this.leave();
    }
    this.measure();
  }

  /** Looks if so much waits that `drain` will have something to tell. */
  measure(): void {
    if (this.clogged || this.bufferedAmount <= this.#lowWaterMark) return;
    this.clogged = true;
    watchDrain(this);
    this.guard?.clogged(true);
  }

  /** Looks if what waited has left. */
  look(): boolean {
    if (this.bufferedAmount > this.#lowWaterMark) return false;
    this.clogged = false;
    if (this.state === OPEN) this.drained();
    return true;
  }

  /** The way is cut: what has not left stays in `bufferedAmount`. */
  protected cut(): void {
    this.#unsent = this.bufferedAmount; // does not fall again
    this.link = undefined;
    this.#outbox = undefined;
    if (this.clogged) forgetDrain(this);
  }

  #transmit(data: string | Bytes): void {
    this.enter();
    try {
      this.link?.send(data); // there is none if the connection ended while a Blob was read
    } finally {
      this.leave();
    }
  }

  /** The last Blob has left, or could not be read. */
  #read(error?: unknown): void {
    this.#outbox = undefined;
    this.emptied(error);
  }

  get #lowWaterMark(): number {
    return this.guard?.limits.lowWaterMark ?? LOW_WATER_MARK;
  }
}
