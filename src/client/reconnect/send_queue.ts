/** Queue of messages that wait for a connection. @module */

import type { Sendable } from "../../core/streams.ts";

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
  #waiting: { readonly message: string | Blob; readonly size: number }[] = [];

  /** Makes an empty queue. */
  constructor({ bytes = 1024 * 1024, overflow }: QueueOptions = {}) {
    this.#limit = bytes;
    this.#drops = overflow === "drop-oldest";
  }

  /**
   * Adds a message. Bytes are captured, so that the caller may reuse them: a Blob takes the same values
   * as `send()` does, and refuses the same.
   *
   * @throws {DOMException} `QuotaExceededError` if it does not fit.
   * @throws {TypeError} For memory that is shared or can be resized.
   */
  add(data: Sendable): void {
    const isBinary = data instanceof Blob || data instanceof ArrayBuffer ||
      ArrayBuffer.isView(data);
    const bytes = new Blob([isBinary ? data as BlobPart : `${data}`]);
    const { size } = bytes;
    if (size > this.#limit || (!this.#drops && this.bytes + size > this.#limit)) {
      throw new DOMException(
        `Cannot send yet: ${this.bytes + size} bytes would wait, and ${this.#limit} may`,
        "QuotaExceededError",
      );
    }
    while (this.bytes + size > this.#limit) this.take();
    this.bytes += size;
    this.#waiting.push({ message: isBinary ? bytes : `${data}`, size });
  }

  /** Drops all messages. */
  clear(): void {
    this.#waiting = [];
    this.bytes = 0;
  }

  /** Removes and returns the oldest message; `undefined` if the queue is empty. */
  take(): string | Blob | undefined {
    const first = this.#waiting.shift();
    this.bytes -= first?.size ?? 0;
    return first?.message;
  }
}
