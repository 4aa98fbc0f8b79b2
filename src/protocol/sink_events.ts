/** Events that a receiver reports. @module */

import type { ProtocolError } from "./protocol_error.ts";

/**
 * Events of one direction of a connection, in the order in which they arrive. The sink owns all data that
 * it is passed: none of it refers to the input or is used again.
 */
export interface SinkEvents {
  /** A text message is complete (RFC 6455, 5.6). */
  text(data: string): void;

  /**
   * A binary message is complete (5.6). `data.buffer` is exactly the message, too. V8 allocates that
   * `ArrayBuffer` on first access if the message has up to 64 bytes: copying 16 takes 80 ns without
   * it, and 370 with it.
   */
  binary(data: Uint8Array<ArrayBuffer>): void;

  /** A Ping frame was received: a Pong with its payload is due (5.5.2). */
  ping(payload: Uint8Array<ArrayBuffer>): void;

  /** A Pong frame was received (5.5.3). */
  pong(payload: Uint8Array<ArrayBuffer>): void;

  /**
   * A Close frame was received (5.5.1): a Close is due, unless one was sent. This is the last event.
   *
   * @param code Code of the frame; 1005 if it has none (7.1.5).
   * @param reason Reason of the frame, or `""` (7.1.6).
   */
  close(code: number, reason: string): void;

  /** The peer has broken the protocol: the connection must be failed (7.1.7). This is the last event. */
  fail(error: ProtocolError): void;
}
