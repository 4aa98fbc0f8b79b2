/** Conversion of text to octets and back, with a portable default. @module */

import { isUtf8, type Utf8Check } from "./utf8.ts";

/** Conversions of text that a runtime may do faster than {@linkcode portableCodec}. */
export interface TextCodec extends Utf8Check {
  /** Returns the text of octets below 0x80. */
  decodeAscii(bytes: Uint8Array, from: number, to: number): string;

  /** Returns the text of octets that are UTF-8. A leading U+FEFF is part of the text. */
  decodeUtf8(bytes: Uint8Array, from: number, to: number): string;

  /** Returns the number of octets that a text takes. A lone surrogate takes 3, as U+FFFD. */
  byteLength(text: string): number;

  /**
   * Writes a text as UTF-8, lone surrogates as U+FFFD. The caller provides room for all of it.
   *
   * @returns Number of octets written.
   */
  encodeInto(text: string, bytes: Uint8Array, at: number): number;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

function decode(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to));
}

function byteLength(text: string): number {
  let size = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    size += unit < 0x800 ? 1 : 2;
    const paired = (unit & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (paired) at++; // 4 octets for 2 units
  }
  return size;
}

/** Conversions by `TextDecoder` and `TextEncoder`, which every runtime has. */
export const portableCodec: TextCodec = {
  isUtf8,
  decodeAscii: decode,
  decodeUtf8: decode,
  byteLength,
  encodeInto: (text, bytes, at) => encoder.encodeInto(text, bytes.subarray(at)).written,
};
