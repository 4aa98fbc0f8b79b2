/** Chance that is the same each time. @module */

/**
 * Makes a generator of random numbers from 0 up to 1 (xorshift).
 *
 * @param seed The same seed gives the same numbers.
 */
export function seeded(seed: number): () => number {
  // Small seeds would begin with small numbers, and 0 would stay 0 for ever.
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
