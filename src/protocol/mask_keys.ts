/** Masking keys for a client's frames (RFC 6455, 5.3 and 10.3). @module */

/** Number of keys that are drawn at once: one by one, each would take a call into the runtime. */
const DRAWN = 256;

const keys = new Int32Array(DRAWN);
let next = DRAWN;

/** Returns a masking key of 32 bits that nobody can predict; none is used twice. */
export function drawMaskKey(): number {
  if (next === DRAWN) {
    crypto.getRandomValues(keys);
    next = 0;
  }
  return keys[next++]!;
}
