/** Inflation of the messages of one connection by zlib (RFC 7692, 7.2.2). @module */

import { type Inflated, type Inflater, TAIL_LENGTH } from "../../protocol/deflate_framing.ts";
import { Inflation } from "./inflation.ts";
import { RecentBytes } from "./recent_bytes.ts";

/**
 * Maximum number of octets of a compressed message that is inflated at once, and maximum of what it is
 * inflated to. It takes 0.1 ms for JSON, and at most 1.5 ms; on another thread, a message of 1 KiB takes
 * ten times as long as here, one of 1 MiB as long.
 */
const MAX_DEFLATED_HERE = 64 * 1024, MAX_INFLATED_HERE = 1024 * 1024;

const EMPTY = new Uint8Array(0);

/** Inflates the messages of one connection. Without context takeover, it keeps nothing between them. */
export class ZlibInflater implements Inflater {
  readonly #window: RecentBytes | undefined;
  readonly #inflated: (outcome: Inflated) => void;

  /**
   * Creates an inflater.
   *
   * @param windowBits Maximum size of the peer's window, as a power of two: 8 to 15; `undefined` without
   * context takeover.
   * @param inflated Called with the outcome after {@linkcode ZlibInflater.inflate} has returned
   * `"pending"`, in a task of its own: for `Receiver.inflated()`.
   */
  constructor(windowBits: number | undefined, inflated: (outcome: Inflated) => void) {
    this.#window = windowBits === undefined ? undefined : new RecentBytes(1 << windowBits);
    this.#inflated = inflated;
  }

  inflate(deflated: Uint8Array<ArrayBuffer>, maxLength: number): Inflated | "pending" {
    // No octet at all, where one is due (7.2.3.6): others take it for an empty message, too.
    if (deflated.length === TAIL_LENGTH) return EMPTY;
    const inflation = new Inflation(deflated, maxLength, this.#window?.bytes ?? EMPTY);
    if (deflated.length <= MAX_DEFLATED_HERE + TAIL_LENGTH) {
      const outcome = inflation.run(MAX_INFLATED_HERE);
      if (outcome !== undefined) return this.#kept(outcome);
    }
    inflation.runLater((outcome) => this.#inflated(this.#kept(outcome)));
    return "pending";
  }

  /** Adds a message to the window. */
  #kept(outcome: Inflated): Inflated {
    if (typeof outcome !== "string") this.#window?.add(outcome);
    return outcome;
  }
}
