/** The values of `readyState`. @module */

/** Values of `readyState`, as the standard numbers them. */
export const CONNECTING = 0, OPEN = 1, CLOSING = 2, CLOSED = 3;

/** One of the values of `readyState`. */
export type ReadyState = 0 | 1 | 2 | 3;
