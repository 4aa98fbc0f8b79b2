/** The version of this package: the same as in `deno.json`, which a test checks. @module */

/** The version of this package. */
export const VERSION = "0.1.0";
