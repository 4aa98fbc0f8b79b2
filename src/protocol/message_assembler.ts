/** Messages that arrive in parts: fragments, and frames cut by the transport (RFC 6455, 5.4). @module */

import { type Inflated, TAIL_LENGTH, writeTail } from "./deflate_framing.ts";
import { spanning } from "./own_memory.ts";
import { INVALID_PAYLOAD, notUtf8, ProtocolError, tooBig } from "./protocol_error.ts";
import type { SinkEvents } from "./sink_events.ts";
import type { TextCodec } from "./text_codec.ts";
import { Utf8Validator } from "./utf8.ts";

/** Number of bytes of the first memory of a message whose length is not known. */
const FIRST = 256;

/** Growth factor of the memory if the length is not known. */
const GROWTH = 2;

/**
 * Growth factor if it is known. To allocate 1 MiB at once is the fastest, 210 µs in chunks of 64 KiB;
 * but a peer that announces 1 GiB has to send an eighth of what is allocated for it. A factor of 8
 * takes 270 µs, one of 4 400, one of 2 500 (Node 24, with copying).
 */
const ANNOUNCED_GROWTH = 8;

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/**
 * Joins the parts of one message in memory of its own as they arrive, so that a part does not keep the
 * chunk alive that it arrived in. At any time the memory is at most eight times the octets that have
 * arrived, or 256 bytes (10.4), plus 4 if they are compressed.
 */
export class MessageAssembler {
  /** Whether it is a text message. */
  readonly isText: boolean;

  /** Whether it is compressed (RFC 7692, 6): then it is validated as text only once inflated. */
  readonly compressed: boolean;

  #bytes = EMPTY;
  #length = 0;
  /** Created when the first octet of 0x80 or above arrives: until then the text is ASCII. */
  #validator: Utf8Validator | undefined;

  /**
   * Creates an assembler for a message.
   *
   * @param isText Whether it is a text message.
   * @param compressed Whether it is compressed.
   */
  constructor(isText: boolean, compressed: boolean) {
    this.isText = isText;
    this.compressed = compressed;
  }

  /** Number of octets that have arrived. */
  get length(): number {
    return this.#length;
  }

  /** Number of bytes of memory that are allocated for them. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /**
   * Adds the next part, which is copied.
   *
   * @param high Not 0 if an octet of the part is 0x80 or above.
   * @param total Number of octets of the complete message, or `Infinity` if it is not known.
   * @throws {ProtocolError} 1007 if it is a text and the part makes it invalid UTF-8 (8.1).
   */
  append(
    bytes: Uint8Array,
    from: number,
    to: number,
    high: number,
    total: number,
    codec: TextCodec,
  ): void {
    if (this.isText && !this.compressed && (high !== 0 || this.#validator !== undefined)) {
      this.#validator ??= new Utf8Validator();
      if (!this.#validator.pushMany(bytes, from, to, codec)) throw notUtf8();
    }
    const length = this.#length + to - from;
    if (length > this.#bytes.length) this.#grow(length, total);
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
  }

  #grow(length: number, total: number): void {
    const tail = this.compressed ? TAIL_LENGTH : 0;
    const wanted = total === Infinity
      ? Math.max(FIRST, GROWTH * this.#bytes.length)
      : Math.min(total + tail, ANNOUNCED_GROWTH * length);
    const grown = new Uint8Array(Math.max(wanted, length + tail));
    if (this.#length > 0) grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Returns the compressed message with the octets that its sender left out (RFC 7692, 7.2.2). */
  takeDeflated(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < this.#length + TAIL_LENGTH) this.#grow(this.#length, this.#length);
    writeTail(this.#bytes, this.#length);
    return this.#bytes.subarray(0, this.#length + TAIL_LENGTH);
  }

  /**
   * Reports the message, which is complete and not compressed.
   *
   * @throws {ProtocolError} 1007 if it is a text that ends inside a character (8.1).
   */
  report(sink: SinkEvents, codec: TextCodec): void {
    const bytes = this.#bytes, length = this.#length, validator = this.#validator;
    if (!this.isText) {
      sink.binary(bytes.length === length && length > 0 ? bytes : bytes.slice(0, length));
    } else if (validator === undefined) {
      sink.text(codec.decodeAscii(bytes, 0, length));
    } else if (validator.complete) {
      sink.text(codec.decodeUtf8(bytes, 0, length));
    } else {
      throw notUtf8();
    }
  }

  /**
   * Reports the message, which was compressed.
   *
   * @param maxLength Maximum number of octets, checked again here.
   * @throws {ProtocolError} 1007 if it could not be inflated or is a text that is not UTF-8 (8.1),
   * 1009 if it is too long.
   */
  reportInflated(outcome: Inflated, maxLength: number, sink: SinkEvents, codec: TextCodec): void {
    if (outcome === "malformed") { // 7692:7.2.2
      throw new ProtocolError(INVALID_PAYLOAD, "Cannot inflate a message: it is no deflate stream");
    }
    if (outcome === "too-long" || outcome.length > maxLength) throw tooBig();
    if (!this.isText) return sink.binary(spanning(outcome));
    if (!codec.isUtf8(outcome, 0, outcome.length)) throw notUtf8();
    sink.text(codec.decodeUtf8(outcome, 0, outcome.length));
  }
}
