/**
 * Frames of the correct endpoint: encoded, and headers read and checked.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { EndpointFrame, Faults } from "./faults.ts";

/** Number of bytes in the largest message. */
export const MAX_MESSAGE = 40 * 1024 * 1024;

/** Error thrown to fail the connection with a code. */
export class Failure extends Error {
  /** Code of the Close frame. */
  readonly code: number;

  constructor(code: number, why: string) {
    super(why);
    this.code = code;
  }
}

/** Whether a code may be sent in a Close frame. */
export function isWireCode(code: number): boolean {
  return (code >= 3000 && code <= 4999) ||
    [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].includes(code);
}

/** Masks or unmasks in place. */
export function unmask(bytes: Buffer, key: Buffer, offset: number): Buffer {
  for (let at = 0; at < bytes.length; at++) bytes[at]! ^= key[(at + offset) & 3]!;
  return bytes;
}

/** Encodes a frame. */
export function encodeFrame(frame: EndpointFrame, isServer: boolean, faults: Faults): Buffer {
  const { opcode, fin, rsv, payload, masked = !isServer, long = false } = frame;
  const { length } = payload;
  const head = Buffer.alloc(2 + (long || length > 65535 ? 8 : length > 125 ? 2 : 0));
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = head.length === 2 ? length : head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([head, payload]);
  head[1]! |= 0x80;
  const key = faults.reusesKey ? Buffer.from([1, 2, 3, 4]) : randomBytes(4);
  return Buffer.concat([head, key, unmask(Buffer.from(payload), key, 0)]);
}

/** Header of a frame. */
export interface Header {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;

  /** The masking key, if it is masked. */
  readonly key: Buffer;

  /** Number of bytes of the payload. */
  readonly length: number;

  /** Number of bytes of the header. */
  readonly size: number;
}

/** State of the endpoint before a frame. */
export interface HeaderContext {
  readonly isServer: boolean;
  readonly faults: Faults;

  /** Whether compression was negotiated. */
  readonly deflates: boolean;

  /** Number of bytes of the unfinished message so far; `undefined` between messages. */
  readonly messageSize: number | undefined;
}

/**
 * Reads a header.
 *
 * @returns The header; `undefined` if it is incomplete.
 * @throws {Failure} If it violates the protocol, as soon as that shows.
 */
export function readHeader(input: Buffer, context: HeaderContext): Header | undefined {
  if (input.length < 2) return undefined;
  const { isServer, faults: { ignores = [], limit = MAX_MESSAGE }, deflates } = context;
  const isInMessage = context.messageSize !== undefined;
  const [first, second] = [input[0]!, input[1]!];
  const masked = (second & 0x80) !== 0;
  const form = second & 0x7f;
  const extra = form === 126 ? 2 : form === 127 ? 8 : 0;
  const size = 2 + extra + (masked ? 4 : 0);
  const opcode = first & 0xf;
  const rsv = (first >> 4) & 7;
  const fin = (first & 0x80) !== 0;
  const wrongBits = rsv & (deflates && (opcode === 1 || opcode === 2) ? 3 : 7);
  if (wrongBits !== 0 && !ignores.includes(wrongBits & 4 ? "rsv1" : "rsv")) {
    throw new Failure(1002, "RSV");
  }
  if (
    ![0, 1, 2, 8, 9, 10].includes(opcode) &&
    !ignores.includes(opcode < 8 ? "opcode" : "control-opcode")
  ) {
    throw new Failure(1002, "opcode");
  }
  if (masked !== isServer && !ignores.includes("mask")) throw new Failure(1002, "mask");
  if (opcode >= 8) {
    if (form > 125 && !ignores.includes("control-size")) throw new Failure(1002, "control size");
    if (!fin && !ignores.includes("control-fin")) throw new Failure(1002, "control fragmented");
  } else if (opcode === 0 && !isInMessage) {
    if (!ignores.includes("stray-continuation")) throw new Failure(1002, "continuation");
  } else if (opcode !== 0 && opcode < 3 && isInMessage && !ignores.includes("interleaved")) {
    throw new Failure(1002, "interleaved");
  }
  if (input.length < size) return undefined;
  const length = lengthOf(input, form, extra, ignores.includes("length-msb"));
  if (extra && length < (extra === 2 ? 126 : 65536) && !ignores.includes("minimal")) {
    throw new Failure(1002, "length not minimal");
  }
  if ((context.messageSize ?? 0) + length > limit) throw new Failure(1009, "too large");
  return { opcode, fin, rsv, masked, key: input.subarray(size - 4, size), length, size };
}

function lengthOf(input: Buffer, form: number, extra: number, ignoresTopBit: boolean): number {
  if (extra === 0) return form;
  if (extra === 2) return input.readUInt16BE(2);
  const length = input.readBigUInt64BE(2);
  if (length >> 63n && !ignoresTopBit) throw new Failure(1002, "length");
  const rest = BigInt.asUintN(63, length);
  if (rest > BigInt(MAX_MESSAGE)) throw new Failure(1009, "too large");
  return Number(rest);
}
