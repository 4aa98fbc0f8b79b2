/** Streams and characters cut at every offset: RFC 6455 sections 5.2, 5.4, 5.5.1, 8.1. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectClose,
  expectEnd,
  expectFailure,
  family,
  hangUp,
  must,
  type Part,
  pass,
  raw,
  section,
  send,
  sendChopped,
  sendCut,
  should,
} from "../case.ts";
import { binary, bytesOf, close, type Frame, hex, more, ping, pong, text } from "../wire/frame.ts";

const ANY_CUT = "Where TCP cuts the stream means nothing";
const ANY_FRAGMENT = "Only the message as a whole is UTF-8: a fragment may end inside a character";
const WHOLE = "A text message that is not UTF-8 from end to end fails the connection";
const ENDS = "TCP that ends inside a frame ends the connection, and nothing of the frame counts";

/** Characters of one, two, three, four, three and one bytes. */
const MIXED = bytesOf("aé€𝄞\uffffz");

/** Returns the offsets inside something of this size. */
function inside(size: number): number[] {
  return Array.from({ length: size - 1 }, (_, index) => index + 1);
}

const fragments = inside(MIXED.length).flatMap((at): [string, Draft][] => [
  [
    `takes-text-in-two-fragments-cut-at-byte-${at}`,
    must(
      ANY_FRAGMENT,
      family("cut characters"),
      send(text(MIXED.subarray(0, at), { fin: false }), more(MIXED.subarray(at))),
      expect(text(MIXED)),
    ),
  ],
  [
    `takes-text-in-two-fragments-cut-at-byte-${at}-around-an-empty-one-and-a-ping`,
    must(
      ANY_FRAGMENT,
      family("cut characters"),
      send(
        text(MIXED.subarray(0, at), { fin: false }),
        more("", { fin: false }),
        ping("between"),
        more(MIXED.subarray(at)),
      ),
      expect(pong("between")),
      expect(text(MIXED)),
    ),
  ],
]);

/** Incomplete characters: a text must not end in one, nor continue it differently. */
const BEGUN: readonly [string, string, string][] = [
  ["a-character-of-two-bytes", "c3", "a9"],
  ["the-first-byte-of-three", "e2", "82ac"],
  ["two-bytes-of-three", "e282", "ac"],
  ["the-first-byte-of-four", "f0", "9d849e"],
  ["two-bytes-of-four", "f09d", "849e"],
  ["three-bytes-of-four", "f09d84", "9e"],
];

const refused = BEGUN.flatMap(([name, head, tail]): [string, Draft][] => [
  [
    `refuses-text-that-ends-in-${name}`,
    must(WHOLE, family("cut characters"), send(text(hex("41" + head))), expectFailure(1007)),
  ],
  [
    `refuses-text-whose-last-fragment-ends-in-${name}`,
    must(
      WHOLE,
      family("cut characters"),
      send(text("A", { fin: false }), more(hex(head))),
      expectFailure(1007),
    ),
  ],
  [
    `refuses-text-that-goes-on-with-a-letter-after-${name}`,
    must(
      WHOLE,
      family("cut characters"),
      send(text(hex(head), { fin: false }), more("A")),
      expectFailure(1007),
    ),
  ],
  [
    `refuses-a-second-text-that-would-complete-${name}`,
    must(WHOLE, send(text(hex(head)), text(hex(tail))), expectFailure(1007)),
  ],
  [
    `refuses-a-text-that-a-pong-would-complete-after-${name}`,
    must(
      WHOLE,
      send(text(hex(head), { fin: false }), pong(hex(tail)), more("")),
      expectFailure(1007),
    ),
  ],
  [
    `takes-${name}-at-the-end-of-a-binary-before-a-text`,
    must(
      "A binary message is any bytes, and leaves nothing behind for the next text",
      send(binary(hex(head)), text("next")),
      expect(binary(hex(head))),
      expect(text("next")),
    ),
  ],
]);

