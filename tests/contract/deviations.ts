/**
 * What runtimes cannot keep, by ground and rule, and why. Each of these must be broken: on the day
 * when one is kept, its test fails, and the line goes.
 *
 * @module
 */

/** The reasons, by ground and rule. */
export const deviations: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
