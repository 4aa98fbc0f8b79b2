/** Reasons to deliver no messages for a while. @module */

/** Set of reasons, as bits; 0 for none. */
export type PauseReason = number;

/** Sent messages do not drain. */
export const BACKLOGGED: PauseReason = 1;

/** Too many bytes of a stream are not read yet. */
export const UNREAD: PauseReason = 2;

/** The program called `pause()`. */
export const PAUSED: PauseReason = 4;

/** All reasons. */
export const ANY_REASON: PauseReason = 7;
