/** Messages that wait for a Blob to be read: they leave in the order of `send()`. @module */

import { utf8Length } from "./close_code.ts";
import type { Bytes } from "./link.ts";
import type { Outgoing } from "./outgoing.ts";

/** The queue behind the first Blob that is not yet read. It works by itself and ends when empty. */
export class Outbox {
  /** Bytes that wait. */
  bytes = 0;

  readonly #waiting: Outgoing[] = [];
  readonly #transmit: (data: string | Bytes) => void;
  readonly #emptied: (error?: unknown) => void;

  /**
   * Makes an empty queue.
   *
   * @param transmit Sends one message.
   * @param emptied Told when the queue is empty, or that a Blob could not be read.
   */
  constructor(
    transmit: (data: string | Bytes) => void,
    emptied: (error?: unknown) => void,
  ) {
    this.#transmit = transmit;
    this.#emptied = emptied;
  }

  /** How many bytes a message takes on the wire, without its frame. */
  static size(data: Outgoing): number {
    if (typeof data === "string") return utf8Length(data);
    return data instanceof Blob ? data.size : data.byteLength;
  }

  /** Adds a message. Bytes are copied: they stay the caller's. */
  add(data: Outgoing): void {
    this.bytes += Outbox.size(data);
    this.#waiting.push(typeof data === "string" || data instanceof Blob ? data : data.slice(0));
    if (this.#waiting.length === 1) this.#work();
  }

  async #work(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const next = this.#waiting[0]!;
        const data = next instanceof Blob ? new Uint8Array(await next.arrayBuffer()) : next;
        this.#waiting.shift();
        this.bytes -= Outbox.size(data);
        this.#transmit(data);
      }
    } catch (error) {
      return this.#emptied(error);
    }
    this.#emptied();
  }
}
