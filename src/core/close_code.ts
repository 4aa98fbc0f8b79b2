/** Close codes and reasons: which may be sent, and which may be received. @module */

/** End of a connection. Clients may send fewer codes than servers. */
export type Role = "client" | "server";

/** Status of a Close frame that had no code (RFC 6455, 7.4.1). Never on the wire. */
export const NO_STATUS = 1005;

/** Status of a connection that ended without a Close frame (RFC 6455, 7.4.1). Never on the wire. */
export const ABNORMAL = 1006;

/** Maximum size of a reason, in bytes of UTF-8: a control frame's 125 without the code (RFC 6455, 5.5). */
export const MAX_REASON_BYTES = 123;

/** Returns the number of bytes of a string as UTF-8. Half a surrogate pair counts as U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    const paired = (unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
    if (paired) i++; // 4 bytes for 2 units
  }
  return bytes;
}

function mayBeSent(code: number, role: Role): boolean {
  if (code >= 3000 && code <= 4999) return true;
  if (role === "client") return code === 1000;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014); // 7.4.1, 7.4.2
}

/** Returns whether a peer's Close frame may have a code (or none, 1005): others break the protocol. */
export function mayBeReceived(code: number): boolean {
  return code === NO_STATUS || mayBeSent(code, "server");
}

/** WebIDL's `[Clamp] unsigned short`: rounds half to even, and keeps within 0 to 65535. */
function clamp(value: unknown): number {
  const number = +(value as number); // unlike Number(), not for bigints
  const bounded = Math.min(Math.max(number || 0, 0), 65535); // NaN is 0
  const floor = Math.floor(bounded);
  const rest = bounded - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/**
 * Checks what a user gave to `close()`, by the rules of the WHATWG WebSockets standard.
 *
 * @returns The code, if any, and the reason. A reason without a code gets 1000: a Close frame has
 * no room for a reason alone (RFC 6455, 5.5.1).
 * @throws {DOMException} `InvalidAccessError` for a code that this end may not send, `SyntaxError`
 * for a reason of more than 123 bytes.
 */
export function checkClose(
  role: Role,
  code: unknown,
  reason: unknown,
): { code: number | undefined; reason: string } {
  // Both conversions come before both checks (WebIDL).
  const checked = code === undefined ? undefined : clamp(code);
  const text = reason === undefined ? "" : `${reason}`; // unlike String(), not for symbols
  if (checked !== undefined && !mayBeSent(checked, role)) {
    const allowed = role === "client"
      ? "1000 or between 3000 and 4999"
      : "1000 to 1003, 1007 to 1014, or between 3000 and 4999";
    throw new DOMException(
      `Cannot close with code ${checked}: it must be ${allowed}`,
      "InvalidAccessError",
    );
  }
  const bytes = utf8Length(text);
  if (bytes > MAX_REASON_BYTES) {
    throw new DOMException(
      `Cannot close with a reason of ${bytes} bytes: it must have at most ${MAX_REASON_BYTES}`,
      "SyntaxError",
    );
  }
  return { code: checked ?? (text === "" ? undefined : 1000), reason: text };
}
