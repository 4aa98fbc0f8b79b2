/**
 * Frames on the wire: what cases write them with, an encoder that can write every illegal thing.
 *
 * Nothing here checks anything. A {@linkcode Frame} is plain data; what it leaves out is what a
 * correct endpoint would write. Masking depends on who we play, so it is decided when encoding.
 *
 * @module
 */

import { type CorpusName, windowOf } from "./corpus.ts";

/** Payload given as a recipe: `fill`, repeated and cut to `size` bytes. */
export interface Filled {
  /** What is repeated. */
  readonly fill: string | Uint8Array;

  /** How many bytes it makes. */
  readonly size: number;
}

/** Payload given as a recipe: a stretch of a corpus that moves on with every round. */
export interface Window {
  /** The corpus. */
  readonly corpus: CorpusName;

  /** How many characters (text corpora) or bytes (binary ones). */
  readonly size: number;
}

/** What a frame carries: text (sent as UTF-8), bytes, or a recipe for large ones. */
export type Payload = string | Uint8Array | Filled | Window;

/** A frame, or a message that the encoder cuts into frames. Only `opcode` is required. */
export interface Frame {
  /** 0 to 15. */
  readonly opcode: number;

  /** What it carries. Default: nothing. */
  readonly payload?: Payload;

  /** Whether it is the last of its message. Default: true. */
  readonly fin?: boolean;

  /** The three reserved bits as a number: 4 is RSV1, 2 is RSV2, 1 is RSV3. Default: 0. */
  readonly rsv?: number;

  /** Whether to mask. Default: as the role demands (clients mask, servers do not). */
  readonly mask?: boolean;

  /** The masking key. Default: {@linkcode MASK}, so that a report replays byte for byte. */
  readonly key?: readonly number[];

  /** The length to announce instead of the true one. */
  readonly length?: number | bigint;

  /** How many bytes of extended length to write: 0, 2 or 8. Default: the shortest that is right. */
  readonly lengthBytes?: 0 | 2 | 8;

  /**
   * Cuts the payload into frames of this many bytes. When it divides evenly, an empty final frame
   * ends the message; a payload that fits in one stays one frame.
   */
  readonly fragment?: number;

  /** Compresses the payload as the connection's permessage-deflate demands, and sets RSV1. */
  readonly deflate?: boolean;
}

/** Payload bytes alone, for a frame that announced more than it carried; masked from `offset` on. */
export interface Rest {
  /** The bytes. */
  readonly rest: Payload;

  /** How many payload bytes of that frame went before: where in the masking key to go on. */
  readonly offset: number;
}

/** Something that is written on a connection: a frame or message, or the rest of a cut frame. */
export type Item = Frame | Rest;

/** The key that masks our frames. Fixed, and of four different bytes. */
export const MASK: readonly number[] = [0x9a, 0x3c, 0x5e, 0x71];

/** What can be said of a frame besides its opcode and payload. */
export type FrameOptions = Omit<Frame, "opcode" | "payload">;

/** A text frame, or the first of a text message. */
export function text(payload: Payload, options?: FrameOptions): Frame {
  return { opcode: 0x1, payload, ...options };
}

/** A binary frame, or the first of a binary message. */
export function binary(payload: Payload, options?: FrameOptions): Frame {
  return { opcode: 0x2, payload, ...options };
}

/** A continuation frame. */
export function more(payload: Payload, options?: FrameOptions): Frame {
  return { opcode: 0x0, payload, ...options };
}

/** A Ping frame. */
export function ping(payload: Payload = "", options?: FrameOptions): Frame {
  return { opcode: 0x9, payload, ...options };
}

/** A Pong frame. */
export function pong(payload: Payload = "", options?: FrameOptions): Frame {
  return { opcode: 0xa, payload, ...options };
}

/**
 * A Close frame.
 *
 * @param code Any number of 16 bits; without one the frame is empty.
 * @param reason Text or bytes, of any length.
 */
export function close(code?: number, reason: Payload = "", options?: FrameOptions): Frame {
  if (code === undefined) return { opcode: 0x8, ...options };
  const tail = bytesOf(reason);
  const payload = new Uint8Array(2 + tail.length);
  payload.set([code >> 8, code & 0xff]);
  payload.set(tail, 2);
  return { opcode: 0x8, payload, ...options };
}

/** The payload bytes of a frame that announced more than it carried. */
export function rest(payload: Payload, offset: number): Rest {
  return { rest: payload, offset };
}

/** A large payload: `what`, repeated and cut to `size` bytes. */
export function fill(what: string | Uint8Array, size: number): Filled {
  return { fill: what, size };
}

