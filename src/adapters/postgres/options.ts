/** Options of the broker on PostgreSQL, and names of channels. @module */

import { createHash } from "node:crypto";

/** Options for `postgres()`. */
export interface PostgresOptions {
  /**
   * Distinguishes the applications that share a database: those with different prefixes share nothing.
   *
   * @default {"isosocket:"}
   */
  prefix?: string;
  /**
   * Table of the messages that are too long for NOTIFY, perhaps with a schema: `"name"` or
   * `"schema.name"`. It is created when the first of them is published.
   *
   * @default {"isosocket_messages"}
   */
  table?: string;
}

/** {@linkcode PostgresOptions}, checked. */
export interface CheckedPostgresOptions {
  readonly prefix: string;
  readonly table: string;
}

/**
 * Checks options, and adds their defaults.
 *
 * @throws {TypeError} If one is invalid.
 */
export function checkPostgresOptions(options: PostgresOptions): CheckedPostgresOptions {
  const { prefix = "isosocket:", table = "isosocket_messages" } = options;
  if (typeof prefix !== "string" || !prefix.isWellFormed()) {
    throw new TypeError(`Cannot use prefix ${JSON.stringify(prefix)}: it must be well-formed text`);
  }
  if (typeof table !== "string" || !/^(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/.test(table)) {
    throw new TypeError(
      `Cannot use table ${
        JSON.stringify(table)
      }: it must be a name of a-z, 0-9 and _, perhaps with a schema's before it`,
    );
  }
  return { prefix, table };
}

/**
 * Returns PostgreSQL's name of a channel. A name has 63 bytes there, and LISTEN would cut off what is
 * longer, so a digest of 160 bits is taken of all.
 */
export function nameOf(prefix: string, channel: string): string {
  const digest = createHash("sha256").update(prefix + channel).digest("hex");
  return `isosocket_${digest.slice(0, 40)}`;
}
