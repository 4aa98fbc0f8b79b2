/**
 * Reads frames from octets that come cut anywhere, whatever the frames say.
 *
 * @module
 */

import { applyMask } from "./frame.ts";

/** A frame that was read. */
export interface ReadFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;

  /** The masking key, in hex; empty when it is not masked. */
  readonly key: string;

  /** Unmasked. */
  readonly payload: Uint8Array;

  /** How many octets the header took. */
  readonly head: number;

  /** The header and the beginning of the payload as they came. */
  readonly wire: Uint8Array;

  /** Whether the length was written in the shortest form. */
  readonly minimal: boolean;
}

/** Thrown when a frame is larger than we are willing to hold. */
export class FrameTooLarge extends Error {
  /** The length that was announced. */
  readonly length: bigint;

  /** @param length The length that was announced. */
  constructor(length: bigint) {
    super(`Cannot read a frame of ${length} bytes: it is larger than any that was asked for`);
    this.name = "FrameTooLarge";
    this.length = length;
  }
}

const EMPTY = new Uint8Array(0);

/** A parser: push octets, get frames. */
export class FrameReader {
  readonly #limit: number;
  readonly #keep: number;
  #head = new Uint8Array(14);
  #have = 0;
  #need = 2;
  #payload: Uint8Array | undefined;
  #filled = 0;

  /**
   * @param limit The largest payload to hold.
   * @param keep How many octets of each frame to keep as they came.
   */
  constructor(limit: number, keep: number) {
    this.#limit = limit;
    this.#keep = keep;
  }

  /** How many octets of an unfinished frame are held. */
  get pending(): number {
    return this.#have + this.#filled;
  }

  /** Takes octets and gives the frames that they complete. */
  *push(chunk: Uint8Array): Generator<ReadFrame> {
    let at = 0;
    while (true) {
      while (this.#payload === undefined && this.#have < this.#need) {
        if (at === chunk.length) return;
        this.#head[this.#have++] = chunk[at++]!;
        if (this.#have === 2) {
          const form = this.#head[1]! & 0x7f;
          const extra = form === 126 ? 2 : form === 127 ? 8 : 0;
          this.#need = 2 + extra + (this.#head[1]! & 0x80 ? 4 : 0);
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
    const head = this.#need;
    const wire = new Uint8Array(Math.min(this.#keep, head + payload.length));
    wire.set(this.#head.subarray(0, Math.min(head, this.#keep)));
    if (wire.length > head) wire.set(payload.subarray(0, wire.length - head), head);
    const masked = (second & 0x80) !== 0;
    const key = masked ? [...this.#head.subarray(head - 4, head)] : [];
    if (masked) applyMask(payload, key);
    this.#payload = undefined;
    this.#filled = this.#have = 0;
    this.#need = 2;
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
