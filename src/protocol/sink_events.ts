/** What a receiver reports. @module */

import type { ProtocolError } from "./protocol_error.ts";

/**
 * Events of one direction of a connection, in the order of the octets that complete them. Whatever is
 * passed is the sink's own: no memory of the input, nor any that is used again.
 */
export interface SinkEvents {
  /** A text message is complete (RFC 6455, 5.6). */
  text(data: string): void;

  /**
   * A binary message is complete (5.6). It spans its memory whole, so `data.buffer` is the message,
   * too. On V8, one of up to 64 bytes has no `ArrayBuffer` before that is asked for: without, 16
   * bytes are copied in 80 ns, with it in 370.
   */
  binary(data: Uint8Array<ArrayBuffer>): void;

  /** A Ping frame has come: a Pong with its payload is due (5.5.2). */
  ping(payload: Uint8Array<ArrayBuffer>): void;

  /** A Pong frame has come (5.5.3). */
  pong(payload: Uint8Array<ArrayBuffer>): void;

  /**
   * A Close frame has come (5.5.1): a Close is due, unless one was sent. No event comes after this.
   *
   * @param code Code in the frame; 1005 if it has none (7.1.5).
   * @param reason Reason in the frame, or `""` (7.1.6).
   */
  close(code: number, reason: string): void;

  /** The peer has broken the protocol: fail the connection (7.1.7). No event comes after this. */
  fail(error: ProtocolError): void;
}
