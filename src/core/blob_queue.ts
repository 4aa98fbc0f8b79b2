/** Messages that wait for a Blob to be read: they leave in the order of `send()`. @module */

import { utf8Length } from "./close_code.ts";
import type { Payload } from "./payload.ts";

/** Lets a message leave: at once, or when it has been read. */
export type Leave = () => void | Promise<void>;

/** The queue behind the first Blob that is not yet read. It works by itself and ends when empty. */
export class BlobQueue {
  /** Bytes that wait. */
  bytes = 0;

  readonly #waiting: { readonly size: number; readonly leave: Leave }[] = [];
  readonly #emptied: (error?: unknown) => void;
  readonly #threw: (error: unknown) => void;

  /**
   * Makes an empty queue.
   *
   * @param emptied Called when the queue is empty, or when a Blob could not be read.
   * @param threw Called with an error of `emptied` itself.
   */
  constructor(emptied: (error?: unknown) => void, threw: (error: unknown) => void) {
    this.#emptied = emptied;
    this.#threw = threw;
  }

  /** How many bytes a message takes on the wire, without its frame. */
  static size(data: Payload): number {
    if (typeof data === "string") return utf8Length(data);
    return data instanceof Blob ? data.size : data.byteLength;
  }

  /** Adds a message. */
  add(size: number, leave: Leave): void {
    this.bytes += size;
    this.#waiting.push({ size, leave });
    if (this.#waiting.length === 1) this.#work().catch(this.#threw);
  }

  /** Forgets what waits: no further Blob is read. */
  clear(): void {
    this.#waiting.length = 0;
  }

  async #work(): Promise<void> {
    try {
      for (let next; (next = this.#waiting[0]) !== undefined;) {
        const reading = next.leave();
        if (reading !== undefined) await reading;
        this.#waiting.shift();
        this.bytes -= next.size;
      }
    } catch (error) {
      return this.#emptied(error);
    }
    this.#emptied();
  }
}
