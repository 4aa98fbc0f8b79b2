/**
 * The events of a peer, in a queue that a case can read from and rewind.
 *
 * @module
 */

import type { TransportEnd } from "../wire/transport.ts";
import type { PeerMessage } from "./message_assembler.ts";
import type { PeerClose, Violation } from "./violations.ts";

/** The end of TCP. */
export interface PeerEnd {
  /** Kind of event. */
  readonly what: "end";

  /** How it ended. */
  readonly how: TransportEnd;

  /** Whether it ended in the middle of a frame. */
  readonly isCut?: boolean;

  /** How it ended in words, where it is not TCP that ended. */
  readonly words?: string;
}

/** An event of the peer, or its silence. */
export type PeerEvent =
  | PeerMessage
  | { readonly what: "pong"; readonly opcode: number; readonly payload: Uint8Array }
  | PeerClose
  | Violation
  | PeerEnd
  | { readonly what: "silence"; readonly ms: number };

/**
 * Number of payload octets that may be queued without a case reading them, before it is a flood.
 */
const MAX_QUEUED = 64 * 1024 * 1024;

/** Number of events that may be queued before it is a flood. */
export const MAX_EVENTS = 250_000;

/** Replaces an event that has been taken, so that its payload can be collected. */
const TAKEN: PeerEvent = { what: "silence", ms: 0 };

/** Number of taken events that are kept before the queue is cut. */
const KEPT = 1024;

/** The queue of one connection. */
export class PeerEvents {
  readonly #queue: PeerEvent[] = [];
  #cursor = 0;
  #marks = 0;
  #octets = 0;

  /** Whether an event is queued. */
  get hasNext(): boolean {
    return this.#cursor < this.#queue.length;
  }

  /** Whether more is queued than any case asks for. */
  get isFlooded(): boolean {
    return this.#octets > MAX_QUEUED || this.#queue.length - this.#cursor > MAX_EVENTS;
  }

  /** Adds an event. */
  push(event: PeerEvent): void {
    if ("payload" in event) this.#octets += event.payload.length;
    this.#queue.push(event);
  }

  /** Takes the next event, if there is one. The end is never taken away: it repeats. */
  take(): PeerEvent | undefined {
    const event = this.#queue[this.#cursor];
    if (event === undefined || event.what === "end") return event;
    this.#cursor++;
    if (this.#marks === 0) this.#forget(event);
    return event;
  }

  /** Marks the current position; nothing behind it is forgotten until {@linkcode release}. */
  mark(): number {
    this.#marks++;
    return this.#cursor;
  }

  /** Releases a mark, and optionally returns to its position. */
  release(mark: number, rewind: boolean): void {
    this.#marks--;
    if (rewind) this.#cursor = mark;
  }

  #forget(taken: PeerEvent): void {
    if ("payload" in taken) this.#octets -= taken.payload.length;
    this.#queue[this.#cursor - 1] = TAKEN;
    if (this.#cursor < KEPT && this.#cursor < this.#queue.length) return;
    this.#queue.splice(0, this.#cursor);
    this.#cursor = 0;
  }
}
