/** Queue of messages that wait for a connection. @module */

import { BlobQueue } from "../../core/blob_queue.ts";
import type { Payload } from "../../core/payload.ts";

/** Options for the queue of messages that are sent while there is no connection. */
export interface QueueOptions {
  /**
   * Maximum number of bytes in the queue.
   *
   * @default {1048576}
   */
  bytes?: number;
  /**
   * Policy for a message that does not fit: `"reject"` makes `send()` throw a `QuotaExceededError`;
   * `"drop-oldest"` drops the messages that have waited longest, and throws only if the message alone
   * exceeds the maximum.
   *
   * @default {"reject"}
   */
  overflow?: "reject" | "drop-oldest";
}

/** Queue of messages, bounded in bytes. */
export class SendQueue {
  /** Number of bytes in the queue. */
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

  /**
   * Adds a message. Bytes are copied, so that the caller may reuse them.
   *
   * @throws {DOMException} `QuotaExceededError` if it does not fit.
   */
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

  /** Number of messages in the queue. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Drops all messages. */
  clear(): void {
    this.#waiting = [];
    this.bytes = 0;
  }

  /** Removes and returns the oldest message; `undefined` if the queue is empty. */
  take(): Payload | undefined {
    const data = this.#waiting.shift();
    if (data !== undefined) this.bytes -= BlobQueue.size(data);
    return data;
  }
}
