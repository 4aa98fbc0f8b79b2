/** Link over Bun's `ServerWebSocket`. @module */

import type { BunSocket } from "./bun_socket.ts";
import type { BunTopics } from "./topics.ts";
import { NO_STATUS } from "../../core/close_code.ts";
import { reaches } from "../../handshake/compression.ts";
import type { Bytes, Link, LinkEvents } from "../../core/link.ts";

/** Link over a server socket of Bun's. */
export class BunLink implements Link {
  /** Reports to the core. */
  readonly events: LinkEvents;
  /** The subprotocol agreed on, or `""`. */
  readonly protocol: string;
  readonly broadcast: BunTopics;
  /** Bun's socket, set when it opens. */
  socket!: BunSocket;
  /** Whether bytes may be buffered: while `false`, Bun's own count is not read. */
  #mayBuffer = false;
  /** Number of joined topics: Bun publishes to them without reporting what is buffered then. */
  #joined = 0;
  /** Arguments of a `close()` that waits until nothing is buffered. */
  #close: [code: number, reason: string | undefined] | undefined;

  constructor(events: LinkEvents, protocol: string, broadcast: BunTopics) {
    this.events = events;
    this.protocol = protocol;
    this.broadcast = broadcast;
  }

  get hasTurns(): boolean {
    return true;
  }

  get bufferedAmount(): number {
    if (!this.#mayBuffer && this.#joined === 0) return 0;
    const amount = this.socket.getBufferedAmount();
    this.#mayBuffer = amount > 0;
    return amount;
  }

  /** Nothing for most sockets: so the core need not add up what is buffered after each message. */
  get mostBuffered(): number {
    return this.#mayBuffer || this.#joined > 0 ? Infinity : 0;
  }

  send(data: string | Bytes): void {
    if (this.socket.send(data, reaches(data, this.broadcast.threshold)) < 0) {
      this.#mayBuffer = true;
    }
  }

  join(topic: string): void {
    this.socket.subscribe(topic);
    this.#joined++;
  }

  part(topic: string): void {
    this.socket.unsubscribe(topic);
    this.#joined--;
    this.#mayBuffer = true;
  }

  ping(): void {
    this.socket.ping();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /**
   * Closes once nothing is buffered. Four seconds after its own `close()`, Bun drops what has not
   * left, and the Close frame behind it; so the call waits here, where the core has a time limit.
   */
  close(code: number = NO_STATUS, reason?: string): void {
    this.#close = [code, reason]; // Bun writes an empty Close frame for 1005, and 1000 for nothing
    this.drained();
  }

  /** Called when buffered bytes have left. */
  drained(): void {
    if (this.#close === undefined || this.bufferedAmount > 0) return;
    const close = this.#close;
    this.#close = undefined;
    this.socket.close(...close);
  }

  terminate(): void {
    this.socket.terminate();
  }
}
