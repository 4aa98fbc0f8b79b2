/** Heads of frames (RFC 6455, 5.2). @module */

import { Buffer } from "node:buffer";

/**
 * Encodes the head of a frame, but for the masking key.
 *
 * @param first First octet: FIN, the reserved bits and the opcode.
 * @param size Number of octets of the payload.
 */
export function frameHead(first: number, size: number, isMasked = false): Buffer {
  const mask = isMasked ? 0x80 : 0;
  if (size < 126) return Buffer.from([first, mask | size]);
  const head = Buffer.from([first, mask | (size < 65_536 ? 126 : 127), 0, 0]);
  if (size < 65_536) {
    head.writeUInt16BE(size, 2);
    return head;
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(size));
  return Buffer.concat([head.subarray(0, 2), length]);
}

/** Returns the length of the payload by a head without a mask; `undefined` while octets are missing. */
export function payloadLength(head: readonly number[]): number | undefined {
  const short = head[1];
  if (short === undefined || short < 126) return short;
  const end = short === 126 ? 4 : 10;
  if (head.length < end) return undefined;
  return head.slice(2, end).reduce((length, octet) => length * 256 + octet, 0);
}
