/** Tables of a comparison. @module */

/** A row: what was measured, and the result for each package. */
export interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

/** A table of the README. */
export interface Table {
  /** Text of its first cell. */
  readonly head: string;
  /** Its other columns. */
  readonly packages: readonly string[];
  readonly rows: readonly Row[];
}
