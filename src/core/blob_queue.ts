/** Messages that wait for a Blob to be read. They leave in the order of `send()`. @module */

import { utf8Length } from "./close_code.ts";
import { type Payload, sizeOf } from "./payload.ts";

/** Sends a message: at once, or when it has been read. */
export type Transmission = () => void | Promise<void>;

/** The queue behind the first Blob that is not read yet. It runs by itself, and ends when empty. */
export class BlobQueue {
  /** Number of bytes that wait. */
  bytes = 0;

  readonly #waiting: { readonly size: number; readonly send: Transmission }[] = [];
  readonly #emptied: (error?: unknown) => void;
  readonly #threw: (error: unknown) => void;

  /**
   * Makes an empty queue.
   *
   * @param emptied Called when the queue is empty, or with the error of a Blob that cannot be read.
   * @param threw Called with an error that `emptied` itself has thrown.
   */
  constructor(emptied: (error?: unknown) => void, threw: (error: unknown) => void) {
    this.#emptied = emptied;
    this.#threw = threw;
  }

  /** Returns the number of bytes that a message takes on the wire, without the frame's header. */
  static size(data: Payload): number {
    return typeof data === "string" ? utf8Length(data) : sizeOf(data);
  }

  /** Adds a message of some bytes. */
  add(size: number, send: Transmission): void {
    this.bytes += size;
    this.#waiting.push({ size, send });
    if (this.#waiting.length === 1) this.#run().catch(this.#threw);
  }

  /** Discards what waits: no further Blob is read. */
  clear(): void {
    this.#waiting.length = 0;
  }

  async #run(): Promise<void> {
    try {
      for (let next; (next = this.#waiting[0]) !== undefined;) {
        const reading = next.send();
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
