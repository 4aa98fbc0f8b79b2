/** Random numbers that can be repeated. @module */

/**
 * Makes a generator of random numbers of at least 0 and less than 1 (xorshift).
 *
 * @param seed The same seed gives the same numbers.
 */
export function seeded(seed: number): () => number {
  // Small seeds would start with small numbers, and a state of 0 would stay 0.
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
