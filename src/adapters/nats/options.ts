/** Options of the broker on NATS, and names of subjects. @module */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** Options for `nats()`. */
export interface NatsOptions {
  /**
   * Beginning of all subjects: applications that share a NATS need different ones. A user of NATS needs
   * the permissions to publish and to subscribe to `<prefix>>`, for instance `isosocket.>`.
   *
   * @default {"isosocket."}
   */
  prefix?: string;
}

/** {@linkcode NatsOptions}, checked. */
export interface CheckedNatsOptions {
  readonly prefix: string;
}

/**
 * Checks options, and adds their defaults.
 *
 * @throws {TypeError} If one is invalid.
 */
export function checkNatsOptions(options: NatsOptions): CheckedNatsOptions {
  const { prefix = "isosocket." } = options;
  if (typeof prefix !== "string" || !/^(?:[!-)+-\-/-=?-~]+\.)*[!-)+-\-/-=?-~]*$/.test(prefix)) {
    throw new TypeError(
      `Cannot use prefix ${
        JSON.stringify(prefix)
      }: it must be visible ASCII without wildcards, and no token of it empty`,
    );
  }
  return { prefix };
}

/** Number of bytes of a name above which a digest of it is taken: a subject has its bounds, too. */
const LONG_NAME = 512;

/** Returns the subject of a channel: one token behind the prefix, whatever the channel's name is. */
export function subjectOf(prefix: string, channel: string): string {
  const name = Buffer.from(channel);
  if (name.length <= LONG_NAME) return prefix + name.toString("base64url");
  // A tilde is no character of base64: no shorter name has this subject.
  return `${prefix}~${createHash("sha256").update(name).digest("base64url")}`;
}
