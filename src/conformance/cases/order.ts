/** Frames out of order: RFC 6455 sections 5.4, 5.5.1 and 7.1. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectAlive,
  expectClose,
  expectEnd,
  expectFailure,
  hangUp,
  must,
  only,
  pass,
  raw,
  section,
  send,
  sendApart,
  should,
  warn,
} from "../case.ts";
import { binary, close, fill, type Frame, hex, more, ping, pong, text } from "../wire/frame.ts";

const NO_MIXING = "The fragments of one message are not mixed with those of another";
const NOTHING_TO_CONTINUE = "A continuation belongs to a message that has begun and not ended";
const LAST = "What follows a Close frame counts for nothing: the answer is a Close, and no more";
const CLOSE_AT_ANY_TIME =
  "A Close is a control frame: it may come inside a message, and is answered";
const TCP_ENDS = "When TCP ends without a Close frame, the connection is over";

/** Frames that mix two messages, up to the first that shows it. */
const MIXED: readonly [string, readonly Frame[]][] = [
  ["a-binary-inside-a-text", [text("te", { fin: false }), binary(hex("00")), more("xt")]],
  ["a-text-inside-a-binary", [binary(hex("00"), { fin: false }), text("text"), more(hex("01"))]],
  ["an-empty-text-inside-a-text", [text("te", { fin: false }), text(""), more("xt")]],
  ["a-text-after-an-empty-first-fragment", [text("", { fin: false }), text("new")]],
  [
    "two-texts-whose-fragments-alternate",
    [
      text("a1", { fin: false }),
      text("b1", { fin: false }),
      more("a2", { fin: false }),
      more("b2"),
    ],
  ],
  [
    "a-text-and-a-binary-whose-fragments-alternate",
    [text("a1", { fin: false }), binary("b1", { fin: false }), more("a2"), more("b2")],
  ],
  [
    "a-text-inside-a-text-behind-its-second-fragment",
    [text("a1", { fin: false }), more("a2", { fin: false }), text("b"), more("a3")],
  ],
  [
    "a-text-inside-a-text-behind-an-answered-pong",
    [text("a1", { fin: false }), pong("stray"), text("b"), more("a2")],
  ],
];

/** Continuations of no message. The message before is complete, so it is echoed first. */
const STRAYS: readonly [string, readonly Frame[], readonly Frame[]][] = [
  ["an-empty-continuation-of-nothing", [], [more("")]],
  ["an-unfinished-continuation-of-nothing", [], [more("", { fin: false }), more("more")]],
  ["a-continuation-of-a-ping", [ping("ping")], [more("more")]],
  ["a-continuation-of-a-finished-binary", [binary("done")], [more("more")]],
  [
    "a-continuation-behind-the-last-one",
    [text("one", { fin: false }), more(" two")],
    [more(" three")],
  ],
];

const ECHOES: Readonly<Record<string, Frame>> = {
  "a-continuation-of-a-ping": pong("ping"),
  "a-continuation-of-a-finished-binary": binary("done"),
  "a-continuation-behind-the-last-one": text("one two"),
};

const strays = STRAYS.map(([name, before, after]): [string, Draft] => {
  const echo = ECHOES[name];
  const steps = echo ? [expect(echo)] : [];
  return [
    `refuses-${name}`,
    must(
      NOTHING_TO_CONTINUE,
      ...(before.length ? [send(...before)] : []),
      ...steps,
      send(...after),
      expectFailure(1002),
    ),
  ];
});

/** Frames and octets that have no effect behind a Close frame. */
const LATE: readonly [string, readonly Frame[]][] = [
  ["a-binary", [binary(hex("00ff"))]],
  ["a-fragmented-text", [text("too ", { fin: false }), more("late")]],
  ["a-ping", [ping("too late")]],
  ["a-second-close-with-another-code", [close(3001, "changed my mind")]],
  ["a-reserved-opcode", [{ opcode: 0xb, payload: "?" }]],
  ["a-frame-with-all-reserved-bits", [text("?", { rsv: 7 })]],
  ["a-continuation-of-nothing", [more("?")]],
  ["text-that-is-not-utf-8", [text(hex("ff"))]],
  ["64-kib", [binary(fill(hex("00"), 65536))]],
  ["an-announcement-of-2-to-the-63-bytes", [text("?", { length: 2n ** 63n, lengthBytes: 8 })]],
];

const late = LATE.flatMap(([name, frames]): [string, Draft][] => [
  [
    `answers-a-close-and-ignores-${name}-behind-it`,
    should(LAST, send(close(1000), ...frames), expectClose(1000)),
  ],
]);

