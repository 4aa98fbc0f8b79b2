/** Holds the sockets of a server to its limits: sizes, rates, signs of life. Counts traffic. @module */

import type { ConnectionGuard, GuardedConnection } from "../core/guarded.ts";
import { fits } from "../core/max_payload.ts";
import { BACKLOGGED } from "../core/pause_reason.ts";
import { type Payload, sizeOf } from "../core/payload.ts";
import type { Subscriber, Traffic } from "../pubsub/subscriber.ts";
import type { CheckedLimits } from "./limits.ts";
import type { LivenessTicks, LivenessTimer } from "./liveness_timer.ts";

/** Server as its guards see it: counts, a timer, a clock, and callbacks. */
export interface GuardOwner {
  /** Counts of all sockets. */
  readonly traffic: Traffic;
  /** Timer that calls {@linkcode Guard.tick}. */
  readonly livenessTimer: LivenessTimer;
  /** Returns the time in milliseconds. It never goes back. */
  now(): number;
  /** Called when a socket is OPEN. */
  opened(guard: Guard): void;
  /** Called when a socket becomes backlogged or delayed, or is no longer. */
  sendabilityChanged(guard: Guard): void;
  /** Called when a socket is no longer OPEN. */
  closing(guard: Guard): void;
  /** Called when a socket is CLOSED. */
  closed(guard: Guard, code: number): void;
}

/** Window in which messages are counted, in milliseconds. */
const SECOND = 1000;

/** Guard of one socket of a server. Its connection calls it. */
export class Guard implements ConnectionGuard, Subscriber {
  /** Limits of the socket. */
  readonly limits: CheckedLimits;
  /** Address group that the socket counts for, where sockets are counted by address. */
  readonly address: string | undefined;
  readonly #owner: GuardOwner;
  #connection: GuardedConnection | undefined;
  /** Number of ticks since the last sign of life. */
  #quiet = 0;
  /** Number of bytes read, less those buffered, at the last tick. */
  #progress = 0;
  /** Number of messages since {@linkcode Guard.#since}. */
  #messages = 0;
  #since = 0;

  /** Makes the guard of one socket. */
  constructor(limits: CheckedLimits, owner: GuardOwner, address: string | undefined) {
    this.limits = limits;
    this.address = address;
    this.#owner = owner;
  }

  attach(connection: GuardedConnection): void {
    this.#connection = connection;
  }

  get connection(): GuardedConnection {
    return this.#connection!;
  }

  get lowWaterMark(): number {
    return this.limits.lowWaterMark;
  }

  opened(): void {
    this.#owner.livenessTimer.add(this);
    this.#owner.opened(this);
  }

  heard(): void {
    this.#quiet = 0;
  }

  received(data: string | ArrayBuffer): boolean {
    this.#quiet = 0;
    const { traffic } = this.#owner;
    const { maxPayload, maxMessagesPerSecond } = this.limits;
    const size = sizeOf(data);
    traffic.received++;
    traffic.bytesReceived += size;
    // One comparison for most, of what is known already.
    if (size * 3 > maxPayload && !fits(data, this.connection, maxPayload)) return false;
    return ++this.#messages <= maxMessagesPerSecond || this.#keepsPace();
  }

  /** Returns whether as many messages as may come in a second took at least a second to come. */
  #keepsPace(): boolean {
    const now = this.#owner.now();
    const took = now - this.#since;
    this.#since = now;
    this.#messages = 1;
    if (took >= SECOND) return true;
    const message = `More than ${this.limits.maxMessagesPerSecond} messages came in a second`;
    this.connection.closeWithError(1008, "Too many messages", quotaExceeded(message)); // 7.4.1
    return false;
  }

  maySend(): boolean {
    const { maxBuffered, overflow } = this.limits;
    const { bufferedMemory } = this.connection.sender;
    if (bufferedMemory < maxBuffered) return true;
    const wait = `${Math.round(bufferedMemory)} bytes wait, and maxBuffered is ${maxBuffered}`;
    if (overflow === "wait") throw quotaExceeded(`Cannot send: ${wait}: wait for drain`);
    this.#owner.traffic.dropped++;
    if (overflow === "close") {
      const error = quotaExceeded(`The peer does not read: ${wait}`);
      this.connection.closeWithError(1013, "Too slow", error);
    }
    return false;
  }

  /** The same for a published message: it is dropped where one that is sent would have to wait. */
  mayShare(): boolean {
    if (this.limits.overflow !== "wait") return this.maySend();
    if (this.connection.sender.bufferedMemory < this.limits.maxBuffered) return true;
    this.#owner.traffic.dropped++;
    return false;
  }

  sent(data: Payload): void {
    const { traffic } = this.#owner;
    traffic.sent++;
    traffic.bytesSent += sizeOf(data);
  }

  backlogChanged(backlogged: boolean): void {
    if (this.limits.overflow === "wait") this.connection.setPaused(backlogged, BACKLOGGED);
    this.#owner.sendabilityChanged(this);
  }

  delayChanged(): void {
    this.#owner.sendabilityChanged(this);
  }

  closing(): void {
    this.#owner.livenessTimer.delete(this);
    this.#owner.closing(this);
  }

  closed(code: number): void {
    this.#owner.closed(this, code);
  }

  /** Drops a dead peer, and pings a quiet one. Called by the server's timer. */
  tick({ heartbeat, idle }: LivenessTicks): void {
    const { link, sender: { bufferedAmount } } = this.connection;
    if (link === undefined) return;
    link.look?.();
    // A runtime that pings by itself does so at idle / 2, but its Ping queues behind buffered data.
    const pingsItself = heartbeat > 0 && link.ping === undefined;
    // A Pong cannot come in the middle of a long message, nor for a Ping that waits behind one.
    const progress = (link.bytesRead ?? 0) - bufferedAmount;
    if (progress > this.#progress || (pingsItself && bufferedAmount === 0)) this.#quiet = 0;
    this.#progress = progress;
    const quiet = ++this.#quiet;
    if (idle > 0 && quiet > (pingsItself ? idle / 2 : idle)) {
      this.connection.abandon("Nothing came from the peer within idleTimeout", "TimeoutError");
    } else if (heartbeat > 0 && quiet % heartbeat === 0) {
      link.ping?.();
    }
  }
}

function quotaExceeded(message: string): DOMException {
  return new DOMException(message, "QuotaExceededError");
}
