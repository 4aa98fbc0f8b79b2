/** Masking keys for a client's frames (RFC 6455, 5.3 and 10.3). @module */

/** Number of keys that are drawn per call into the runtime. */
const DRAWN = 256;

const keys = new Int32Array(DRAWN);
let next = DRAWN;

/** Returns a masking key: 32 bits of the runtime's cryptographic generator, used only once. */
export function drawMaskKey(): number {
  if (next === DRAWN) {
    crypto.getRandomValues(keys);
    next = 0;
  }
  return keys[next++]!;
}
