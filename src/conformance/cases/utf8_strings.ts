/**
 * Byte sequences that are valid UTF-8, and others that are not.
 *
 * They follow the well-known stress test of decoders: first and last code point of every length,
 * stray and missing continuation bytes, longer forms than needed, surrogates, noncharacters.
 *
 * @module
 */

/** A byte sequence. */
export interface Sample {
  /** Description, as part of a case's name. */
  readonly name: string;

  /** The bytes, in hex digits. */
  readonly hex: string;

  /** Numbers of the Autobahn cases that send these bytes. */
  readonly autobahn: readonly string[];
}

/** Names, hex digits, and Autobahn numbers without their common prefix. */
type Row = readonly [name: string, hex: string, ...autobahn: string[]];

function samples(rows: readonly Row[]): Sample[] {
  return rows.map(([name, hex, ...autobahn]) => ({
    name,
    hex,
    autobahn: autobahn.map((number) => `6.${number}`),
  }));
}

/** U+xFFFE and U+xFFFF of the sixteen supplementary planes: 6.22.3 to 6.22.34. */
const PLANES: readonly Row[] = Array.from({ length: 32 }, (_, index) => {
  const plane = 1 + (index >> 1);
  const point = (plane << 16) | 0xfffe | (index & 1);
  const octets = [
    0xf0 | (point >> 18),
    0x80 | ((point >> 12) & 0x3f),
    0x80 | ((point >> 6) & 0x3f),
    0x80 | (point & 0x3f),
  ];
  const hex = octets.map((octet) => octet.toString(16)).join("");
  const number = `22.${index + 3}`;
  const name = `u-${point.toString(16)}-a-noncharacter`;
  // The last code point is also the last of four bytes: 6.9.4 and 6.11.4.
  return index === 31 ? [name, hex, "9.4", "11.4", number] : [name, hex, number];
});

const KOSME = "cebae1bdb9cf83cebcceb5";

/** Lengths at which the word of five characters ends between two of them. */
const WHOLE_PREFIXES = [2, 5, 7, 9];

function prefix(length: number): Row {
  const bytes = length === 1 ? "byte" : `${length}-bytes`;
  return [`the-first-${bytes}-of-a-word`, KOSME.slice(0, 2 * length), `6.${length}`];
}

/** Sequences that are valid UTF-8. */
export const VALID: readonly Sample[] = samples([
  ["one-byte-among-ascii", "68656c6c6f24776f726c64", "5.1"],
  ["two-bytes-among-ascii", "68656c6c6fc2a2776f726c64", "5.2"],
  ["three-bytes-among-ascii", "68656c6c6fe282ac776f726c64", "5.3"],
  ["four-bytes-among-ascii", "68656c6c6ff0a4ada2776f726c64", "5.4"],
  ["a-word-in-greek", KOSME, "5.5", "6.11"],
  ...WHOLE_PREFIXES.map(prefix),
  ["u-0-the-first-of-one-byte", "00", "7.1"],
  ["u-80-the-first-of-two-bytes", "c280", "7.2"],
  ["u-800-the-first-of-three-bytes", "e0a080", "7.3"],
  ["u-10000-the-first-of-four-bytes", "f0908080", "7.4"],
  ["u-7f-the-last-of-one-byte", "7f", "9.1"],
  ["u-7ff-the-last-of-two-bytes", "dfbf", "9.2"],
  ["u-ffff-the-last-of-three-bytes", "efbfbf", "9.3", "22.2", "23.7"],
  ["u-d7ff-the-last-before-the-surrogates", "ed9fbf", "11.1"],
  ["u-e000-the-first-after-the-surrogates", "ee8080", "11.2"],
  ["u-fff9-an-annotation-anchor", "efbfb9", "23.1"],
  ["u-fffa-an-annotation-separator", "efbfba", "23.2"],
  ["u-fffb-an-annotation-terminator", "efbfbb", "23.3"],
  ["u-fffc-the-object-replacement", "efbfbc", "23.4"],
  ["u-fffd-the-replacement-character", "efbfbd", "11.3", "23.5"],
  ["u-fffe-a-noncharacter", "efbfbe", "22.1", "23.6"],
  ...PLANES,
]);

