/**
 * Frames as data, and an encoder that can write any illegal frame.
 *
 * Nothing here is checked. A {@linkcode Frame} is plain data; each field that is left out is
 * written as a correct endpoint would write it. Masking depends on the role, so it is decided when
 * encoding.
 *
 * @module
 */

import { type CorpusName, windowOf } from "./corpus.ts";

/** Payload described as `fill`, repeated and cut to `size` bytes. */
export interface Filled {
  /** Text or bytes to repeat. */
  readonly fill: string | Uint8Array;

  /** Number of bytes of the payload. */
  readonly size: number;
}

/** Payload described as a part of a corpus, which moves on with every round of an exchange. */
export interface Window {
  /** Name of the corpus. */
  readonly corpus: CorpusName;

  /** Number of characters (text corpora) or bytes (binary corpora). */
  readonly size: number;
}

/** Payload of a frame: text (sent as UTF-8), bytes, or the description of a large payload. */
export type Payload = string | Uint8Array | Filled | Window;

/** A frame, or a message that the encoder splits into frames. Only `opcode` is required. */
export interface Frame {
  /** Opcode, 0 to 15. */
  readonly opcode: number;

  /** Payload. Default: empty. */
  readonly payload?: Payload;

  /** Whether it is the last frame of its message. Default: true. */
  readonly fin?: boolean;

  /** The reserved bits as a number: 4 is RSV1, 2 is RSV2, 1 is RSV3. Default: 0. */
  readonly rsv?: number;

  /** Whether to mask. Default: as the role demands (clients mask, servers do not). */
  readonly mask?: boolean;

  /** The masking key. Default: {@linkcode MASK}, so that a report replays byte for byte. */
  readonly key?: readonly number[];

  /** Payload length to announce instead of the true one. */
  readonly length?: number | bigint;

  /** Number of bytes of extended length: 0, 2 or 8. Default: the fewest that suffice. */
  readonly lengthBytes?: 0 | 2 | 8;

  /**
   * Number of payload bytes per frame of a message. If the payload divides evenly, an empty final
   * frame ends the message; a payload that fits in one frame stays one frame.
   */
  readonly fragment?: number;

  /** Whether to compress the payload with the connection's permessage-deflate, and set RSV1. */
  readonly deflate?: boolean;
}

/** Payload bytes without a header, for a frame that announced more than it carried. */
export interface Rest {
  /** The payload bytes. */
  readonly rest: Payload;

  /** Number of payload bytes of that frame sent before: where the masking key continues. */
  readonly offset: number;
}

/** An item to send: a frame or message, or the rest of a frame. */
export type Item = Frame | Rest;

/** Masking key of our frames: fixed, and of four different bytes. */
export const MASK: readonly number[] = [0x9a, 0x3c, 0x5e, 0x71];

/** Fields of a frame besides its opcode and payload. */
export type FrameOptions = Omit<Frame, "opcode" | "payload">;

/** Makes a text frame, or the first frame of a text message. */
export function text(payload: Payload, options?: FrameOptions): Frame {
  return { opcode: 0x1, payload, ...options };
}

/** Makes a binary frame, or the first frame of a binary message. */
export function binary(payload: Payload, options?: FrameOptions): Frame {
  return { opcode: 0x2, payload, ...options };
}

/** Makes a continuation frame. */
export function more(payload: Payload, options?: FrameOptions): Frame {
  return { opcode: 0x0, payload, ...options };
}

/** Makes a Ping frame. */
export function ping(payload: Payload = "", options?: FrameOptions): Frame {
  return { opcode: 0x9, payload, ...options };
}

/** Makes a Pong frame. */
export function pong(payload: Payload = "", options?: FrameOptions): Frame {
  return { opcode: 0xa, payload, ...options };
}

/**
 * Makes a Close frame.
 *
 * @param code Any number of 16 bits. Default: none, and an empty payload.
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

/** Makes the remaining payload bytes of a frame that announced more than it carried. */
export function rest(payload: Payload, offset: number): Rest {
  return { rest: payload, offset };
}

/** Makes a large payload: `what`, repeated and cut to `size` bytes. */
export function fill(what: string | Uint8Array, size: number): Filled {
  return { fill: what, size };
}

/** Makes a payload that moves through a corpus, by `size` per round. */
export function moving(corpus: CorpusName, size: number): Window {
  return { corpus, size };
}

/** Converts hex digits to bytes; white space is ignored. */
export function hex(digits: string): Uint8Array {
  const pairs = digits.replaceAll(/\s/g, "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

const encoder = new TextEncoder();

/**
 * Returns the bytes of a payload.
 *
 * @param round Number of the message in an exchange: a {@linkcode Window} moves on with it.
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

/** Compresses one message's payload, with the state of its connection. */
export type Compress = (payload: Uint8Array) => Uint8Array;

/**
 * Splits a message into its frames, and compresses it if it says so.
 *
 * @param compress Compressor of the connection; without one, nothing is compressed.
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
 * Encodes one frame.
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

/** Encodes payload bytes without a header: see {@linkcode Rest}. */
export function encodeRest(item: Rest, masks: boolean): Uint8Array {
  const bytes = bytesOf(item.rest).slice();
  if (masks) applyMask(bytes, MASK, item.offset);
  return bytes;
}

/** Masks or unmasks in place (5.3), by 32-bit words where they are aligned: 16 MiB take 10 ms. */
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
