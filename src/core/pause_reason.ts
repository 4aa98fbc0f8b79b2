/** Reasons to deliver no messages for a while. @module */

/** Set of reasons, as bits; 0 for none. */
export type PauseReason = number;

/** What the program sends does not drain. */
export const BACKLOGGED: PauseReason = 1;

/** Too much that a stream was to deliver is not read yet. */
export const UNREAD: PauseReason = 2;

/** The program called `pause()`. */
export const PAUSED: PauseReason = 4;

/** All reasons. */
export const ANY_REASON: PauseReason = 7;
