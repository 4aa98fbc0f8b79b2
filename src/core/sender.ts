/** The outgoing half of a connection: what is sent, what is buffered, and when that has left. @module */

import { BlobQueue, type Transmission } from "./blob_queue.ts";
import type { Clock } from "./clock.ts";
import type { Role } from "./close_code.ts";
import { type Backlogged, forgetDrain, watchDrain } from "./drain_watch.ts";
import type { EventQueue } from "./event_queue.ts";
import type { Bytes, Link, SharedMessage } from "./link.ts";
import type { Payload } from "./payload.ts";
import { OPEN, type ReadyState } from "./ready_state.ts";
import { countSent, sentInTask } from "./sent_in_task.ts";

/** Number of bytes that may be buffered without `drain` being due, for sockets without limits. */
export const LOW_WATER_MARK: number = 1024 * 1024;

/** Decides what a server's connection may send. */
export interface SenderGuard {
  /** Number of bytes that may be buffered without `drain` being due. */
  readonly lowWaterMark: number;
  /**
   * Returns whether one more message may be sent while the connection is backlogged.
   *
   * @throws {DOMException} `QuotaExceededError` if the program has to wait for `drain`.
   */
  maySend(): boolean;
  /** Called for each message that was sent to this socket alone. */
  sent(data: Payload): void;
  /** Called when more than the low-water mark is buffered, and when that has drained. */
  backlogChanged(backlogged: boolean): void;
  /** Called when messages begin to wait for a Blob to be read, and when none waits any more. */
  delayChanged(): void;
}

/** Connection as its sender sees it. */
export interface SenderOwner {
  /** State of the connection, between 0 (CONNECTING) and 3 (CLOSED). */
  readonly state: ReadyState;
  /** Options, with the role of this end. */
  readonly options: { readonly role: Role };
  /** Way to the peer, from `opened` to the end. */
  readonly link: Link | undefined;
  /** Defers what the runtime reports during a call. */
  readonly events: EventQueue;
  /** Guard of a server's connection. */
  readonly guard: SenderGuard | undefined;
  /** Source of time. */
  readonly clock: Clock;
  /** Called with an error that nobody else can handle. */
  listenerThrew(error: unknown): void;
  /** Called when no message waits for a Blob any more, or with the error of one that cannot be read. */
  blobsSent(error?: unknown): void;
  /** Called when no more than the low-water mark is buffered, after more than that was. */
  drained(): void;
}

/** Sends the messages of one connection, over its link while there is one. */
export class Sender implements Backlogged {
  /** Whether more than the low-water mark is buffered, or was and `drain` has not been fired since. */
  backlogged = false;

  readonly #owner: SenderOwner;
  /** Messages behind a Blob. */
  #blobs: BlobQueue | undefined;
  /** Number of bytes given to `send()` too late to be sent. */
  #unsent = 0;

  /** Makes the sender of one connection. */
  constructor(owner: SenderOwner) {
    this.#owner = owner;
  }

  /** Source of time. */
  get clock(): Clock {
    return this.#owner.clock;
  }

