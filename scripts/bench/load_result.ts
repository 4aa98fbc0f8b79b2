/** Result of one run of the load. @module */

/** Number of messages of one run, and its time. */
export interface LoadResult {
  /** Number of messages that arrived. */
  readonly messages: number;
  /** Time that the run took, in milliseconds. */
  readonly ms: number;
}