/** Returns the lead bytes in a range, each followed by a space. */
function leads(from: number, to: number): string {
  let hex = "";
  for (let lead = from; lead <= to; lead++) hex += `${lead.toString(16)}20`;
  return hex;
}

/** Returns so many continuation bytes, 80 and BF alternately. */
function strays(count: number): Row {
  const hex = "80bf".repeat(3).slice(0, 2 * count);
  return [`${count}-stray-continuation-bytes`, hex, `12.${count + 1}`];
}

/** Numbers the rows of one kind. */
function kind(autobahn: number, name: (index: number) => string, sequences: string): Row[] {
  return sequences.split(" ").map((hex, index) => [name(index), hex, `${autobahn}.${index + 1}`]);
}

/** Sequences that lack their last byte, by their first bytes. */
const CUT_SHORT = "c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf";

/** All continuation bytes but the last. */
const MANY_STRAYS = Array.from({ length: 63 }, (_, index) => (0x80 + index).toString(16)).join("");

/** Sequences that are not valid UTF-8. */
export const INVALID: readonly Sample[] = samples([
  ...[1, 3, 4, 6, 8, 10].map(prefix),
  ["the-first-of-five-bytes", "f888808080", "8.1"],
  ["the-first-of-six-bytes", "fc8480808080", "8.2"],
  ["the-last-of-four-bytes", "f7bfbfbf", "10.1"],
  ["the-last-of-five-bytes", "fbbfbfbfbf", "10.2"],
  ["the-last-of-six-bytes", "fdbfbfbfbfbf", "10.3"],
  ["u-110000-beyond-the-last", "f4908080", "11.5"],
  ["a-stray-continuation-byte-80", "80", "12.1"],
  ["a-stray-continuation-byte-bf", "bf", "12.2"],
  ...[2, 3, 4, 5, 6].map(strays),
  ["63-stray-continuation-bytes", MANY_STRAYS, "12.8"],
  ["lone-leads-of-two-bytes", leads(0xc0, 0xde), "13.1"],
  ["lone-leads-of-three-bytes", leads(0xe0, 0xee), "13.2"],
  ["lone-leads-of-four-bytes", leads(0xf0, 0xf6), "13.3"],
  ["lone-leads-of-five-bytes", leads(0xf8, 0xfa), "13.4"],
  ["a-lone-lead-of-six-bytes", leads(0xfc, 0xfc), "13.5"],
  ...kind(14, (index) => {
    const edge = index < 5 ? "lowest" : "highest";
    return `the-${edge}-of-${2 + index % 5}-bytes-without-its-last`;
  }, CUT_SHORT),
  ["ten-sequences-without-their-last-bytes", CUT_SHORT.replaceAll(" ", ""), "15.1"],
  ["the-byte-fe", "fe", "16.1"],
  ["the-byte-ff", "ff", "16.2"],
  ["the-bytes-fe-and-ff", "fefeffff", "16.3"],
  ...kind(
    17,
    (index) => `a-slash-in-${index + 2}-bytes`,
    "c0af e080af f08080af f8808080af fc80808080af",
  ),
  ...kind(
    18,
    (index) => `the-highest-that-needs-less-than-${index + 2}-bytes`,
    "c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf",
  ),
  ...kind(
    19,
    (index) => `u-0-in-${index + 2}-bytes`,
    "c080 e08080 f0808080 f880808080 fc8080808080",
  ),
  ...kind(
    20,
    (index) =>
      `a-lone-surrogate-${["d800", "db7f", "db80", "dbff", "dc00", "df80", "dfff"][index]}`,
    "eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf",
  ),
  ...kind(
    21,
    (index) =>
      `a-surrogate-pair-${["d800", "db7f", "db80", "dbff"][index >> 1]}-${
        index & 1 ? "dfff" : "dc00"
      }`,
    "eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf " +
      "edae80edb080 edae80edbfbf edafbfedb080 edafbfedbfbf",
  ),
]);
