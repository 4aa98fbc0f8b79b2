/** Valid and invalid UTF-8 in text messages: RFC 6455 sections 5.6 and 8.1. @module */

import {
  alone,
  type Case,
  covers,
  type Draft,
  either,
  expect,
  expectFailure,
  expectFailureWithin,
  expectNothing,
  family,
  must,
  pass,
  pause,
  section,
  send,
  type Trait,
  warn,
} from "../case.ts";
import { hex, more, rest, text } from "../wire/frame.ts";
import type { Step } from "../step.ts";
import { INVALID, type Sample, VALID } from "./utf8_strings.ts";

const ANY_TEXT = "Text is UTF-8, and every code point may stand in it";
const ANY_CUT = "A text may be cut into fragments anywhere, inside a character too";
const ONLY_UTF8 = "Text that is not UTF-8 fails the connection";

const ACCENTS = "Hello-µ@ßöäüàá-UTF-8!!";
/** A Greek word, as bytes, because editors may normalize its accent. */
const GREEK = "cebae1bdb9cf83cebcceb5";

/** A valid text, a surrogate, and more text. */
const SURROGATE = hex(`${GREEK}eda080656469746564`);

/** Milliseconds within which a peer notices "at once". */
const AT_ONCE = 250;

const LATE = "The text was refused only when all of it had come";

const PART = { fin: false } as const;

/** Makes a case for each sample, named `verb-sample`. */
function each(
  verb: string,
  list: readonly Sample[],
  make: (bytes: Uint8Array, covered: Trait) => Draft,
): Record<string, Draft> {
  return Object.fromEntries(
    list.map((sample) => [
      `${verb}-${sample.name}`,
      make(hex(sample.hex), covers(...sample.autobahn)),
    ]),
  );
}

/**
 * A text in three parts, the second of which makes it invalid. The section does not say how soon
 * that has to be noticed; Autobahn calls it strict to notice before the third.
 */
function refusesEarly(autobahn: string, [first, wrong, last]: readonly string[]): Draft {
  return must(
    ONLY_UTF8,
    covers(autobahn),
    alone(),
    send(text(hex(first!), PART)),
    expectNothing(),
    send(more(hex(wrong!), PART)),
    earlyOrLate(send(more(hex(last!)))),
  );
}

/** The same three parts inside one frame. */
function refusesEarlyInOneFrame(autobahn: string, [first, wrong, last]: readonly string[]): Draft {
  const at = first!.length / 2;
  const size = (first! + wrong! + last!).length / 2;
  return must(
    ONLY_UTF8,
    covers(autobahn),
    alone(),
    send(text(hex(first!), { ...PART, length: size })),
    pause(20),
    send(rest(hex(wrong!), at)),
    earlyOrLate(send(rest(hex(last!), at + wrong!.length / 2), more(""))),
  );
}

function earlyOrLate(finish: Step): Step {
  return either(
    pass(expectFailureWithin(AT_ONCE, 1007)),
    warn(LATE, finish, expectFailure(1007)),
  );
}

/** Cuts around the sequence beyond U+10FFFF, and at the first byte that shows it. */
const AROUND = [GREEK, "f4908080", "656469746564"];
const AT_THE_BYTE = [`${GREEK}f4`, "90", "8080656469746564"];

/** Cases about the encoding of texts. */
export const utf8: Case[] = [
  ...section("5.6", {
    "repeats-an-empty-text": must(ANY_TEXT, covers("6.1.1"), send(text("")), expect(text(""))),
    "repeats-a-text-with-accents": must(
      ANY_TEXT,
      covers("6.2.1"),
      send(text(ACCENTS)),
      expect(text(ACCENTS)),
    ),
    "repeats-a-text-cut-between-characters": must(
      ANY_CUT,
      covers("6.2.2"),
      send(text("Hello-µ@ßöä", PART), more("üàá-UTF-8!!")),
      expect(text(ACCENTS)),
    ),
    "repeats-a-text-with-accents-cut-at-every-byte": must(
      ANY_CUT,
      covers("6.2.3"),
      send(text(ACCENTS, { fragment: 1 })),
      expect(text(ACCENTS)),
    ),
    "repeats-a-text-in-greek-cut-at-every-byte": must(
      ANY_CUT,
      covers("6.2.4"),
      send(text(hex(GREEK), { fragment: 1 })),
      expect(text(hex(GREEK))),
    ),
    ...each(
      "repeats",
      VALID,
      (bytes, covered) =>
        must(ANY_TEXT, covered, family("utf8-valid"), send(text(bytes)), expect(text(bytes))),
    ),
  }),

  ...section("8.1", {
    "refuses-a-surrogate-inside-a-text": must(
      ONLY_UTF8,
      covers("6.3.1"),
      send(text(SURROGATE)),
      expectFailure(1007),
    ),
    "refuses-a-surrogate-cut-at-every-byte": must(
      ONLY_UTF8,
      covers("6.3.2"),
      send(text(SURROGATE, { fragment: 1 })),
      expectFailure(1007),
    ),
    "refuses-a-fragment-that-goes-beyond-the-last-code-point": refusesEarly("6.4.1", AROUND),
    "refuses-a-fragment-at-the-byte-that-proves-it-wrong": refusesEarly("6.4.2", AT_THE_BYTE),
    "refuses-a-frame-that-goes-beyond-the-last-code-point": refusesEarlyInOneFrame("6.4.3", AROUND),
    "refuses-a-frame-at-the-byte-that-proves-it-wrong": refusesEarlyInOneFrame(
      "6.4.4",
      AT_THE_BYTE,
    ),
    // The two cases before rely on this: the beginning alone is not refused.
    "lets-a-frame-of-text-come-in-parts": must(
      ANY_CUT,
      send(text(hex(AT_THE_BYTE[0]!), { length: 15 })),
      pause(20),
      send(rest(hex("8fbfbf"), 12)),
      expect(text(hex(`${GREEK}f48fbfbf`))),
    ),
    ...each(
      "refuses",
      INVALID,
      (bytes, covered) =>
        must(ONLY_UTF8, covered, family("utf8-invalid"), send(text(bytes)), expectFailure(1007)),
    ),
  }),
];
