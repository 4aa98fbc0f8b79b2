/** Lengths at their limits and beyond: RFC 6455 sections 5.2 and 10.4. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectAlive,
  expectClose,
  expectEnd,
  expectFailure,
  expectFailureWithin,
  family,
  hangUp,
  must,
  only,
  pass,
  section,
  send,
  sendCut,
  should,
  warn,
} from "../case.ts";
import {
  binary,
  close,
  fill,
  type Frame,
  hex,
  more,
  ping,
  pong,
  rest,
  text,
} from "../wire/frame.ts";

const TOP_BIT = "The most significant bit of a length of 64 bits is zero";
const SHORTEST = "A length is written in the fewest bytes that can hold it";
const EDGES = "The length is that of the payload, in 7, 16 or 64 bits, whichever the frame says";
const LIMITS = "Whoever has a limit for frames or messages protects itself against those beyond it";

/** Milliseconds that a peer may take to react to a header. */
const AT_ONCE = 600;

const HIGHEST = 2n ** 63n;

// 5.2 says how a length has to be written, but not what to do with one that is not; Autobahn does
// not ask either. So these are at most a SHOULD (10.7).

/** Reactions to a header that is invalid. Any code: 5.2 names none. */
const refusal = either(
  pass(expectFailureWithin(AT_ONCE, 1002, 1009)),
  warn("It waits for payload that can never come", hangUp("fin"), expectEnd()),
);

/** Reactions to a frame that is legal, but larger than any memory. */
const refusalOrPatience = either(
  pass(expectFailureWithin(AT_ONCE, 1009)),
  pass(hangUp("fin"), expectEnd()),
);

const TOP_BITS: readonly [string, bigint][] = [
  ["and-nothing-else", HIGHEST],
  ["and-the-true-length-below", HIGHEST + 5n],
  ["and-all-others", 2n ** 64n - 1n],
];

const topBits = TOP_BITS.flatMap(([name, length]): [string, Draft][] => [
  [
    `refuses-a-text-whose-length-has-the-top-bit-set-${name}`,
    should(TOP_BIT, send(text("hello", { length, lengthBytes: 8 })), refusal),
  ],
  [
    `refuses-a-binary-whose-length-has-the-top-bit-set-${name}`,
    should(TOP_BIT, send(binary("hello", { length, lengthBytes: 8 })), refusal),
  ],
]);

/** Payload sizes, each with the length forms that are too long for it. */
const TOO_LONG: readonly [number, 2 | 8][] = [
  [0, 2],
  [1, 2],
  [125, 2],
  [0, 8],
  [1, 8],
  [125, 8],
  [126, 8],
  [65535, 8],
];

const tooLong = TOO_LONG.map(([size, lengthBytes]): [string, Draft] => {
  const message = text(fill("*", size), { lengthBytes });
  return [
    `refuses-${size}-bytes-announced-in-${lengthBytes * 8}-bits`,
    should(
      SHORTEST,
      send(message),
      either(
        pass(expectFailure(1002)),
        warn("It took a length in a longer form than was needed", expect(message)),
      ),
    ),
  ];
});

/** Control frames never need more than seven bits. */
const CONTROLS: readonly [string, (lengthBytes: 2 | 8) => Frame, Frame][] = [
  ["ping", (lengthBytes) => ping("hello", { lengthBytes }), pong("hello")],
  ["ping-of-0-bytes", (lengthBytes) => ping("", { lengthBytes }), pong("")],
];

const longControls = CONTROLS.flatMap(([name, frame, answer]) =>
  ([2, 8] as const).map((lengthBytes): [string, Draft] => [
    `refuses-a-${name}-whose-length-takes-${lengthBytes * 8}-bits`,
    should(
      SHORTEST,
      send(frame(lengthBytes)),
      either(
        pass(expectFailure(1002)),
        warn("It took a length in a longer form than was needed", expect(answer)),
      ),
    ),
  ])
);

/** Sizes around which the length form changes. */
const SIZES = [0, 1, 125, 126, 127, 65535, 65536];

/** Returns the header of a masked frame of this size. */
const headOf = (size: number): number => (size < 126 ? 2 : size < 65536 ? 4 : 10) + 4;

