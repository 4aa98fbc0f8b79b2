/**
 * Rules of brokers that a client or an engine cannot keep, by harness and rule, with the reason. Each
 * of these must be broken: when one is kept, its test fails, and the entry is deleted.
 *
 * @module
 */

/** Reasons, by harness and rule. */
export const deviations: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
