/** Encoder and decoder of frames (RFC 6455, 5.2), as far as the contract's peer needs them. @module */

/** A frame. */
export interface Frame {
  /** Opcode: 0 continuation, 1 text, 2 binary, 8 Close, 9 Ping, 10 Pong. */
  readonly opcode: number;
  /** Payload, unmasked. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /**
   * Whether it is the last frame of its message.
   *
   * @default {true}
   */
  readonly fin?: boolean;
}

const encoder = new TextEncoder();

/** Encodes a string as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Makes a text frame. */
export function text(data: string, fin = true): Frame {
  return { opcode: 1, payload: utf8(data), fin };
}

/** Makes a binary frame. */
export function binary(data: Uint8Array<ArrayBuffer>, fin = true): Frame {
  return { opcode: 2, payload: data, fin };
}

/** Makes a continuation frame. */
export function more(data: string, fin = true): Frame {
  return { opcode: 0, payload: utf8(data), fin };
}

/** Makes a Ping frame. */
export function ping(data: string): Frame {
  return { opcode: 9, payload: utf8(data) };
}

/** Makes a Close frame: with any code, also one that may not be sent. */
export function close(code?: number, reason: string | Uint8Array = ""): Frame {
  if (code === undefined) return { opcode: 8, payload: new Uint8Array(0) };
  const tail = typeof reason === "string" ? utf8(reason) : reason;
  return { opcode: 8, payload: Uint8Array.of(code >> 8, code & 0xff, ...tail) };
}

const KEY = [0x12, 0x34, 0x56, 0x78];

/** Concatenates byte arrays. */
export function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Encodes a frame. Clients mask (RFC 6455, 5.1), here with a constant key. */
export function encode(frame: Frame, masked: boolean): Uint8Array<ArrayBuffer> {
  const { opcode, payload, fin = true } = frame;
  const { length } = payload;
  const head = [(fin ? 0x80 : 0) | opcode];
  const mask = masked ? 0x80 : 0;
  if (length < 126) head.push(mask | length);
  else if (length < 65536) head.push(mask | 126, length >> 8, length & 0xff);
  else {
    head.push(mask | 127, 0, 0, 0, 0);
    head.push(length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
  }
  if (!masked) return join([Uint8Array.from(head), payload]);
  const hidden = payload.map((byte, i) => byte ^ KEY[i % 4]!);
  return join([Uint8Array.from([...head, ...KEY]), hidden]);
}

/**
 * Decodes the first frame of some bytes.
 *
 * @returns The frame and its encoded length in bytes; `undefined` if it is not complete yet.
 */
export function decode(bytes: Uint8Array): { frame: Frame; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes[0]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let length = bytes[1]! & 0x7f;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return undefined;
    length = view.getUint16(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return undefined;
    length = Number(view.getBigUint64(2));
    at = 10;
  }
  const masked = (bytes[1]! & 0x80) !== 0;
  const key = masked ? bytes.slice(at, at + 4) : undefined;
  if (masked) at += 4;
  if (bytes.length < at + length) return undefined;
  const payload = bytes.slice(at, at + length);
  if (key !== undefined) payload.forEach((byte, i) => payload[i] = byte ^ key[i % 4]!);
  return {
    frame: { opcode: first & 0x0f, payload, fin: (first & 0x80) !== 0 },
    length: at + length,
  };
}
