/** Frame heads: their bits, and writing them (RFC 6455, 5.2). @module */

/** Role of an end of a connection: clients mask their frames, servers do not (5.1). */
export type Role = "client" | "server";

/** Opcode of a frame that continues a message (5.4). */
export const CONTINUATION = 0x0;

/** Opcode of a text message's first frame (5.6). */
export const TEXT = 0x1;

/** Opcode of a binary message's first frame (5.6). */
export const BINARY = 0x2;

/** Opcode of a Close frame (5.5.1), the lowest of the control frames. */
export const CLOSE = 0x8;

/** Opcode of a Ping frame (5.5.2). */
export const PING = 0x9;

/** Opcode of a Pong frame (5.5.3). */
export const PONG = 0xa;

/** Bit of the first octet: the frame is the last of its message (5.2). */
export const FIN = 0x80;

/** Bit of the first octet: the message is compressed (RFC 7692, 6). */
export const RSV1 = 0x40;

/** Bit of the second octet: the payload is masked (5.2). */
export const MASKED = 0x80;

/** Maximum number of octets of a control frame's payload (5.5). */
export const MAX_CONTROL = 125;

/** Second octet, without its mask bit, of a head with a 16-bit length (5.2). */
export const LENGTH_16 = 126;

/** Second octet, without its mask bit, of a head with a 63-bit length (5.2). */
export const LENGTH_63 = 127;

/** Number of octets of the longest head: two, a 63-bit length, a masking key (5.2). */
export const MAX_HEAD = 14;

const TWO_32 = 2 ** 32;

/**
 * Returns the number of octets of a frame's head (5.2).
 *
 * @param length Number of octets of the payload.
 */
export function headLength(length: number, masked: boolean): number {
  const plain = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : 10;
  return masked ? plain + 4 : plain;
}

/**
 * Writes a frame's head, the length in its shortest form (5.2).
 *
 * @param bytes Memory with {@linkcode headLength} octets from `at` on.
 * @param first First octet: FIN, reserved bits and opcode.
 * @param length Number of octets of the payload.
 * @param key Masking key, its first octet the lowest; `undefined` for a frame that is not masked.
 * @returns Offset at which the payload begins.
 */
export function writeHead(
  bytes: Uint8Array,
  at: number,
  first: number,
  length: number,
  key: number | undefined,
): number {
  const mask = key === undefined ? 0 : MASKED;
  let next = at + 2;
  bytes[at] = first;
  if (length < LENGTH_16) {
    bytes[at + 1] = mask | length;
  } else if (length < 65_536) {
    bytes[at + 1] = mask | LENGTH_16;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
    next += 2;
  } else {
    bytes[at + 1] = mask | LENGTH_63;
    writeWord(bytes, at + 2, Math.floor(length / TWO_32));
    writeWord(bytes, at + 6, length % TWO_32);
    next += 8;
  }
  if (key === undefined) return next;
  bytes[next] = key;
  bytes[next + 1] = key >>> 8;
  bytes[next + 2] = key >>> 16;
  bytes[next + 3] = key >>> 24;
  return next + 4;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
