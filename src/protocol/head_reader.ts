/** Reading of frame heads octet by octet: the slow path, with all checks (RFC 6455, 5.2). @module */

import {
  BINARY,
  CLOSE,
  CONTINUATION,
  FIN,
  LENGTH_16,
  LENGTH_63,
  MASKED,
  MAX_CONTROL,
  PONG,
  type Role,
  RSV1,
} from "./frame_head.ts";
import { PROTOCOL_ERROR, ProtocolError } from "./protocol_error.ts";

/** Bits of the first octet that no supported extension uses: RSV2 and RSV3 (5.2). */
const RESERVED = 0x30;

/** Bits of the first octet that are the opcode (5.2). */
const OPCODE = 0x0f;

/** Bits of the second octet that are the length, or its form (5.2). */
const LENGTH = 0x7f;

/** Smallest lengths that need the 16-bit and the 63-bit form: the shortest form is required (5.2). */
const LEAST_16 = 126, LEAST_63 = 65_536;

function fault(message: string): ProtocolError {
  return new ProtocolError(PROTOCOL_ERROR, message);
}

/**
 * Reads frame heads that arrive in any chunks, one octet after the other, so that a fault is found at the
 * same octet however they are cut. One reader serves all frames of a connection.
 */
export class HeadReader {
  /** Opcode of the frame. */
  opcode: number = CONTINUATION;

  /** Whether the frame is the last of its message. */
  fin = false;

  /** Whether the frame begins a compressed message (RFC 7692, 6). */
  compressed = false;

  /** Number of octets of the payload; above 2⁵³ it is rounded. */
  length = 0;

  /** Masking key, its first octet the lowest; 0 if the frame is not masked. */
  key = 0;

  /** Whether the whole head has been read. */
  complete = false;

  readonly #masked: boolean;
  readonly #compression: boolean;
  /** Number of octets of the head that have been read. */
  #count = 0;
  /** Number of octets up to the end of the length, and of the whole head. */
  #lengthEnd = 2;
  #end = 2;

  /**
   * Creates a reader for a connection.
   *
   * @param role Role of this end: a server requires masks, a client forbids them (5.1).
   * @param compression Whether permessage-deflate is negotiated, which gives RSV1 a meaning.
   */
  constructor(role: Role, compression: boolean) {
    this.#masked = role === "server";
    this.#compression = compression;
  }

  /**
   * Reads up to the end of the head. After a complete head, the next octet begins a new one.
   *
   * @param underWay Whether a fragmented message is incomplete, so that a continuation is due (5.4).
   * @returns Offset of the first octet that does not belong to the head.
   * @throws {ProtocolError} 1002 at the octet that breaks a rule.
   */
  read(bytes: Uint8Array, from: number, to: number, underWay: boolean): number {
    let at = from;
    while (at < to) {
      const octet = bytes[at++]!;
      if (this.complete || this.#count === 0) this.#readFirst(octet, underWay);
      else if (this.#count === 1) this.#readSecond(octet);
      else if (this.#count < this.#lengthEnd) this.#readLength(octet);
      else this.key |= octet << ((this.#count - this.#lengthEnd) << 3);
      if (++this.#count < this.#end || this.#count === 1) continue;
      this.complete = true;
      break;
    }
    return at;
  }

  #readFirst(octet: number, underWay: boolean): void {
    const opcode = octet & OPCODE;
    this.complete = false;
    this.#count = 0;
    this.opcode = opcode;
    this.fin = (octet & FIN) !== 0;
    this.compressed = (octet & RSV1) !== 0;
    if ((octet & RESERVED) !== 0 || (this.compressed && !this.#compression)) {
      throw fault("Cannot read a frame with a reserved bit that nothing agreed on gives a meaning");
    }
    if ((opcode > BINARY && opcode < CLOSE) || opcode > PONG) {
      throw fault(`Cannot read a frame with the reserved opcode ${opcode}`);
    }
    if (this.compressed && (opcode >= CLOSE || opcode === CONTINUATION)) { // 7692:6
      throw fault("Cannot read a compressed frame that does not begin a message");
    }
    if (opcode >= CLOSE) {
      if (!this.fin) throw fault("Cannot read a control frame that is fragmented"); // 5.5
    } else if (opcode === CONTINUATION) {
      if (!underWay) throw fault("Cannot read a continuation frame: no message has begun"); // 5.4
    } else if (underWay) {
      throw fault("Cannot read a message that begins before the last one has ended"); // 5.4
    }
  }

  #readSecond(octet: number): void {
    const masked = (octet & MASKED) !== 0;
    const form = octet & LENGTH;
    if (masked !== this.#masked) { // 5.1
      throw fault(masked ? "Cannot read a masked frame" : "Cannot read a frame that is not masked");
    }
    if (this.opcode >= CLOSE && form > MAX_CONTROL) { // 5.5
      throw fault(`Cannot read a control frame of more than ${MAX_CONTROL} bytes`);
    }
    this.#lengthEnd = form === LENGTH_16 ? 4 : form === LENGTH_63 ? 10 : 2;
    this.#end = this.#lengthEnd + (masked ? 4 : 0);
    this.length = this.#lengthEnd === 2 ? form : 0;
    this.key = 0;
  }

  #readLength(octet: number): void {
    if (this.#lengthEnd === 10 && this.#count === 2 && octet > 0x7f) {
      throw fault("Cannot read a frame whose length has 64 bits: the highest must be 0"); // 5.2
    }
    this.length = this.length * 256 + octet;
    if (this.#count + 1 < this.#lengthEnd) return;
    if (this.length < (this.#lengthEnd === 4 ? LEAST_16 : LEAST_63)) { // 5.2
      throw fault("Cannot read a frame whose length is in a longer form than it needs");
    }
  }
}
