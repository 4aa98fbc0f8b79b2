/** What a server holds its sockets to: limits, signs of life, and counts. @module */

import type { SocketTarget } from "../core/events.ts";
import { type CheckedLimits, fits } from "./limits.ts";
import type { Link, SharedMessage } from "../core/link.ts";
import { CLOGGED } from "../core/event_queue.ts";
import type { Leave } from "../core/blob_queue.ts";
import type { Payload } from "../core/payload.ts";
import type { LivenessTicks, LivenessTimer } from "./liveness_timer.ts";
import type { ReadyState } from "../core/ready_state.ts";

/** A connection as its guard sees it. */
export interface GuardedConnection {
  /** Where it is between 0 (CONNECTING) and 3 (CLOSED). */
  readonly state: ReadyState;
  /** What leads to the peer, while there is something. */
  readonly link: Link | undefined;
  /** Bytes that wait. */
  readonly bufferedAmount: number;
  /** The same, and the memory that it takes beside its own. */
  readonly waiting: number;
  /** Whether messages wait for a Blob to be read. */
  readonly delayed: boolean;
  /** Whether so much waits, or did, that `drain` will tell when it has left. */
  readonly backlogged: boolean;
  /** Sends a message of this socket alone. */
  send(data: Payload): void;
  /** Sends a message that others get too. */
  share(shared: SharedMessage): void;
  /** Lets a message of some bytes wait for a Blob, which it may be itself. */
  postpone(size: number, leave: Leave): void;
  /** Tells of an error, and begins the closing handshake. */
  expel(code: number, reason: string, error: Error): void;
  /** Sends a Close frame, and lets go: `error` and `close` with 1006 follow. */
  fail(code: number, message: string): void;
  /** Drops the connection: `error` and `close` with 1006 follow. */
  abandon(message: string, name: string): void;
  /** Stops delivering messages for a reason, or goes on where there is no other. */
  listen(on: boolean, reason: number): void;
  /** After something was sent: looks if so much waits, unless it cannot be. */
  grown(): void;
  /** Looks if so much waits that it is clogged. */
  measure(): void;
}

/** What has gone through all sockets of a server. */
export interface Traffic {
  /** Messages that came. */
  received: number;
  /** How long they were, by {@linkcode sizeOf}. */
  bytesReceived: number;
  /** Messages that were sent. */
  sent: number;
  /** How long they were. */
  bytesSent: number;
  /** Messages that were to be sent, but had to be dropped. */
  dropped: number;
}

/** What the guards of one server have in common. */
export interface GuardOwner {
  /** Counts of all its sockets. */
  readonly traffic: Traffic;
  /** What tells that time has passed. */
  readonly livenessTimer: LivenessTimer;
  /** The time in milliseconds. It never goes back. */
  now(): number;
  /** A socket is OPEN. */
  opened(guard: Guard): void;
  /** A socket is OPEN no more. */
  left(guard: Guard): void;
  /** A socket is clogged or delayed, or is no more. */
  hindered(guard: Guard): void;
  /** A socket is CLOSED. */
  ended(guard: Guard, code: number): void;
}

/** ms: what messages are counted over. */
const SECOND = 1000;

/** The guard of one socket. Its connection tells it what happens, and asks it what may. */
export class Guard {
  /** The connection. */
  core!: GuardedConnection;
  /** The socket. */
  socket!: SocketTarget;
  /** The address of the peer, where sockets are counted by it. */
  address: string | undefined;
  /** The topics that the socket has subscribed to. */
  topics: Set<string> | undefined;
  /** What the socket is held to. */
  readonly limits: CheckedLimits;
  readonly #house: GuardOwner;
  /** Beats since the last sign of life. */
  #quiet = 0;
  #progress = 0;
  #messages = 0;
  #since = 0;

  /** Makes the guard of one socket. */
  constructor(limits: CheckedLimits, house: GuardOwner) {
    this.limits = limits;
    this.#house = house;
  }

  /** The socket is OPEN. */
  opened(): void {
    this.#house.livenessTimer.add(this);
    this.#house.opened(this);
  }

  /** The peer gave a sign of life. */
  heard(): void {
    this.#quiet = 0;
  }

