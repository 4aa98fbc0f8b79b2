/** Fast encoder and decoder of frames (RFC 6455, 5.2). @module */

import { Buffer } from "node:buffer";

/** Opcodes. */
export const MORE = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

const KEY = [0x3d, 0xa5, 0x96, 0x0f] as const;
const NOTHING = Buffer.alloc(0);

/**
 * Encodes a client's frame.
 *
 * @param first First byte: by default, that of an unfragmented message.
 */
export function frame(
  opcode: number,
  payload: Uint8Array | string = NOTHING,
  first = 0x80 | opcode,
): Buffer {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  const { length } = bytes;
  const start = (length < 126 ? 2 : length < 65_536 ? 4 : 10) + 4;
  const written = Buffer.allocUnsafe(start + length);
  written[0] = first;
  if (length < 126) written[1] = 0x80 | length;
  else if (length < 65_536) {
    written[1] = 0x80 | 126;
    written.writeUInt16BE(length, 2);
  } else {
    written[1] = 0x80 | 127;
    written.writeBigUInt64BE(BigInt(length), 2);
  }
  written.set(KEY, start - 4);
  for (let i = 0; i < length; i++) written[start + i] = bytes[i]! ^ KEY[i & 3]!;
  return written;
}

/** Returns the length of a frame's head and of the frame, as far as its first bytes determine it. */
function headOf(bytes: Buffer, at: number): { readonly size: number; readonly whole: number } {
  if (bytes.length < at + 2) return { size: 2, whole: 2 };
  const length = bytes[at + 1]! & 0x7f;
  if (length < 126) return { size: 2, whole: 2 + length };
  const size = length === 126 ? 4 : 10;
  if (bytes.length < at + size) return { size, whole: size };
  const long = length === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { size, whole: size + long };
}

/** Reads a server's frames out of a stream. */
export class FrameScanner {
  /** Chunks of an incomplete frame, and the number of bytes that it needs before it is read again. */
  #pieces: Buffer[] = [];
  #have = 0;
  #need = 2;
  readonly #found: (opcode: number, payload: Buffer, fin: boolean) => void;

  /** Calls back for each complete frame. */
  constructor(found: (opcode: number, payload: Buffer, fin: boolean) => void) {
    this.#found = found;
  }

  /** Reads the next bytes. */
  read(chunk: Buffer): void {
    this.#have += chunk.length;
    if (this.#have < this.#need) {
      this.#pieces.push(chunk);
      return;
    }
    const bytes = this.#pieces.length === 0 ? chunk : Buffer.concat([...this.#pieces, chunk]);
    let at = 0;
    for (let head = headOf(bytes, at); at + head.whole <= bytes.length; head = headOf(bytes, at)) {
      const payload = bytes.subarray(at + head.size, at + head.whole);
      const first = bytes[at]!;
      at += head.whole;
      this.#found(first & 0x0f, payload, (first & 0x80) !== 0);
    }
    this.#need = headOf(bytes, at).whole;
    this.#have = bytes.length - at;
    this.#pieces = this.#have === 0 ? [] : [Buffer.from(bytes.subarray(at))];
  }
}
