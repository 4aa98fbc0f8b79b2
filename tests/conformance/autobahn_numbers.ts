/** The numbers of all 517 Autobahn cases, as groups with their sizes. @module */

/** A group of cases: numbered `name.1` to `name.count`. */
type Group = readonly [name: string, count: number];

function groups(family: number, counts: readonly number[]): Group[] {
  return counts.map((count, index): Group => [`${family}.${index + 1}`, count]);
}

// 6.5 to 6.23: one text frame each.
const STRINGS = [5, 11, 4, 2, 4, 3, 5, 8, 5, 10, 1, 3, 5, 5, 5, 7, 8, 34, 7];

const GROUPS: readonly Group[] = [
  ...groups(1, [8, 8]),
  ["2", 11],
  ["3", 7],
  ...groups(4, [5, 5]),
  ["5", 20],
  ...groups(6, [3, 4, 2, 4, ...STRINGS]),
  ["7.1", 6],
  ["7.3", 6],
  ["7.5", 1],
  ["7.7", 13],
  ["7.9", 9],
  ["7.13", 2],
  ...groups(9, [6, 6, 9, 9, 6, 6, 6, 6]),
  ["10.1", 1],
  ...groups(12, [18, 18, 18, 18, 18]),
  ...groups(13, [18, 18, 18, 18, 18, 18, 18]),
];

/** All numbers, in Autobahn's order. */
export const AUTOBAHN_NUMBERS: readonly string[] = GROUPS.flatMap(([name, count]) =>
  Array.from({ length: count }, (_, index) => `${name}.${index + 1}`)
);
