/** Bytes as base64, for brokers that carry only text. @module */

/** Number of arguments that a call may have on every runtime. */
const MANY = 8192;

/** Encodes bytes. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += MANY) {
    text += String.fromCharCode(...bytes.subarray(at, at + MANY));
  }
  return btoa(text);
}

/**
 * Decodes bytes.
 *
 * @throws {DOMException} If the text is not base64.
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
