/** Patterns that hang on a line of some hundred or thousand bytes, and linear ones. @module */

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

export const exponential: readonly RegExp[] = [
  /^(?:a+)+$/, // found by regexp/no-super-linear-backtracking
  /^(?:a|a)*$/, // found by regexp/no-dupe-disjunctions
  /^(?: *a? *,?)*$/, // found by regexp/no-super-linear-backtracking
  new RegExp(`^(?:[ \\t]*(?:${TOKEN})?[ \\t]*,?)*$`), // found by regexp/no-super-linear-backtracking
];

export const quadratic: readonly RegExp[] = [
  /^a*a*$/, // found by regexp/no-super-linear-backtracking
  /^[\da-f:.]*:[\da-f:.]*$/, // found by regexp/no-super-linear-backtracking
  /\s+$/, // found by regexp/no-super-linear-move
  new RegExp("[ \\t]+=" + TOKEN), // found by regexp/no-super-linear-move
];

export const linear: readonly RegExp[] = [
  /^a+(?:,a+)*$/,
  /^(?:[^,"]|"[^"]*")*$/,
  /^[\da-f.]*(?::[\da-f.]*)+$/,
  /\s$/,
  new RegExp(`^${TOKEN}=${TOKEN}$`),
];
