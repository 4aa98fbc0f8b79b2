/** The closing handshake: RFC 6455 sections 5.5.1, 6.1, 7.4 and 8.1. @module */

import {
  type Case,
  covers,
  type Draft,
  either,
  expect,
  expectClose,
  expectEnd,
  expectFailure,
  expectPastPongs,
  family,
  must,
  pass,
  section,
  send,
  should,
  warn,
} from "../case.ts";
import { close, fill, hex, more, ping, pong, text } from "../wire/frame.ts";

const ANSWERED = "The first Close frame that arrives is answered with one, and with one only";
const NO_MORE = "Once a Close frame has come, no message is sent any more";
const CODE_FIRST = "A Close payload that is not empty begins with a two-byte code";
const SHORT = "A control frame carries at most 125 bytes";
const REASON = "The reason in a Close frame is UTF-8";
const DEFINED = "These codes mean something in a Close frame";
const UNDEFINED = "Codes below 1000 are not used, and some are never sent in a Close frame";
const RESERVED = "Codes up to 2999 to which nobody has given a meaning are not free for use";
const BEYOND = "A Close is the end, whatever its code may mean";

const HELLO = text("Hello, world!");
const LARGE = text(fill("isosocket!", 262144));

/** Codes that may be sent: Autobahn's 7.7. */
const GOOD = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];

/** Codes that must not be sent, unused or reserved, with their numbers in Autobahn's 7.9. */
const NEVER: readonly [code: number, place: number][] = [
  [0, 1],
  [999, 2],
  [1005, 4],
  [1006, 5],
];

/**
 * Reserved codes. 7.4 gives them to the future, but does not say what whoever gets one has to do;
 * and an answer typically repeats the code (5.5.1). So a server that does so is only warned about.
 */
const FUTURE: readonly [code: number, place: number][] = [
  [1004, 3],
  [1016, 6],
  [1100, 7],
  [2000, 8],
  [2999, 9],
];

/** Makes a draft for each row. */
function each<T>(
  rows: readonly T[],
  make: (row: T, index: number) => readonly [string, Draft],
): Record<string, Draft> {
  return Object.fromEntries(rows.map(make));
}

/** Cases about Close frames. */
export const closing: Case[] = [
  ...section("5.5", {
    "refuses-a-close-of-126-bytes": must(
      SHORT,
      covers("7.3.6"),
      send(close(1000, fill("*", 124))),
      expectFailure(1002),
    ),
  }),

  ...section("5.5.1", {
    "answers-a-close": must(ANSWERED, covers("7.3.3"), send(close(1000)), expectClose(1000)),
    "answers-a-close-after-an-echo": must(
      ANSWERED,
      covers("7.1.1"),
      send(HELLO),
      expect(HELLO),
      send(close(1000)),
      expectClose(1000),
    ),
    "answers-an-empty-close": must(
      ANSWERED,
      covers("7.3.1"),
      send(close()),
      expectClose(1005, 1000),
    ),
    "answers-a-close-with-a-reason": must(
      ANSWERED,
      covers("7.3.4"),
      send(close(1000, "That is all.")),
      expectClose(1000),
    ),
    "answers-a-close-with-a-reason-of-123-bytes": must(
      ANSWERED,
      covers("7.3.5"),
      send(close(1000, fill("*", 123))),
      expectClose(1000),
    ),
    "answers-two-closes-once": must(
      ANSWERED,
      covers("7.1.2"),
      send(close(1000), close()),
      expectClose(1000),
    ),
    "answers-a-close-but-not-the-ping-behind-it": must(
      ANSWERED,
      covers("7.1.3"),
      send(close(1000), ping()),
      either(
        pass(expectClose(1000)),
        // 5.5.2: no pong is required any more, nor forbidden before the Close is answered.
        warn("A ping behind the Close was answered first", expect(pong()), expectClose(1000)),
      ),
    ),
    "answers-a-close-behind-large-and-small-messages": must(
      ANSWERED,
      covers("7.1.6"),
      send(LARGE, HELLO, close(1000), ping()),
      // 6.1: what is unsent when the Close arrives need not, and may not, be sent any more.
      either(
        pass(expect(LARGE), expect(HELLO), expectClose(1000)),
        pass(expect(LARGE), expectClose(1000)),
        pass(expectClose(1000)),
        warn(
          "A ping behind the Close was answered first",
          expect(LARGE),
          expect(HELLO),
          expectPastPongs(pong()),
          expectClose(1000),
        ),
        warn("A ping behind the Close was answered first", expect(pong()), expectClose(1000)),
      ),
    ),
    "refuses-a-close-of-one-byte": must(
      CODE_FIRST,
      covers("7.3.2"),
      send({ opcode: 0x8, payload: hex("03") }),
      expectFailure(1002),
    ),
    ...each([5000, 65535], (code, index) => [
      `lets-a-close-with-code-${code}-end-it`,
      should(
        BEYOND,
        covers(`7.13.${index + 1}`),
        send(close(code)),
        either(
          pass(expectClose(1000, code, 1002)),
          warn("The connection ended without a Close frame", expectEnd()),
        ),
      ),
    ]),
  }),

  ...section("6.1", {
    "lets-a-text-behind-a-close-pass": must(
      NO_MORE,
      covers("7.1.4"),
      send(close(1000), HELLO),
      expectClose(1000),
    ),
    "lets-a-close-end-a-message-half-way": must(
      NO_MORE,
      covers("7.1.5"),
      send(text("fragment1", { fin: false }), close(1000), more("fragment2")),
      expectClose(1000),
    ),
  }),

  ...section("7.4.1", {
    ...each(GOOD.filter((code) => code < 3000), (code) => takes(code)),
    ...each(NEVER.filter(([code]) => code >= 1000), (row) => refuses(row)),
    ...each(FUTURE.filter(([code]) => code < 1016), (row) => refusesReserved(row)),
  }),

  ...section("7.4.2", {
    ...each(GOOD.filter((code) => code >= 3000), (code) => takes(code)),
    ...each(NEVER.filter(([code]) => code < 1000), (row) => refuses(row)),
    ...each(FUTURE.filter(([code]) => code >= 1016), (row) => refusesReserved(row)),
  }),

  ...section("8.1", {
    "refuses-a-reason-that-is-not-utf-8": must(
      REASON,
      covers("7.5.1"),
      send(close(1000, hex("cebae1bdb9cf83cebcceb5 eda080 656469746564"))),
      expectFailure(1007, 1002),
    ),
  }),
];

function takes(code: number): [string, Draft] {
  return [
    `takes-code-${code}`,
    must(
      DEFINED,
      covers(`7.7.${GOOD.indexOf(code) + 1}`),
      family("close-codes"),
      send(close(code)),
      expectClose(code, 1000),
    ),
  ];
}

function refusesReserved([code, place]: readonly [number, number]): [string, Draft] {
  return [
    `refuses-code-${code}`,
    should(
      RESERVED,
      covers(`7.9.${place}`),
      family("close-codes"),
      send(close(code)),
      expectFailure(1002),
    ),
  ];
}

function refuses([code, place]: readonly [number, number]): [string, Draft] {
  return [
    `refuses-code-${code}`,
    must(
      UNDEFINED,
      covers(`7.9.${place}`),
      family("close-codes"),
      send(close(code)),
      expectFailure(1002),
    ),
  ];
}
