/** A row of the tables of mistakes. @module */

/** A mistake. */
export interface Mistake {
  /** What the program has, as an expression. */
  readonly code: string;
  /** Name and message of the error, or the line on the console. */
  readonly says: string;
}