/** Cases about the order of frames. */
export const order: Case[] = [
  ...section("5.4", {
    ...Object.fromEntries(
      MIXED.map(([name, frames]) => [
        `refuses-${name}`,
        must(NO_MIXING, send(...frames), expectFailure(1002)),
      ]),
    ),
    ...Object.fromEntries(strays),

    "forgets-no-fragment-over-a-hundred-pongs": must(
      "Control frames between fragments leave the message as it is",
      send(
        text("before, ", { fin: false }),
        ...Array.from({ length: 100 }, (_, index) => pong(`${index}`)),
        more("after"),
      ),
      expect(text("before, after")),
    ),
    "keeps-messages-of-one-packet-in-order": must(
      "Messages come through in the order in which they were sent",
      send(...Array.from({ length: 50 }, (_, index) => text(`${index}`))),
      ...Array.from({ length: 50 }, (_, index) => expect(text(`${index}`))),
    ),
    "keeps-texts-and-binaries-of-one-packet-apart": must(
      "A message has the type of its first fragment",
      send(text("1"), binary("2"), text("3", { fin: false }), more("4"), binary("5")),
      expect(text("1")),
      expect(binary("2")),
      expect(text("34")),
      expect(binary("5")),
    ),
  }),

  ...section("5.5.1", {
    ...Object.fromEntries(late),

    // The judge goes on after its Close, which it must not; a frame behind the Close of the peer is
    // a violation in every case.
    "sends-nothing-behind-its-close": should(
      "No frame follows a Close frame",
      send(text("first")),
      expect(text("first")),
      send(close(1000), text("second"), ping("third"), text("fourth")),
      expectClose(1000),
    ),
    "ignores-what-comes-in-a-later-packet-than-the-close": should(
      LAST,
      sendApart(close(1000), text("too late"), ping("too late")),
      expectClose(1000),
    ),
    // The Close MAY wait until the message that is being sent has been sent: it need not.
    "answers-a-close-right-behind-a-message": must(
      "A Close is answered, whether or not the message before it is echoed first",
      send(text("in time"), close(1000)),
      either(
        pass(expect(text("in time")), expectClose(1000)),
        pass(expectClose(1000)),
      ),
    ),
    "answers-a-close-inside-a-text": must(
      CLOSE_AT_ANY_TIME,
      send(text("unfinished", { fin: false }), close(1000)),
      expectClose(1000),
    ),
    "answers-a-close-inside-a-binary-that-goes-on": must(
      CLOSE_AT_ANY_TIME,
      send(binary(hex("0001"), { fin: false }), close(1000), more(hex("0203"))),
      expectClose(1000),
    ),
    "answers-a-close-behind-a-hundred-fragments": must(
      CLOSE_AT_ANY_TIME,
      send(
        text("0", { fin: false }),
        ...Array.from({ length: 100 }, (_, index) => more(`${index}`, { fin: false })),
        close(1000),
      ),
      expectClose(1000),
    ),
    "answers-a-close-inside-a-text-that-ends-in-half-a-character": should(
      "A message that never ended is not judged: the Close is what counts",
      send(text(hex("e282"), { fin: false }), close(1000)),
      expectClose(1000),
    ),
    "answers-a-ping-and-then-a-close-in-one-packet": must(
      "A ping is answered, unless a Close has come already",
      send(ping("last"), close(1000)),
      either(
        pass(expect(pong("last")), expectClose(1000)),
        warn("The ping before the Close went unanswered", expectClose(1000)),
      ),
    ),
    "closes-once": must(
      "Of two Close frames the first is answered, and once",
      send(close(1000), close(1000)),
      expectClose(1000),
    ),
  }),

  ...section("7.1.1", {
    "ends-tcp-after-the-closing-handshake": must(
      "Once both Close frames are over, the server ends TCP at once",
      only("server"),
      send(close(1000)),
      expectClose(1000),
    ),
    "takes-noise-behind-a-close-for-nothing": should(
      LAST,
      send(close(1000)),
      raw(hex("00ff00ff00ff 474554202f20 0d0a0d0a")),
      expectClose(1000),
    ),
    "ends-when-the-client-ends-tcp-right-behind-its-close": should(
      "A Close frame counts, even when TCP ends right behind it",
      only("server"),
      send(close(1000)),
      hangUp("fin"),
      expectEnd(),
    ),
  }),

  ...section("7.1.4", {
    "ends-when-tcp-ends-between-messages": should(
      TCP_ENDS,
      send(text("goodbye")),
      expect(text("goodbye")),
      hangUp("fin"),
      expectEnd(),
    ),
    "ends-when-tcp-ends-inside-a-message": should(
      TCP_ENDS,
      send(text("unfinished", { fin: false })),
      hangUp("fin"),
      expectEnd(),
    ),
    "outlives-a-reset": must(
      TCP_ENDS,
      only("server"),
      send(text("hello")),
      expect(text("hello")),
      hangUp("reset"),
      expectAlive(),
    ),
    "outlives-a-reset-right-behind-its-answer": must(
      TCP_ENDS,
      only("server"),
      send(text("hello"), close(1000)),
      hangUp("reset"),
      expectAlive(),
    ),
  }),
];
