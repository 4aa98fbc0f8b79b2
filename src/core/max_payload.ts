/**
 * Maximum size of a received message: where it is decided that one is too long.
 *
 * Engines that have a limit of their own are given the server's or the client's `maxPayload`, and
 * refuse a longer message before it is complete: `tcp` (`protocol/receiver.ts`) and Bun's server
 * (`adapters/bun/web_socket_handlers.ts`). Here, whole messages are checked: on other engines, and
 * where `upgrade()` has set a lower limit.
 *
 * @module
 */

import { utf8Length } from "./close_code.ts";

/** Default of a client's `maxPayload`, in bytes. A server's is smaller: see `Limits`. */
export const CLIENT_MAX_PAYLOAD: number = 64 * 1024 * 1024;

/** Message of the error of a connection whose peer has sent more than `maxPayload` bytes. */
export function tooLong(maxPayload: number): string {
  return `A message has more than maxPayload, ${maxPayload} bytes`;
}

/**
 * Checks the size of a whole message. If it has more than `maxPayload` bytes, the connection fails with
 * Close code 1009.
 *
 * @param maxPayload Maximum number of bytes; `Infinity` by default.
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
