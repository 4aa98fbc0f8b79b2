/**
 * What the right endpoint knows of octets, by itself.
 *
 * @module
 */

import type { Buffer } from "node:buffer";

/** Whether a code may go over the wire. */
export function isWireCode(code: number): boolean {
  return (code >= 3000 && code <= 4999) ||
    [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].includes(code);
}

/** Masks or unmasks in place. */
export function unmask(bytes: Buffer, key: Buffer, offset: number): Buffer {
  for (let at = 0; at < bytes.length; at++) bytes[at]! ^= key[(at + offset) & 3]!;
  return bytes;
}
