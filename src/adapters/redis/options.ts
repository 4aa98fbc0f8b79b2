/** Options of the broker on Redis. @module */

/** Options for `redis()`. */
export interface RedisOptions {
  /**
   * Beginning of all channels: applications that share a Redis need different ones. A user of Redis
   * needs the permissions for `<prefix>*`.
   *
   * @default {"isosocket:"}
   */
  prefix?: string;
  /**
   * Whether bytes are sent as base64, a third longer. Bun's client reads them only so: set it in all
   * processes if one of them uses that client, and others do not. Text needs no such thing.
   *
   * @default {true} With Bun's client; otherwise `false`.
   */
  base64?: boolean;
}

/** {@linkcode RedisOptions}, checked. */
export interface CheckedRedisOptions {
  readonly prefix: string;
  readonly base64: boolean;
}

/**
 * Checks options, and adds their defaults.
 *
 * @throws {TypeError} If one is invalid.
 */
export function checkRedisOptions(options: RedisOptions): CheckedRedisOptions {
  const { prefix = "isosocket:", base64 = false } = options;
  if (typeof prefix !== "string" || !prefix.isWellFormed()) {
    throw new TypeError(`Cannot use prefix ${JSON.stringify(prefix)}: it must be well-formed text`);
  }
  if (typeof base64 !== "boolean") {
    throw new TypeError(`Cannot use base64 ${base64}: it must be true or false`);
  }
  return { prefix, base64 };
}

/** Maximum size of a message: Redis's own default for a string (proto-max-bulk-len), in bytes. */
export const MAX_MESSAGE: number = 512 * 1024 * 1024;
