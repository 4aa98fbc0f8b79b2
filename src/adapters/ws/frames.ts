/** Encodes messages as frames, for links that write to TCP themselves. @module */

import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";
import type { Bytes } from "../../core/link.ts";

/** Bits of a frame's first byte (RFC 6455, 5.2; RFC 7692, 6). */
const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const RSV1 = 0x40;

/** Returns bytes as a view of the same memory. */
export function view(data: Bytes): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** Returns the first byte of a message's frame. */
function firstOf(data: string | Bytes): number {
  return typeof data === "string" ? FIN_TEXT : FIN_BINARY;
}

/** Encodes a message as one frame in memory of its own: `ws` would make two pieces of it. */
export function encode(data: string | Bytes, first: number = firstOf(data)): Buffer {
  const isText = typeof data === "string";
  const size = isText ? Buffer.byteLength(data) : data.byteLength;
  const start = size < 126 ? 2 : size < 65_536 ? 4 : 10; // 5.2
  const frame = Buffer.allocUnsafe(start + size);
  frame[0] = first;
  if (start === 2) frame[1] = size;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeUIntBE(0, 2, 2);
    frame.writeUIntBE(size, 4, 6);
  }
  if (isText) frame.write(data, start);
  else frame.set(view(data), start);
  return frame;
}

/**
 * Encodes a message as one frame, compressed as if it were the first (RFC 7692, 7.2.1), or plain if
 * that is not longer.
 *
 * @param windowBits Size of the compression window, as a power of two.
 */
export function encodeDeflated(data: string | Bytes, windowBits: number): Buffer {
  const plain = typeof data === "string" ? Buffer.from(data) : view(data);
  const deflated = deflateRawSync(plain, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  const size = deflated.length - 4; // without the four bytes that always end it (7.2.1)
  if (size >= plain.length) return encode(data);
  return encode(deflated.subarray(0, size) as Uint8Array<ArrayBuffer>, firstOf(data) | RSV1);
}