/** A text message in three frames with a ping between them, then a binary message. */
const STREAM: readonly Frame[] = [
  text("Grü", { fin: false }),
  ping("now"),
  more("ße", { fin: false }),
  more("!"),
  binary(hex("00ff")),
];

const answers: readonly Part[] = [
  expect(pong("now")),
  expect(text("Grüße!")),
  expect(binary(hex("00ff"))),
];

/** The same as a client writes it: six octets before each payload. */
const STREAM_OCTETS = STREAM.reduce(
  (sum, { payload = "" }) => sum + 6 + bytesOf(payload).length,
  0,
);

const streams = inside(STREAM_OCTETS).map((at): [string, Draft] => [
  `takes-frames-cut-at-octet-${at}`,
  must(ANY_CUT, family("cut frames"), sendCut([at], ...STREAM), ...answers),
]);

const chopped = [1, 2, 3, 5, 7].map((octets): [string, Draft] => [
  `takes-frames-${octets}-octets-at-a-time`,
  must(ANY_CUT, sendChopped(octets, ...STREAM), ...answers),
]);

const BYE = close(1000, "bye");

const closes = inside(6 + 5).map((at): [string, Draft] => [
  `answers-a-close-cut-at-octet-${at}`,
  must(ANY_CUT, family("cut frames"), sendCut([at], BYE), expectClose(1000)),
]);

/**
 * Beginnings of a frame as raw octets. Masked or not makes no difference, as the rest never comes.
 */
const STUMPS: readonly [string, string][] = [
  ["the-first-octet", "81"],
  ["a-16-bit-length", "81fe 00"],
  ["a-64-bit-length", "82ff 00000000"],
  ["the-masking-key", "8185 9a3c"],
  ["the-payload", "8185 9a3c5e71 f2"],
];

const stumps = STUMPS.map(([name, octets]): [string, Draft] => [
  `ends-when-tcp-ends-inside-${name}`,
  should(
    ENDS,
    raw(hex(octets)),
    hangUp("fin"),
    // A client fails on the mask bit before that, and sends a Close first.
    expectEnd(),
  ),
]);

/** Cases about streams that are cut. */
export const cuts: Case[] = [
  ...section("5.2", {
    ...Object.fromEntries(streams),
    ...Object.fromEntries(chopped),
  }),

  ...section("5.4", {
    ...Object.fromEntries(fragments),

    "takes-text-with-each-byte-in-a-fragment-and-a-packet-of-its-own": must(
      ANY_FRAGMENT,
      sendChopped(1, text(MIXED, { fragment: 1 })),
      expect(text(MIXED)),
    ),
  }),

  ...section("5.5.1", Object.fromEntries(closes)),
  ...section("7.1.4", Object.fromEntries(stumps)),

  ...section("8.1", {
    ...Object.fromEntries(refused),

    "answers-a-ping-inside-a-character": must(
      "A message is only judged by what has come of it",
      send(text(hex("f09d"), { fin: false }), ping("still fine")),
      expect(pong("still fine")),
      send(more(hex("849e"))),
      expect(text("𝄞")),
    ),
    "refuses-a-ping-s-payload-in-place-of-the-missing-bytes": must(
      WHOLE,
      send(text(hex("e2"), { fin: false }), ping(hex("82ac")), more("")),
      either(pass(expect(pong(hex("82ac"))), expectFailure(1007)), pass(expectFailure(1007))),
    ),
    "refuses-a-close-whose-reason-ends-inside-a-character": must(
      "The reason in a Close is UTF-8 too",
      send(close(1000, hex("62796520e282"))),
      expectFailure(1007),
    ),
    "takes-a-close-whose-reason-is-cut-inside-a-character": must(
      ANY_CUT,
      sendCut([9, 10], close(1000, "€€")),
      expectClose(1000),
    ),
  }),
];
