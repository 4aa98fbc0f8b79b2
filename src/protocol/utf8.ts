/** UTF-8, strict and incremental (RFC 3629, 4; RFC 6455, 8.1). @module */

/** Lowest and highest octet that continues a character, but for the second of some. */
const LOW = 0x80, HIGH = 0xbf;

/** Validation of whole texts, which a runtime may do faster than {@linkcode isUtf8}. */
export interface Utf8Check {
  /** Returns whether octets are UTF-8, each character whole (RFC 3629, 4). */
  isUtf8(bytes: Uint8Array, from: number, to: number): boolean;
}

/**
 * Validates UTF-8 that arrives in any chunks, and fails at the octet that is wrong: the first after
 * which no continuation is valid. Surrogates, longer forms than needed and what lies beyond
 * U+10FFFF are wrong at their second octet.
 */
export class Utf8Validator {
  /** Number of octets that the open character still needs. */
  #need = 0;
  /** Lowest and highest octet that may come next in it. */
  #low = LOW;
  #high = HIGH;

  /** Whether no character is open. */
  get complete(): boolean {
    return this.#need === 0;
  }

  /**
   * Validates more octets, one by one.
   *
   * @returns Offset of the first octet that is wrong, or -1. After one, the validator is of no use.
   */
  push(bytes: Uint8Array, from: number, to: number): number {
    let need = this.#need, low = this.#low, high = this.#high;
    for (let at = from; at < to; at++) {
      const octet = bytes[at]!;
      if (need > 0) {
        if (octet < low || octet > high) return at;
        need--;
        low = LOW;
        high = HIGH;
      } else if (octet >= 0x80) {
        if (octet < 0xc2 || octet > 0xf4) return at;
        need = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
        if (octet === 0xe0) low = 0xa0; // else it fits in two
        else if (octet === 0xed) high = 0x9f; // else it is a surrogate
        else if (octet === 0xf0) low = 0x90; // else it fits in three
        else if (octet === 0xf4) high = 0x8f; // else it is beyond U+10FFFF
      }
    }
    this.#need = need;
    this.#low = low;
    this.#high = high;
    return -1;
  }

  /**
   * Validates more octets as {@linkcode Utf8Validator.push} does, most of them by the runtime: only the
   * rest of an open character and at most 3 octets at the end, from the last that begins a character
   * on, are validated one by one.
   *
   * @returns Whether they are right.
   */
  pushMany(bytes: Uint8Array, from: number, to: number, check: Utf8Check): boolean {
    const start = Math.min(from + this.#need, to);
    if (this.push(bytes, from, start) >= 0) return false;
    let end = to;
    for (let at = to - 1; at >= start && at >= to - 3 && bytes[at]! >= 0x80; at--) {
      if (bytes[at]! < 0xc0) continue;
      end = at;
      break;
    }
    return (end <= start || check.isUtf8(bytes, start, end)) &&
      this.push(bytes, Math.max(start, end), to) < 0;
  }
}

/** Returns whether octets are UTF-8, each character whole. A runtime's own is faster. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  const validator = new Utf8Validator();
  return validator.push(bytes, from, to) < 0 && validator.complete;
}
