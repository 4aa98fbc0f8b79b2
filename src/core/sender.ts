/** The way out of a connection: what is sent, what waits, and when it has left. @module */

import type { Clock } from "./clock.ts";
import { type Backlogged, forgetDrain, watchDrain } from "./drain_watch.ts";
import type { Guard } from "../server/guard.ts";
import { LOW_WATER_MARK } from "../server/limits.ts";
import type { Bytes, Link, SharedMessage } from "./link.ts";
import { Order } from "./event_queue.ts";
import { BlobQueue, type Leave } from "./blob_queue.ts";
import type { Payload } from "./payload.ts";
import { OPEN, type ReadyState } from "./ready_state.ts";

/** What a connection sends. */
export abstract class Outflow extends Order implements Backlogged {
  /** Where the socket is between 0 (CONNECTING) and 3 (CLOSED). */
  abstract readonly state: ReadyState;
  /** Where time comes from. */
  abstract readonly clock: Clock;
  /** What leads to the peer, while there is something. */
  link: Link | undefined;
  /** More than the low-water mark waits, or did, and `drain` has not been told since. */
  backlogged = false;
  /** What a server holds the connection to. */
  protected readonly guard: Guard | undefined;
  /** Messages behind a Blob. */
  #outbox: BlobQueue | undefined;
  /** Bytes given to `send()` too late to be sent. */
  #unsent = 0;

  /** Begins with nothing to send. */
  constructor(guard: Guard | undefined) {
    super();
    this.guard = guard;
  }

  /** Called with an error that nobody else can handle. */
  abstract listenerThrew(error: unknown): void;

  /** Told when no message waits for a Blob any more, or that one could not be read. */
  protected abstract emptied(error?: unknown): void;

  /** Told when little enough waits. */
  protected abstract drained(): void;

  /** Bytes that are on their way, or that came too late to be. */
  get bufferedAmount(): number {
    return (this.link?.bufferedAmount ?? 0) + (this.#outbox?.bytes ?? 0) + this.#unsent;
  }

  /** What is on its way, and the memory that it takes beside its own. */
  get waiting(): number {
    return this.bufferedAmount + (this.link?.overhead ?? 0);
  }

  /** Whether messages wait for a Blob to be read. */
  get delayed(): boolean {
    return this.#outbox !== undefined;
  }

  /** Sends a message, unless it is too late. The socket has checked that it is not too early. */
  send(data: Payload): void {
    if (this.state !== OPEN) {
      this.#unsent += BlobQueue.size(data);
      return;
    }
    const { guard } = this;
    if (this.backlogged && guard !== undefined && !guard.maySend()) return;
    if (this.#outbox !== undefined || (typeof data === "object" && data instanceof Blob)) {
      this.#sendLater(data);
    } else {
      this.#transmit(data);
    }
    guard?.sent(data);
    this.grown();
  }

  /** Sends a message that others get too. */
  share(shared: SharedMessage): void {
    if (this.link?.sendShared === undefined) return this.#transmit(shared.data);
    this.enter();
    try {
      this.link.sendShared(shared);
    } finally {
      this.leave();
    }
  }

  /** Lets a message of some bytes wait for a Blob, which it may be itself. */
  postpone(size: number, leave: Leave): void {
    let outbox = this.#outbox;
    if (outbox === undefined) {
      const made = new BlobQueue((error) => {
        if (this.#outbox === made) this.#emptied(error); // else the connection ended meanwhile
      }, (error) => this.listenerThrew(error));
      this.#outbox = outbox = made;
      this.guard?.delayed();
    }
    outbox.add(size, leave);
  }

  /** After something was sent: looks if so much waits, unless it cannot be. */
  grown(): void {
    const most = this.link?.mostBuffered;
    if (most === undefined || most > this.#lowWaterMark || this.delayed) this.measure();
  }

  /** Looks if so much waits that `drain` will have something to tell. */
  measure(): void {
    if (!this.backlogged && this.waiting > this.#lowWaterMark && this.state === OPEN) {
      this.backlogged = true;
      watchDrain(this);
      this.guard?.clogged(true);
    }
  }

  /** Looks if what waited has left. A `drain` listener may send as much again. */
  look(): boolean {
    if (this.waiting > this.#lowWaterMark) return false;
    this.backlogged = false;
    if (this.state === OPEN) this.drained();
    return !this.backlogged;
  }

  /** The way is cut: what has not left stays in `bufferedAmount`. */
  protected cut(): void {
    this.#unsent = this.bufferedAmount; // does not fall again
    this.link = undefined;
    this.#outbox?.clear();
    this.#outbox = undefined;
    if (!this.backlogged) return;
    this.backlogged = false;
    forgetDrain(this);
  }

  /** Bytes are copied: they stay the caller's. */
  #sendLater(data: Payload): void {
    const kept = typeof data === "string" || data instanceof Blob ? data : data.slice(0);
    this.postpone(BlobQueue.size(data), () => {
      if (!(kept instanceof Blob)) return this.#transmit(kept);
      return kept.arrayBuffer().then((bytes) => this.#transmit(new Uint8Array(bytes)));
    });
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
  #emptied(error?: unknown): void {
    this.#outbox = undefined;
    this.guard?.delayed();
    this.emptied(error);
  }

  get #lowWaterMark(): number {
    return this.guard?.limits.lowWaterMark ?? LOW_WATER_MARK;
  }
}
