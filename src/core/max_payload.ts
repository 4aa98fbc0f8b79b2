/** Maximum size of a message that comes: where it is decided that one is too long. @module */

import { utf8Length } from "./close_code.ts";

/** Default of a client's `maxPayload`, in bytes. A server's is smaller: see `Limits`. */
export const CLIENT_MAX_PAYLOAD: number = 64 * 1024 * 1024;

/** Message of the error of a connection whose peer has sent more than `maxPayload` bytes. */
export function tooLong(maxPayload: number): string {
  return `A message has more than maxPayload, ${maxPayload} bytes`;
}

/**
 * Fails a connection if a message is longer than it may be.
 *
 * @returns Whether the message may be delivered.
 */
export function fits(
  data: string | ArrayBuffer,
  connection: { fail(code: number, message: string): void },
  maxPayload = Infinity,
): boolean {
  // One comparison for most: the bytes of a text are counted only if they may be too many.
  const isShort = typeof data === "string"
    ? data.length * 3 <= maxPayload || utf8Length(data) <= maxPayload
    : data.byteLength <= maxPayload;
  if (!isShort) connection.fail(1009, tooLong(maxPayload)); // 7.4.1
  return isShort;
}