  /** A message came: whether it may be delivered. */
  received(data: string | ArrayBuffer): boolean {
    this.#quiet = 0;
    const { traffic } = this.#house;
    const { maxPayload, maxMessagesPerSecond } = this.limits;
    const size = sizeOf(data);
    traffic.received++;
    traffic.bytesReceived += size;
    // One comparison for most, of what is known already.
    if (size * 3 > maxPayload && !fits(data, this.core, maxPayload)) return false;
    return ++this.#messages <= maxMessagesPerSecond || this.#keepsPace();
  }

  /** As many messages came as a second may bring: whether they took a second. */
  #keepsPace(): boolean {
    const now = this.#house.now();
    const took = now - this.#since;
    this.#since = now;
    this.#messages = 1;
    if (took >= SECOND) return true;
    const message = `More than ${this.limits.maxMessagesPerSecond} messages came in a second`;
    this.core.expel(1008, "Too many messages", quotaExceeded(message)); // 7.4.1
    return false;
  }

  /**
   * Whether one more message may be sent to a socket that is clogged.
   *
   * @throws {DOMException} `QuotaExceededError` if it has to wait.
   */
  maySend(): boolean {
    const { maxBuffered, overflow } = this.limits;
    const { waiting } = this.core;
    if (waiting < maxBuffered) return true;
    const wait = `${Math.round(waiting)} bytes wait, and maxBuffered is ${maxBuffered}`;
    if (overflow === "wait") throw quotaExceeded(`Cannot send: ${wait}: wait for drain`);
    this.#house.traffic.dropped++;
    if (overflow === "close") {
      this.core.expel(1013, "Too slow", quotaExceeded(`The peer does not read: ${wait}`));
    }
    return false;
  }

  /** The same for a message that goes to many: it is dropped where it would have to wait. */
  mayShare(): boolean {
    if (this.limits.overflow !== "wait") return this.maySend();
    if (this.core.waiting < this.limits.maxBuffered) return true;
    this.#house.traffic.dropped++;
    return false;
  }

  /** A message was sent. */
  sent(data: Payload): void {
    const { traffic } = this.#house;
    traffic.sent++;
    traffic.bytesSent += sizeOf(data);
  }

  /** So much waits that `drain` will tell when it has left; or it has. */
  clogged(on: boolean): void {
    if (this.limits.overflow === "wait") this.core.listen(!on, CLOGGED);
    this.#house.hindered(this);
  }

  /** Messages wait for a Blob to be read; or do no more. */
  delayed(): void {
    this.#house.hindered(this);
  }

  /** The socket is OPEN no more. */
  left(): void {
    this.#house.livenessTimer.delete(this);
    this.#house.left(this);
  }

  /** The socket is CLOSED. */
  ended(code: number): void {
    this.#house.ended(this, code);
  }

  /** Some time has passed: a dead peer is dropped, a quiet one is pinged. */
  tick({ heartbeat, idle }: LivenessTicks): void {
    const { link, bufferedAmount } = this.core;
    if (link === undefined) return;
    link.look?.();
    // Of its own accord, a runtime asks a quiet peer after half the time: not behind what waits.
    const asksItself = heartbeat > 0 && link.ping === undefined;
    // A Pong cannot come in the middle of a long message, nor for a Ping that waits behind one.
    const progress = (link.bytesRead ?? 0) - bufferedAmount;
    if (progress > this.#progress || (asksItself && bufferedAmount === 0)) this.#quiet = 0;
    this.#progress = progress;
    const quiet = ++this.#quiet;
    if (idle > 0 && quiet > (asksItself ? idle / 2 : idle)) {
      this.core.abandon("Nothing came from the peer within idleTimeout", "TimeoutError");
    } else if (heartbeat > 0 && quiet % heartbeat === 0) {
      link.ping?.();
    }
  }
}

/** How long a message is. Text counts as it is in memory: bytes would have to be counted one by one. */
export function sizeOf(data: Payload): number {
  if (typeof data === "string") return data.length;
  return data instanceof Blob ? data.size : data.byteLength;
}

function quotaExceeded(message: string): DOMException {
  return new DOMException(message, "QuotaExceededError");
}
