/**
 * Compression that is misplaced, invalid or a bomb: RFC 7692, and RFC 6455 section 5.2. @module
 */

import { constants, deflateRawSync } from "node:zlib";
import {
  alone,
  type Case,
  deflated,
  type Draft,
  either,
  expect,
  expectAlive,
  expectClose,
  expectFailure,
  expectFailureNoting,
  expectRefusal,
  expectUpgrade,
  must,
  only,
  type Part,
  pass,
  request,
  section,
  send,
  sendChopped,
  should,
  warn,
} from "../case.ts";
import { binary, close, fill, type Frame, hex, more, ping, pong, text } from "../wire/frame.ts";

const FIRST_ONLY = "RSV1 marks the first frame of a compressed message, and no other frame";
const NOT_AGREED = "A reserved bit is set only if an extension that gives it a meaning was agreed";
const EACH_ALONE = "With compression agreed, each message is still free to be compressed or not";
const BROKEN = "A compressed message that cannot be inflated fails the connection";
const DECLINED = "An offer with parameters that are unknown, wrong or doubled is declined";
const LIMITS = "Whoever has a limit for messages keeps to it while inflating, too";

const agreed = deflated({
  offers: ["permessage-deflate; client_max_window_bits", "permessage-deflate"],
  answers: ["permessage-deflate"],
});

const RSV1 = { rsv: 4 };

/** "Hello", compressed, as in 7692:7.2.3.1. */
const HELLO = hex("f248cdc9c90700");

const fails: Part = expectFailure(1007, 1002);

// 7692:7.2.2 says how to inflate, but not what to do with data that cannot be: 10.7 holds.

/** Frames on which RSV1 is never allowed, whatever was agreed. */
const MARKED: readonly [string, readonly Frame[]][] = [
  ["a-ping", [ping("hello", RSV1)]],
  ["a-ping-of-compressed-bytes", [ping(HELLO, RSV1)]],
  ["a-pong", [pong("hello", RSV1)]],
  ["an-empty-pong", [pong("", RSV1)]],
  ["a-close", [close(1000, "", RSV1)]],
  ["an-empty-close", [close(undefined, "", RSV1)]],
  ["the-last-fragment", [text("fir", { fin: false }), more("st", RSV1)]],
  [
    "a-fragment-in-the-middle",
    [binary("fi", { fin: false }), more("r", { fin: false, ...RSV1 }), more("st")],
  ],
  [
    "the-second-fragment-of-a-compressed-text",
    [text(HELLO.subarray(0, 3), { fin: false, ...RSV1 }), more(HELLO.subarray(3), RSV1)],
  ],
];

const marked = MARKED.map(([name, frames]): [string, Draft] => [
  `refuses-rsv1-on-${name}`,
  must(FIRST_ONLY, agreed, send(...frames), expectFailure(1002)),
]);

const unmarked = MARKED.slice(0, -1).map(([name, frames]): [string, Draft] => [
  `refuses-rsv1-on-${name}-without-an-extension`,
  must(NOT_AGREED, send(...frames), expectFailure(1002)),
]);

const others = [1, 2, 3, 5, 6, 7].map((rsv): [string, Draft] => [
  `refuses-reserved-bits-${rsv}-on-a-text-with-compression-agreed`,
  must(
    NOT_AGREED,
    agreed,
    send(text(rsv & 4 ? HELLO : "Hello", { rsv })),
    expectFailure(1002),
  ),
]);

/** Octets that are not valid deflate data. */
const NOT_DEFLATE: readonly [string, string][] = [
  ["a-block-of-the-reserved-type", "07"],
  ["a-distance-before-the-beginning", "02020000"],
  ["a-stored-block-whose-lengths-disagree", "000500ffff48656c6c6f"],
  ["random-octets", "ffd3a1577e09c2b4"],
];

const broken = NOT_DEFLATE.flatMap(([name, octets]): [string, Draft][] => [
  [
    `refuses-${name}`,
    should(BROKEN, agreed, send(binary(hex(octets), RSV1)), fails),
  ],
  [
    `refuses-${name}-in-the-second-fragment`,
    should(BROKEN, agreed, send(binary("", { fin: false, ...RSV1 }), more(hex(octets))), fails),
  ],
]);

/** Parameters that are invalid in an offer. */
const OFFERS: readonly [string, string][] = [
  ["an-unknown-parameter", "permessage-deflate; isosocket_judge"],
  ["an-unknown-parameter-with-a-value", "permessage-deflate; isosocket_judge=1"],
  ["a-window-of-7-bits", "permessage-deflate; server_max_window_bits=7"],
  ["a-window-of-16-bits", "permessage-deflate; server_max_window_bits=16"],
  ["a-window-with-a-leading-zero", "permessage-deflate; server_max_window_bits=010"],
  ["a-server-window-without-a-value", "permessage-deflate; server_max_window_bits"],
  ["a-client-window-of-7-bits", "permessage-deflate; client_max_window_bits=7"],
  ["a-window-that-is-no-number", "permessage-deflate; client_max_window_bits=large"],
  ["takeover-with-a-value", "permessage-deflate; server_no_context_takeover=1"],
  [
    "a-doubled-parameter",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
  ],
];

