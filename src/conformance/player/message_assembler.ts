/**
 * Messages from data frames: fragments joined, compressed payloads inflated.
 *
 * @module
 */

import type { ReadFrame } from "../wire/frame_reader.ts";
import { join } from "../wire/octets.ts";
import { type Violation, violation } from "./violations.ts";

/** A message that the peer completed. */
export interface PeerMessage {
  /** Kind of event. */
  readonly what: "message";

  /** 1 for text, 2 for binary. */
  readonly opcode: number;

  /** The payload, inflated. */
  readonly payload: Uint8Array;
}

/** Inflates one message's payload; throws if it is not valid. */
export type Inflate = (payload: Uint8Array) => Uint8Array;

/** Assembles the messages of one connection. */
export class MessageAssembler {
  readonly #limit: number;
  #fragments: Uint8Array[] | undefined;
  #size = 0;
  #opcode = 0;
  #isCompressed = false;

  /** Inflates messages whose first frame has RSV1 set; `undefined` without compression. */
  inflate: Inflate | undefined;

  /** @param limit Number of octets in the largest message. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether a message has begun and its last frame has not arrived. */
  get isInMessage(): boolean {
    return this.#fragments !== undefined;
  }

  /**
   * Adds a data frame in which {@linkcode violationIn} found nothing wrong.
   *
   * @returns The message that it completes, or a violation, if any.
   */
  push({ opcode, fin, rsv, payload }: ReadFrame): PeerMessage | Violation | undefined {
    if (opcode !== 0x0) {
      this.#opcode = opcode;
      this.#isCompressed = (rsv & 4) !== 0;
      if (fin) return this.#complete(payload);
      this.#fragments = [];
      this.#size = 0;
    }
    const fragments = this.#fragments!;
    fragments.push(payload);
    this.#size += payload.length;
    if (this.#size > this.#limit) return violation("10.4", "The peer's message has no end");
    if (!fin) return undefined;
    this.#fragments = undefined;
    return this.#complete(join(fragments));
  }

  #complete(payload: Uint8Array): PeerMessage | Violation {
    const [what, opcode] = ["message", this.#opcode] as const;
    if (!this.#isCompressed) return { what, opcode, payload };
    try {
      return { what, opcode, payload: this.inflate!(payload) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return violation(
        "7692:7.2.2",
        `The peer's compressed message cannot be inflated: ${why}`,
      );
    }
  }
}
