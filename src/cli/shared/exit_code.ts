/** What the command's exit codes mean: one table for all that it does. @module */

/** All went as asked. */
export const OK = 0;
/** It was tried, and did not go well. */
export const FAILED = 1;
/** Nothing could be tried: the arguments make no sense, or there is nobody to try it with. */
export const UNUSABLE = 2;
/** Ended at once, by a second Ctrl-C: 128, and the number of the signal. */
export const INTERRUPTED = 130;

/** The table, for `--help`. */
export const EXIT_CODES = `Exit codes:
    0   all went as asked: a socket that you closed, or the server with 1000
        or without a code; nothing failed, nothing was lost
    1   it did not: nobody listens, the handshake is refused, the connection is
        lost or closed with another code, answers are missing or wrong, a judge
        found failures
    2   nothing could be tried: the arguments make no sense, or the target
        could not be judged or measured
  130   ended at once, by a second Ctrl-C
`;