const declined = OFFERS.map(([name, offer]): [string, Draft] => [
  `declines-${name}`,
  must(
    DECLINED,
    request({ headers: { "Sec-WebSocket-Extensions": offer } }),
    either(
      pass(expectUpgrade()),
      warn("It refused the whole handshake, not just the extension", expectRefusal(400)),
    ),
  ),
]);

/** 64 KiB of zeros in some 80 octets, which end on a byte boundary and refer to nothing before. */
const UNIT = deflateRawSync(new Uint8Array(65536), { finishFlush: constants.Z_FULL_FLUSH });

/** A last block that inflates to an octet that no text can end in, so that no echo is required. */
const FUSE = deflateRawSync(hex("ff"), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

/** Makes a text that inflates to so many MiB and is not UTF-8 at its end. */
function bomb(mebibytes: number): Frame[] {
  return [text(fill(UNIT, UNIT.length * mebibytes * 16), { fin: false, ...RSV1 }), more(FUSE)];
}

/** A limit is a SHOULD (10.4); to inflate all of it is legal. */
const defused = expectFailureNoting({
  1007: "It inflated all 256 MiB, and then refused the text for its last byte, with Close 1007",
}, 1009);

/** Cases about invalid compression. */
export const deflateFaults: Case[] = [
  ...section("5.2", {
    ...Object.fromEntries(unmarked),
    ...Object.fromEntries(others),
  }),

  ...section("7692:6", {
    ...Object.fromEntries(marked),

    "takes-rsv1-on-the-first-fragment-alone": must(
      FIRST_ONLY,
      agreed,
      send(
        text(HELLO.subarray(0, 3), { fin: false, ...RSV1 }),
        ping("between"),
        more(HELLO.subarray(3)),
      ),
      expect(pong("between")),
      expect(text("Hello")),
    ),
    "takes-rsv1-on-an-empty-first-fragment": must(
      FIRST_ONLY,
      agreed,
      send(text("", { fin: false, ...RSV1 }), more(HELLO)),
      expect(text("Hello")),
    ),
    "takes-a-message-that-is-not-compressed": must(
      EACH_ALONE,
      agreed,
      send(text("plain")),
      expect(text("plain")),
    ),
    "takes-compressed-and-plain-messages-in-turn": must(
      EACH_ALONE,
      agreed,
      ...["one one one", "two two two", "three three three"].flatMap((words) => [
        send(text(words, { deflate: true }), text(words), binary(words, { deflate: true })),
        expect(text(words)),
        expect(text(words)),
        expect(binary(words)),
      ]),
    ),
    "closes-in-plain-with-compression-agreed": must(
      FIRST_ONLY,
      agreed,
      send(text("Hello, hello, hello", { deflate: true })),
      expect(text("Hello, hello, hello")),
      send(close(1000, "plain")),
      expectClose(1000),
    ),
  }),

  ...section("7692:7.1", Object.fromEntries(declined)),
  ...section("7692:5.1", {
    "takes-the-offer-behind-one-that-has-to-be-declined": should(
      "Offers are looked at one by one: the first that can be accepted is",
      only("server"),
      deflated({
        offers: ["permessage-deflate; isosocket_judge", "permessage-deflate"],
        answers: [],
      }),
      send(text("Hello, hello", { deflate: true })),
      expect(text("Hello, hello")),
    ),
  }),

  ...section("7692:7.2.2", {
    ...Object.fromEntries(broken),

    "inflates-octet-by-octet": must(
      "Where a compressed message is cut means nothing",
      agreed,
      sendChopped(1, text(HELLO, { fragment: 1, ...RSV1 })),
      expect(text("Hello")),
    ),
  }),

  ...section("8.1", {
    "refuses-a-compressed-text-that-inflates-to-no-utf-8": must(
      "A text is UTF-8 once it is inflated",
      agreed,
      send(text(hex("68656c6c6fff"), { deflate: true })),
      expectFailure(1007),
    ),
    "refuses-a-compressed-text-that-ends-inside-a-character": must(
      "A text is UTF-8 once it is inflated",
      agreed,
      send(text(hex("e282"), { deflate: true })),
      expectFailure(1007),
    ),
  }),

  ...section("10.4", {
    "defuses-a-bomb-of-256-mib": should(LIMITS, agreed, alone(), send(...bomb(256)), defused),
    "serves-others-after-a-bomb-of-256-mib": should(
      LIMITS,
      only("server"),
      agreed,
      alone(),
      send(...bomb(256)),
      defused,
      expectAlive(),
    ),
  }),
];
