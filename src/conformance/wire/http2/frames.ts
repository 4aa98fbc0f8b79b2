/**
 * The frames of HTTP/2 (RFC 9113, 4 and 6), written whatever they say and read one by one.
 *
 * @module
 */

import { join } from "../octets.ts";

/** Types of frames. */
export const TYPE = {
  data: 0x0,
  headers: 0x1,
  resetStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Flags of frames. */
export const FLAG = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** Settings by what they say. */
export const SETTING = {
  enablePush: 0x2,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  /** SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441, 3). */
  enableConnectProtocol: 0x8,
} as const;

/** Error codes that the judge names (RFC 9113, 7). */
export const CODE = { noError: 0x0, protocolError: 0x1, internalError: 0x2, cancel: 0x8 } as const;

const CODES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/** Returns the name of an error code. */
export function nameOfCode(code: number): string {
  return CODES[code] ?? `error ${code}`;
}

/** What a client sends first (RFC 9113, 3.4). */
export const PREFACE: Uint8Array = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Size of a flow-control window before anybody changes it. */
export const WINDOW = 65_535;

/** Size of the largest payload before anybody changes it. */
export const FRAME_SIZE = 16_384;

/** Octets in front of each payload. */
const HEADER_SIZE = 9;

/** A frame. */
export interface Http2Frame {
  /** Its type: one of {@linkcode TYPE}, or any octet. */
  readonly type: number;

  /** Its flags. Default in {@linkcode encodeFrame}: none. */
  readonly flags?: number;

  /** The stream that it belongs to; 0 for the connection. */
  readonly stream: number;

  /** Its payload. */
  readonly payload: Uint8Array;
}

/** Writes a frame. */
export function encodeFrame({ type, flags = 0, stream, payload }: Http2Frame): Uint8Array {
  const octets = new Uint8Array(HEADER_SIZE + payload.length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, payload.length >>> 8);
  octets[2] = payload.length & 255;
  octets[3] = type;
  octets[4] = flags;
  view.setUint32(5, stream);
  octets.set(payload, HEADER_SIZE);
  return octets;
}

/** Writes numbers of four octets each. */
export function words(...values: readonly number[]): Uint8Array {
  const octets = new Uint8Array(4 * values.length);
  const view = new DataView(octets.buffer);
  for (const [at, value] of values.entries()) view.setUint32(4 * at, value);
  return octets;
}

/** Returns the number in four octets of a payload; 0 where there are none. */
export function wordAt(payload: Uint8Array, at = 0): number {
  if (payload.length < at + 4) return 0;
  return new DataView(payload.buffer, payload.byteOffset).getUint32(at);
}

/** Writes a SETTINGS frame; values by their identifiers. */
export function settingsFrame(values: Readonly<Record<number, number>>): Http2Frame {
  const parts = Object.entries(values).map(([id, value]) =>
    join([Uint8Array.of(Number(id) >> 8, Number(id) & 255), words(value)])
  );
  return { type: TYPE.settings, stream: 0, payload: join([new Uint8Array(0), ...parts]) };
}

/** Returns the values of a SETTINGS frame, in their order. */
export function readSettings(payload: Uint8Array): (readonly [id: number, value: number])[] {
  return Array.from(
    { length: Math.floor(payload.length / 6) },
    (_, at) => [payload[6 * at]! << 8 | payload[6 * at + 1]!, wordAt(payload, 6 * at + 2)],
  );
}

/**
 * Returns what a frame carries, without its padding.
 *
 * @returns `undefined` if there is more padding than frame.
 */
export function unpadded({ flags = 0, payload, type }: Http2Frame): Uint8Array | undefined {
  const padding = flags & FLAG.padded ? 1 + (payload[0] ?? 0) : 0;
  const start = (padding > 0 ? 1 : 0) +
    (type === TYPE.headers && flags & FLAG.priority ? 5 : 0);
  const end = payload.length - Math.max(0, padding - 1);
  return end < start ? undefined : payload.subarray(start, end);
}

/** Reads frames from octets that arrive in parts of any size. */
export class Http2FrameReader {
  #parts: Uint8Array[] = [];
  #size = 0;
  #needed = HEADER_SIZE;
  #oversized: number | undefined;

  /** Octets that a frame has announced, if they are more than was allowed: nothing else is read. */
  get oversized(): number | undefined {
    return this.#oversized;
  }

  /** Takes octets; returns the frames that they complete. */
  read(octets: Uint8Array): Http2Frame[] {
    if (this.#oversized !== undefined) return [];
    this.#parts.push(octets);
    this.#size += octets.length;
    if (this.#size < this.#needed) return [];
    let left = join(this.#parts);
    const frames: Http2Frame[] = [];
    this.#needed = HEADER_SIZE;
    while (left.length >= HEADER_SIZE) {
      const announced = left[0]! << 16 | left[1]! << 8 | left[2]!;
      if (announced > FRAME_SIZE) {
        this.#oversized = announced;
        return frames;
      }
      const size = HEADER_SIZE + announced;
      if (left.length < size) {
        this.#needed = size;
        break;
      }
      const stream = wordAt(left, 5) & 0x7fffffff;
      const payload = left.slice(HEADER_SIZE, size);
      frames.push({ type: left[3]!, flags: left[4]!, stream, payload });
      left = left.subarray(size);
    }
    this.#parts = left.length > 0 ? [left.slice()] : [];
    this.#size = left.length;
    return frames;
  }
}
