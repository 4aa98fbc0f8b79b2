/** Error for a peer that breaks the protocol. @module */

/** Close codes with which a receiver fails a connection (RFC 6455, 7.4.1). */
export type FailureCode = 1002 | 1007 | 1009;

/** Close code: the peer breaks a rule of the framing (7.4.1). */
export const PROTOCOL_ERROR = 1002;

/** Close code: a payload does not match its type, such as text that is not UTF-8 (7.4.1). */
export const INVALID_PAYLOAD = 1007;

/** Close code: a message is longer than this end accepts (7.4.1). */
export const TOO_BIG = 1009;

/**
 * Error for a peer that breaks RFC 6455 or 7692: the connection must be failed (7.1.7). It is reported
 * to the sink, and never thrown by a receiver. Errors of this end are thrown as they are.
 */
export class ProtocolError extends Error {
  /** Code for the Close frame that fails the connection (7.4.1). */
  readonly code: FailureCode;

  /**
   * Creates an error.
   *
   * @param code Code for the Close frame (7.4.1).
   * @param message The rule that is broken.
   */
  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}

/** Returns the error for a text that is not UTF-8 (8.1). */
export function notUtf8(): ProtocolError {
  return new ProtocolError(INVALID_PAYLOAD, "Cannot read a text that is not UTF-8");
}

/** Returns the error for a message that is longer than the limit (10.4). */
export function tooBig(): ProtocolError {
  return new ProtocolError(TOO_BIG, "Cannot read a message that is longer than the limit");
}