/** A payload that moves through a corpus, one stretch of `size` per round. */
export function moving(corpus: CorpusName, size: number): Window {
  return { corpus, size };
}

/** Bytes from hex digits; spaces are for the reader. */
export function hex(digits: string): Uint8Array {
  const pairs = digits.replaceAll(/\s/g, "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

const encoder = new TextEncoder();

/**
 * Makes the bytes that a payload stands for.
 *
 * @param round Which message of an exchange it is: a {@linkcode Window} moves on with it.
 */
export function bytesOf(payload: Payload, round = 0): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  if (payload instanceof Uint8Array) return payload;
  if ("corpus" in payload) return windowOf(payload.corpus, payload.size, round);
  const bytes = new Uint8Array(payload.size);
  const unit = bytesOf(payload.fill).subarray(0, payload.size);
  if (unit.length === 0) return bytes;
  bytes.set(unit);
  // Doubling: 16 MiB in 24 copies.
  for (let done = unit.length; done < bytes.length; done *= 2) {
    bytes.copyWithin(done, 0, Math.min(done, bytes.length - done));
  }
  return bytes;
}

/** Compresses one message's payload; the connection's state is behind it. */
export type Compress = (payload: Uint8Array) => Uint8Array;

/**
 * Cuts a message into its frames, compressed if it says so. A frame that is whole stays itself.
 *
 * @param compress The compressor of the connection; without one, nothing is compressed.
 */
export function split(frame: Frame, round = 0, compress?: Compress): Frame[] {
  let payload = bytesOf(frame.payload ?? "", round);
  let rsv = frame.rsv ?? 0;
  if (frame.deflate && compress) {
    payload = compress(payload);
    rsv |= 4; // 7692:6
  }
  const size = frame.fragment;
  const whole = { ...frame, payload, rsv };
  if (size === undefined || payload.length <= size) return [whole];

  const frames: Frame[] = [];
  for (let at = 0; at <= payload.length; at += size) {
    const last = at + size > payload.length;
    frames.push({
      ...whole,
      opcode: at === 0 ? frame.opcode : 0x0,
      rsv: at === 0 ? rsv : 0,
      payload: payload.subarray(at, at + size),
      fin: last && (frame.fin ?? true),
    });
  }
  return frames;
}

/**
 * Writes one frame.
 *
 * @param masks Whether the role that writes it masks its frames.
 */
export function encode(frame: Frame, masks: boolean): Uint8Array {
  const payload = bytesOf(frame.payload ?? "");
  const length = BigInt(frame.length ?? payload.length);
  const extra = frame.lengthBytes ?? (length < 126n ? 0 : length < 65536n ? 2 : 8);
  const masked = frame.mask ?? masks;
  const head = 2 + extra + (masked ? 4 : 0);
  const bytes = new Uint8Array(head + payload.length);
  const view = new DataView(bytes.buffer);

  bytes[0] = (frame.fin === false ? 0 : 0x80) | ((frame.rsv ?? 0) << 4) | frame.opcode;
  bytes[1] = (masked ? 0x80 : 0) | (extra === 0 ? Number(length & 0x7fn) : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, Number(length & 0xffffn));
  if (extra === 8) view.setBigUint64(2, length);
  bytes.set(payload, head);
  if (masked) {
    const key = frame.key ?? MASK;
    bytes.set(key, head - 4);
    applyMask(bytes.subarray(head), key);
  }
  return bytes;
}

/** Writes payload bytes alone: see {@linkcode Rest}. */
export function encodeRest(item: Rest, masks: boolean): Uint8Array {
  const bytes = bytesOf(item.rest).slice();
  if (masks) applyMask(bytes, MASK, item.offset);
  return bytes;
}

/** Masks or unmasks in place (5.3). Works on 32-bit words where it can: 16 MiB take 10 ms. */
export function applyMask(bytes: Uint8Array, key: readonly number[], offset = 0): void {
  const at = (index: number): number => key[(index + offset) & 3]!;
  let index = 0;
  for (; index < bytes.length && ((bytes.byteOffset + index) & 3) !== 0; index++) {
    bytes[index]! ^= at(index);
  }
  const count = (bytes.length - index) >> 2;
  if (count === 0) return maskRest();
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + index, count);
  const word = new Uint32Array(Uint8Array.from([0, 1, 2, 3], (i) => at(index + i)).buffer)[0]!;
  for (let i = 0; i < count; i++) words[i]! ^= word;
  index += count * 4;
  maskRest();

  function maskRest(): void {
    for (; index < bytes.length; index++) bytes[index]! ^= at(index);
  }
}
