/** Inflation of one compressed message by zlib (RFC 7692, 7.2.2). @module */

import { inflateRaw, inflateRawSync } from "node:zlib";
import { type Inflated, TAIL_LENGTH } from "../../protocol/deflate_framing.ts";
import { FULL_WINDOW } from "../../handshake/deflate_parameters.ts";
import { RecentBytes } from "./recent_bytes.ts";

/**
 * An empty stored block that is marked as the last, behind the message: zlib then fails if the message
 * ends inside of a block. With `Z_SYNC_FLUSH` instead, it would return what it has.
 */
const LAST_BLOCK = Uint8Array.of(1, 0, 0, 0xff, 0xff);

/** Number of bytes before the data of a stored block that begins on an octet boundary (RFC 1951, 3.2.4). */
const STORED_HEAD = 5;

/** Maximum of `maxOutputLength` on all runtimes. */
const MAX_OUTPUT = 2 ** 31 - 1;

/** Maximum number of bytes that zlib returns in one piece. */
const MAX_CHUNK = 65_536;

/**
 * Number of blocks with BFINAL that any message may have, and number of octets for each further one. They
 * are legal (7.2.3.4), but each takes a call of zlib, as long as it takes to inflate so many octets.
 */
const LAST_BLOCKS = 16, OCTETS_PER_LAST_BLOCK = 16 * 1024;

/**
 * Number of octets that zlib is given behind a block with BFINAL, and by how much that grows as long as it
 * is too few. All that is left, copied behind the window each time, would take 5 to 20 s for 15 MiB.
 */
const PIECE = 64 * 1024, PIECE_GROWTH = 4;

/** What zlib returns with the option `info`, which its types do not know. */
interface Result {
  readonly buffer: Uint8Array;
  /** `bytesWritten`: number of octets that were consumed. */
  readonly engine: { readonly bytesWritten: number };
}

interface CallOptions {
  readonly chunkSize: number;
  readonly maxOutputLength: number;
  readonly info: true;
}

const inflateWithInfo = inflateRawSync as unknown as (
  input: Uint8Array,
  options: CallOptions,
) => Result;

const inflateLaterWithInfo = inflateRaw as unknown as (
  input: Uint8Array,
  options: CallOptions,
  done: (error: Error | null, result: Result) => void,
) => void;

function outcomeOf(error: unknown): Inflated {
  return (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE" ? "too-long" : "malformed";
}

/**
 * Inflation of one message. The window comes first in the input, as a stored block, and is cut from the
 * output: zlib's option `dictionary` would do the same, but Deno ignores it, and it is hardly faster
 * (JSON of 1 KiB with a window of 8 KiB: 6 instead of 7 µs on Node).
 */
export class Inflation {
  readonly #maxLength: number;
  /** What is not inflated yet, and {@linkcode LAST_BLOCK}. */
  #rest: Uint8Array;
  /** What it may refer to. */
  #window: Uint8Array;
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  /** Number of octets of the rest that zlib is given: all, unless another block with BFINAL is likely. */
  #piece = Infinity;
  /** Number of blocks with BFINAL that the message may have. */
  #lastBlocks: number;

  /**
   * Prepares the inflation of a message.
   *
   * @param deflated The message, with its tail. It is copied.
   * @param maxLength Maximum number of octets to inflate to.
   * @param window What the message may refer to. It must not change until the outcome is known.
   */
  constructor(deflated: Uint8Array, maxLength: number, window: Uint8Array) {
    this.#maxLength = Math.min(maxLength, MAX_OUTPUT - (1 << FULL_WINDOW));
    this.#rest = new Uint8Array(deflated.length + LAST_BLOCK.length);
    this.#rest.set(deflated);
    this.#rest.set(LAST_BLOCK, deflated.length);
    this.#window = window;
    this.#lastBlocks = LAST_BLOCKS + Math.floor(deflated.length / OCTETS_PER_LAST_BLOCK);
  }

  /**
   * Inflates synchronously.
   *
   * @param patience Maximum number of octets to inflate to now.
   * @returns The outcome; `undefined` if the message is longer than `patience`, but not than its own
   * maximum: then {@linkcode Inflation.runLater} has to go on.
   */
  run(patience: number): Inflated | undefined {
    while (true) {
      const left = this.#maxLength - this.#length;
      const now = Math.min(left, patience - this.#length);
      let outcome: Inflated | undefined;
      try {
        outcome = this.#take(inflateWithInfo(this.#input(), this.#options(now)));
      } catch (error) {
        outcome = this.#failed(error);
        if (outcome === "too-long" && now < left) return undefined;
      }
      if (outcome !== undefined) return outcome;
    }
  }

  /** Inflates on another thread, and calls back with the outcome, in a task of its own. */
  runLater(done: (outcome: Inflated) => void): void {
    const options = this.#options(this.#maxLength - this.#length);
    inflateLaterWithInfo(this.#input(), options, (error, result) => {
      const outcome = error ? this.#failed(error) : this.#take(result);
      if (outcome === undefined) this.runLater(done);
      else done(outcome);
    });
  }

  /** Returns the outcome of a call that has failed; `undefined` if it only had too little of the rest. */
  #failed(error: unknown): Inflated | undefined {
    const outcome = outcomeOf(error);
    if (outcome === "too-long" || this.#piece >= this.#rest.length) return outcome;
    this.#piece *= PIECE_GROWTH;
    return undefined;
  }

  /** Returns the next piece of the rest behind a stored block with the window. */
  #input(): Uint8Array {
    const window = this.#window, { length } = window;
    const piece = this.#rest.subarray(0, this.#piece);
    if (length === 0) return piece;
    const input = new Uint8Array(STORED_HEAD + length + piece.length);
    input[1] = length;
    input[2] = length >> 8;
    input[3] = ~length;
    input[4] = ~length >> 8;
    input.set(window, STORED_HEAD);
    input.set(piece, STORED_HEAD + length);
    return input;
  }

  /** Returns the options for a call that may inflate to `limit` octets besides the window. */
  #options(limit: number): CallOptions {
    const { length } = this.#window;
    // Most messages are inflated to one piece then, and none takes much more memory than it needs.
    const expected = length + Math.min(limit, 6 * Math.min(this.#piece, this.#rest.length));
    return {
      chunkSize: Math.min(MAX_CHUNK, Math.max(1024, expected)),
      maxOutputLength: Math.max(1, length + limit), // 0 is not allowed
      info: true,
    };
  }

  /** Takes what a call has returned. Returns `undefined` if there is more to inflate. */
  #take({ buffer, engine }: Result): Inflated | undefined {
    const { length } = this.#window;
    const prefix = length === 0 ? 0 : STORED_HEAD + length;
    const part = length === 0 ? buffer : buffer.subarray(length);
    this.#length += part.length;
    if (this.#length > this.#maxLength) return "too-long";
    this.#parts.push(part);
    this.#rest = this.#rest.subarray(engine.bytesWritten - prefix);
    // zlib stops behind a block with BFINAL. If that is not ours, the message goes on; or ends there,
    // if its sender has left out the empty block (7.2.3.4).
    const { length: left } = this.#rest;
    if (left === 0 || left === TAIL_LENGTH + LAST_BLOCK.length) return this.#whole();
    if (--this.#lastBlocks < 0) return "malformed";
    this.#piece = PIECE;
    const recent = new RecentBytes(1 << FULL_WINDOW);
    recent.add(this.#window);
    recent.add(part);
    this.#window = recent.bytes;
    return undefined;
  }

  #whole(): Uint8Array {
    const parts = this.#parts;
    if (parts.length === 1) return parts[0]!;
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
