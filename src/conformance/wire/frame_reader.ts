/**
 * Reads frames from octets that are cut anywhere, without checking the frames.
 *
 * @module
 */

import { applyMask } from "./frame.ts";

/** A frame that was read. */
export interface ReadFrame {
  /** Opcode, 0 to 15. */
  readonly opcode: number;

  /** Whether it is the last frame of its message. */
  readonly fin: boolean;

  /** The reserved bits: 4 is RSV1, 2 is RSV2, 1 is RSV3. */
  readonly rsv: number;

  /** Whether it was masked. */
  readonly masked: boolean;

  /** The masking key, in hex; empty if it was not masked. */
  readonly key: string;

  /** The payload, unmasked. */
  readonly payload: Uint8Array;

  /** Number of octets of the header. */
  readonly head: number;

  /** The header and the beginning of the payload, as received. */
  readonly wire: Uint8Array;

  /** Whether the length was written in the shortest form. */
  readonly minimal: boolean;
}

/** Error thrown for a frame that is larger than the reader's limit. */
export class FrameTooLarge extends Error {
  /** Payload length that the frame announces. */
  readonly length: bigint;

  /** @param length Payload length that the frame announces. */
  constructor(length: bigint) {
    super(`Cannot read a frame of ${length} bytes: it is larger than any that was asked for`);
    this.name = "FrameTooLarge";
    this.length = length;
  }
}

const EMPTY = new Uint8Array(0);

/** Parser of one connection: octets in, frames out. */
export class FrameReader {
  readonly #limit: number;
  readonly #keep: number;
  #head = new Uint8Array(14);
  #headSize = 0;
  #headNeeded = 2;
  #payload: Uint8Array | undefined;
  #filled = 0;

  /**
   * @param limit Number of octets of the largest payload.
   * @param keep Number of octets of each frame to keep as received.
   */
  constructor(limit: number, keep: number) {
    this.#limit = limit;
    this.#keep = keep;
  }

  /** Number of octets of the unfinished frame received so far. */
  get pending(): number {
    return this.#headSize + this.#filled;
  }

  /** Adds octets; yields the frames that they complete. */
  *push(chunk: Uint8Array): Generator<ReadFrame> {
    let at = 0;
    while (true) {
      while (this.#payload === undefined && this.#headSize < this.#headNeeded) {
        if (at === chunk.length) return;
        this.#head[this.#headSize++] = chunk[at++]!;
        if (this.#headSize === 2) {
          const form = this.#head[1]! & 0x7f;
          const extra = form === 126 ? 2 : form === 127 ? 8 : 0;
          this.#headNeeded = 2 + extra + (this.#head[1]! & 0x80 ? 4 : 0);
        }
      }
      const payload = this.#payload ??= this.#allocate();
      const part = chunk.subarray(at, at + payload.length - this.#filled);
      payload.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < payload.length) return;
      yield this.#finish(payload);
    }
  }

  #length(): bigint {
    const form = this.#head[1]! & 0x7f;
    const view = new DataView(this.#head.buffer);
    return form === 126
      ? BigInt(view.getUint16(2))
      : form === 127
      ? view.getBigUint64(2)
      : BigInt(form);
  }

  #allocate(): Uint8Array {
    const length = this.#length();
    if (length > BigInt(this.#limit)) throw new FrameTooLarge(length);
    return length === 0n ? EMPTY : new Uint8Array(Number(length));
  }

  #finish(payload: Uint8Array): ReadFrame {
    const [first, second] = [this.#head[0]!, this.#head[1]!];
    const form = second & 0x7f;
    const head = this.#headNeeded;
    const wire = new Uint8Array(Math.min(this.#keep, head + payload.length));
    wire.set(this.#head.subarray(0, Math.min(head, this.#keep)));
    if (wire.length > head) wire.set(payload.subarray(0, wire.length - head), head);
    const masked = (second & 0x80) !== 0;
    const key = masked ? [...this.#head.subarray(head - 4, head)] : [];
    if (masked) applyMask(payload, key);
    this.#payload = undefined;
    this.#filled = this.#headSize = 0;
    this.#headNeeded = 2;
    return {
      opcode: first & 0xf,
      fin: (first & 0x80) !== 0,
      rsv: (first >> 4) & 7,
      masked,
      key: key.map((octet) => octet.toString(16).padStart(2, "0")).join(""),
      payload,
      head,
      wire,
      minimal: form < 126 || payload.length >= (form === 126 ? 126 : 65536),
    };
  }
}
