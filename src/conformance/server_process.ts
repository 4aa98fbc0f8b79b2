/**
 * The process of a server that is judged, if the judge may start it again.
 *
 * @module
 */

/** A server's process, as the judge needs it. */
export interface ServerProcess {
  /** How it ended by itself, in words: `it ended with SIGSEGV`. `undefined` while it runs. */
  readonly ended: string | undefined;

  /** Ends it, if it runs, and starts it again. Resolves when it runs, listening or not. */
  restart(): Promise<void>;
}