  /** Number of bytes that are buffered, or that came too late to be sent. */
  get bufferedAmount(): number {
    return (this.#owner.link?.bufferedAmount ?? 0) + (this.#blobs?.bytes ?? 0) + this.#unsent;
  }

  /**
   * The same, as a program sees it: of a client, all that it has sent in its present run counts. A program
   * that sees too much waits for `drain`.
   */
  get seenAmount(): number {
    this.checkBacklog();
    const sent = sentInTask(this);
    if (sent === undefined) return this.bufferedAmount;
    if (sent > this.lowWaterMark) this.markBacklogged(); // however little is left
    return sent;
  }

  /** Number of bytes that are buffered, and of those that buffered messages take besides their own. */
  get bufferedMemory(): number {
    return this.bufferedAmount + (this.#owner.link?.overhead ?? 0);
  }

  /** Number of bytes that may be buffered without `drain` being due. */
  get lowWaterMark(): number {
    return this.#owner.guard?.lowWaterMark ?? LOW_WATER_MARK;
  }

  /** Whether messages wait for a Blob to be read. */
  get delayed(): boolean {
    return this.#blobs !== undefined;
  }

  /** Sends a message, unless it is too late. The socket has checked that it is not too early. */
  send(data: Payload): void {
    if (this.#owner.options.role === "client") countSent(this, data);
    if (this.#owner.state !== OPEN) {
      this.#unsent += BlobQueue.size(data);
      return;
    }
    const { guard } = this.#owner;
    if (this.backlogged && guard?.maySend() === false) return;
    if (this.#blobs !== undefined || (typeof data === "object" && data instanceof Blob)) {
      sendLater(this, data);
    } else {
      this.transmit(data);
    }
    guard?.sent(data);
    this.afterSend();
  }

  /**
   * Hands a message to the link, whatever is queued.
   *
   * @param shared The same message, where other connections are sent it too.
   */
  transmit(data: string | Bytes, shared?: SharedMessage): void {
    const { link, events } = this.#owner;
    if (link === undefined) return; // the connection ended while a Blob was read
    events.enter();
    try {
      if (shared === undefined || link.sendShared === undefined) link.send(data);
      else link.sendShared(shared);
    } finally {
      events.leave();
    }
  }

  /** Queues a message of some bytes behind a Blob, which it may be itself. */
  enqueue(size: number, transmission: Transmission): void {
    let blobs = this.#blobs;
    if (blobs === undefined) {
      const made = new BlobQueue((error) => {
        if (this.#blobs !== made) return; // the connection ended meanwhile
        this.#blobs = undefined;
        this.#owner.guard?.delayChanged();
        this.#owner.blobsSent(error);
      }, (error) => this.#owner.listenerThrew(error));
      this.#blobs = blobs = made;
      this.#owner.guard?.delayChanged();
    }
    blobs.add(size, transmission);
  }

  /** Marks the connection as backlogged if more than the low-water mark is buffered. */
  checkBacklog(): void {
    if (!this.backlogged && this.bufferedMemory > this.lowWaterMark) this.markBacklogged();
  }

  /** Marks it as such, whatever is left of that. Public: a private method would cost each socket 8 bytes. */
  markBacklogged(): void {
    if (this.backlogged || this.#owner.state !== OPEN) return;
    this.backlogged = true;
    watchDrain(this);
    this.#owner.guard?.backlogChanged(true);
  }

  /** The same after something was sent: skipped where the link's upper bound rules a backlog out. */
  afterSend(): void {
    const most = this.#owner.link?.mostBuffered ?? Infinity;
    if (most > this.lowWaterMark || this.delayed) this.checkBacklog();
  }

  checkDrained(): boolean {
    if (this.bufferedMemory > this.lowWaterMark) return false;
    this.backlogged = false;
    if (this.#owner.state === OPEN) {
      this.#owner.guard?.backlogChanged(false);
      this.#owner.drained();
    }
    return !this.backlogged; // a `drain` listener may send as much again
  }

  /**
   * Stops, right before the connection lets go of its link. Messages that have not left stay in
   * `bufferedAmount`.
   */
  stop(): void {
    this.#unsent = this.bufferedAmount; // does not fall again
    this.#blobs?.clear();
    this.#blobs = undefined;
    this.backlogged = false;
    forgetDrain(this);
  }
}

/** Queues a message that was given to `send()`. Bytes are copied: they stay the caller's. */
function sendLater(sender: Sender, data: Payload): void {
  const kept = typeof data === "string" || data instanceof Blob ? data : data.slice(0);
  sender.enqueue(BlobQueue.size(data), () => {
    if (!(kept instanceof Blob)) return sender.transmit(kept);
    return kept.arrayBuffer().then((bytes) => sender.transmit(new Uint8Array(bytes)));
  });
}