const edges = SIZES.flatMap((size): [string, Draft][] => {
  const message = binary(fill(hex("00017f80feff"), size));
  const everywhere = Array.from({ length: headOf(size) }, (_, index) => index + 1);
  return [
    [
      `repeats-${size}-bytes-whose-header-comes-octet-by-octet`,
      must(EDGES, family("edges"), sendCut(everywhere, message), expect(message)),
    ],
    [
      `joins-two-fragments-of-${size}-bytes`,
      must(
        EDGES,
        family("edges"),
        send(text(fill("a", size), { fin: false }), more(fill("a", size))),
        expect(text(fill("a", size * 2))),
      ),
    ],
    [
      `repeats-${size}-bytes-between-two-others-in-one-packet`,
      must(
        EDGES,
        family("edges"),
        send(text("before"), text(fill("b", size)), text("after")),
        expect(text("before")),
        expect(text(fill("b", size))),
        expect(text("after")),
      ),
    ],
  ];
});

/** Lengths that become 5, or 0, if only 32, 31 or 53 bits are read. */
const WRAPS: readonly [string, bigint][] = [
  ["2-to-the-32-plus-5", 2n ** 32n + 5n],
  ["2-to-the-32", 2n ** 32n],
  ["2-to-the-31", 2n ** 31n],
  ["2-to-the-53-plus-5", 2n ** 53n + 5n],
  ["2-to-the-56-plus-5", 2n ** 56n + 5n],
  ["2-to-the-63-minus-1", HIGHEST - 1n],
];

const wraps = WRAPS.map(([name, length]): [string, Draft] => [
  `does-not-cut-a-length-of-${name}`,
  must(
    "All 64 bits of a length count",
    send(binary("hello", { length, lengthBytes: 8 }), ping("inside the payload")),
    refusalOrPatience,
  ),
]);

/** Cases about the forms and limits of lengths. */
export const lengths: Case[] = [
  ...section("5.2", {
    ...Object.fromEntries(topBits),
    ...Object.fromEntries(tooLong),
    ...Object.fromEntries(longControls),
    ...Object.fromEntries(edges),
    ...Object.fromEntries(wraps),

    "waits-for-the-payload-that-was-announced": must(
      EDGES,
      send(text("hel", { length: 5 })),
      send(rest("lo", 3)),
      expect(text("hello")),
    ),
    "takes-what-looks-like-frames-for-payload": must(
      EDGES,
      send(binary(hex("8900 8800 8a00 8100 880203e8"))),
      expect(binary(hex("8900 8800 8a00 8100 880203e8"))),
    ),
    "answers-a-close-right-behind-65535-bytes": must(
      EDGES,
      send(binary(fill(hex("88"), 65535)), close(1000)),
      // 5.5.1: an echo that is unsent when the Close arrives need not be sent.
      either(
        pass(expect(binary(fill(hex("88"), 65535))), expectClose(1000)),
        pass(expectClose(1000)),
      ),
    ),
  }),

  ...section("10.4", {
    "outlives-an-announcement-of-2-to-the-63-minus-1-bytes": must(
      LIMITS,
      only("server"),
      send(binary("", { length: HIGHEST - 1n, lengthBytes: 8 })),
      either(pass(expectFailureWithin(AT_ONCE, 1009, 1002)), pass(hangUp("fin"), expectEnd())),
      expectAlive(),
    ),
    "refuses-an-announcement-of-2-to-the-40-bytes-at-once": should(
      LIMITS,
      send(binary("", { length: 2n ** 40n, lengthBytes: 8 })),
      either(
        pass(expectFailureWithin(AT_ONCE, 1009)),
        warn("It waits for a frame of 2^40 bytes", hangUp("fin"), expectEnd()),
      ),
    ),
    "refuses-a-message-that-fragments-would-make-2-to-the-40-bytes": should(
      LIMITS,
      send(text("a first fragment", { fin: false })),
      send(more("", { length: 2n ** 40n, lengthBytes: 8 })),
      either(
        pass(expectFailureWithin(AT_ONCE, 1009)),
        warn("It waits for a frame of 2^40 bytes", hangUp("fin"), expectEnd()),
      ),
    ),
  }),
];
