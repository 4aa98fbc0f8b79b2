/** Payload of a Close frame: a code and a reason, or nothing (RFC 6455, 5.5.1 and 7.4). @module */

import { MAX_CONTROL } from "./frame_head.ts";
import { INVALID_PAYLOAD, PROTOCOL_ERROR, ProtocolError } from "./protocol_error.ts";
import type { TextCodec } from "./text_codec.ts";

/** Code of a Close frame that carries none (7.4.1). Never on the wire. */
export const NO_STATUS = 1005;

/** Maximum number of octets of a reason: a control frame's 125 without the code (5.5). */
export const MAX_REASON = MAX_CONTROL - 2;

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Code and reason of a Close frame. */
export interface ClosePayload {
  /** Code; {@linkcode NO_STATUS} if there is none. */
  readonly code: number;

  /** Reason; empty if there is none. */
  readonly reason: string;
}

/**
 * Returns whether a code may stand in a Close frame, of either end: 1000 to 1003, 1007 to 1014 and
 * 3000 to 4999. 1004 has no meaning yet; 1005, 1006 and 1015 are for reports only; 1016 to 2999 are
 * reserved for the protocol, and everything else is not defined (7.4.1, 7.4.2).
 */
export function isWireCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999);
}

/**
 * Reads the payload of a Close frame.
 *
 * @throws {ProtocolError} 1002 if it has one octet or its code is not for the wire, 1007 if its reason
 * is not UTF-8.
 */
export function readClosePayload(payload: Uint8Array, codec: TextCodec): ClosePayload {
  const { length } = payload;
  if (length === 0) return { code: NO_STATUS, reason: "" };
  if (length === 1) throw new ProtocolError(PROTOCOL_ERROR, "Cannot read a close code of one byte");
  const code = payload[0]! << 8 | payload[1]!;
  if (!isWireCode(code)) {
    throw new ProtocolError(PROTOCOL_ERROR, `Cannot read the close code ${code}: it is reserved`);
  }
  if (!codec.isUtf8(payload, 2, length)) { // 8.1
    throw new ProtocolError(INVALID_PAYLOAD, "Cannot read a close reason that is not UTF-8");
  }
  return { code, reason: codec.decodeUtf8(payload, 2, length) };
}

/**
 * Returns the payload of a Close frame.
 *
 * @param code Code; `undefined` for a frame without one.
 * @throws {RangeError} If the code is not for the wire, if there is a reason without a code, or if the
 * reason has more than {@linkcode MAX_REASON} octets.
 */
export function encodeClosePayload(
  code: number | undefined,
  reason: string,
  codec: TextCodec,
): Uint8Array<ArrayBuffer> {
  if (code === undefined) {
    if (reason !== "") throw new RangeError("Cannot send a close reason without a code");
    return EMPTY;
  }
  if (!isWireCode(code)) throw new RangeError(`Cannot send the close code ${code}`);
  const size = codec.byteLength(reason);
  if (size > MAX_REASON) {
    throw new RangeError(`Cannot send a close reason of ${size} bytes: ${MAX_REASON} is the limit`);
  }
  const payload = new Uint8Array(2 + size);
  payload[0] = code >> 8;
  payload[1] = code;
  codec.encodeInto(reason, payload, 2);
  return payload;
}
