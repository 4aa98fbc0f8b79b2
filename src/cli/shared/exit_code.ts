/** Exit codes: one table for all commands. @module */

/** Success. */
export const OK = 0;
/** The command ran, and failed. */
export const FAILED = 1;
/** The command could not run: invalid arguments, or no target that can be judged or measured. */
export const UNUSABLE = 2;
/** Ended at once, by a second Ctrl-C: 128 plus the number of the signal. */
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
