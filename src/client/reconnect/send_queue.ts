/** Messages that wait for a connection. @module */

import { BlobQueue } from "../../core/blob_queue.ts";
import type { Payload } from "../../core/payload.ts";

/** What may wait, and what becomes of the rest. */
export interface QueueOptions {
  /**
   * How many bytes may wait.
   *
   * @default {1048576}
   */
  bytes?: number;
  /**
   * What happens when there are more: `"reject"` makes `send()` throw a `QuotaExceededError`, and
   * `"drop-oldest"` forgets the messages that have waited longest.
   *
   * @default {"reject"}
   */
  overflow?: "reject" | "drop-oldest";
}

/** A queue that is bounded in bytes. */
export class SendQueue {
  /** Bytes that wait. */
  bytes = 0;

  readonly #limit: number;
  readonly #drops: boolean;
  #waiting: Payload[] = [];

  /** Checks the options. */
  constructor({ bytes = 1024 * 1024, overflow = "reject" }: QueueOptions) {
    if (!(bytes >= 0)) {
      throw new RangeError(`Cannot use queue.bytes ${bytes}: it must be a number of bytes`);
    }
    if (overflow !== "reject" && overflow !== "drop-oldest") {
      throw new TypeError(
        `Cannot use queue.overflow "${overflow}": it must be "reject" or "drop-oldest"`,
      );
    }
    this.#limit = bytes;
    this.#drops = overflow === "drop-oldest";
  }

  /** Adds a message, or throws. Bytes are copied: they stay the caller's. */
  add(data: Payload): void {
    const size = BlobQueue.size(data);
    if (size > this.#limit || (!this.#drops && this.bytes + size > this.#limit)) {
      throw new DOMException(
        `Cannot send yet: ${this.bytes} bytes wait for a connection, and ${size} more would be ` +
          `over the limit of ${this.#limit}`,
        "QuotaExceededError",
      );
    }
    while (this.bytes + size > this.#limit) this.bytes -= BlobQueue.size(this.#waiting.shift()!);
    this.bytes += size;
    this.#waiting.push(data instanceof Uint8Array ? data.slice() : data);
  }

  /** How many messages wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Forgets all that wait. */
  clear(): void {
    this.#waiting = [];
    this.bytes = 0;
  }

  /** Takes the next message out: it is never here again. */
  take(): Payload | undefined {
    const data = this.#waiting.shift();
    if (data !== undefined) this.bytes -= BlobQueue.size(data);
    return data;
  }
}
