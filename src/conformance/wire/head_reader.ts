/**
 * Buffers octets until the head of an HTTP message is complete.
 *
 * @module
 */

import { type Head, MAX_HEAD, readHead } from "./head.ts";
import { join } from "./octets.ts";

/** Reads one head from octets that arrive in parts of any size. */
export class HeadReader {
  #octets: Uint8Array = new Uint8Array(0);
  #head: Head | string | undefined;

  /** The head; `undefined` until it is complete; the reason if the octets can never be a head. */
  get head(): Head | string | undefined {
    return this.#head;
  }

  /** All octets received so far. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  /** The octets behind the head. */
  get rest(): Uint8Array {
    return this.#octets.subarray(typeof this.#head === "object" ? this.#head.size : 0);
  }

  /** Whether so much has arrived that no more should be buffered. */
  get isFull(): boolean {
    return this.#octets.length > 2 * MAX_HEAD;
  }

  /** Adds octets. */
  push(octets: Uint8Array): void {
    this.#octets = join([this.#octets, octets]);
    this.#head ??= readHead(this.#octets);
  }

  /** Takes a head that is no octets of its own, as in HTTP/2. What is pushed follows it. */
  take(head: Head): void {
    this.#head = head;
  }

  /** Releases the octets; returns those behind the head. */
  release(): Uint8Array {
    const { rest } = this;
    this.#octets = new Uint8Array(0);
    return rest;
  }
}
