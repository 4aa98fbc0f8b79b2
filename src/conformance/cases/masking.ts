/** Masking: RFC 6455 sections 5.1 and 5.3. @module */

import {
  type Case,
  type Draft,
  exchange,
  expect,
  expectClose,
  expectFailure,
  expectFreshKeys,
  must,
  only,
  type Part,
  section,
  send,
  sendCut,
} from "../case.ts";
import {
  binary,
  close,
  fill,
  type Frame,
  type FrameOptions,
  hex,
  more,
  ping,
  pong,
  text,
} from "../wire/frame.ts";

const SERVER_CLOSES = "A server closes the connection when a frame comes that is not masked";
const CLIENT_CLOSES = "A client closes the connection when a frame comes that is masked";
const ANY_KEY = "Any 32 bits are a masking key, and each frame has its own";
const UNMASK = "Byte i of the payload was masked with byte i modulo 4 of the key of its frame";

/** Both sides have to close the connection. */
const closes = expectFailure(1002);

const ZERO = [0, 0, 0, 0];

/** A key: an endpoint that overlooks the mask bit reads another text, which is UTF-8, too. */
const MILD: FrameOptions = { mask: true, key: [0, 1, 2, 3] };

/** Frames with a wrong mask bit, and what precedes or follows them. */
const WRONG: readonly [string, (wrong: FrameOptions) => readonly Frame[]][] = [
  ["text", (wrong) => [text("hello", wrong)]],
  ["binary", (wrong) => [binary(hex("0001feff"), wrong)]],
  ["first-fragment", (wrong) => [text("fir", { fin: false, ...wrong }), more("st")]],
  ["continuation", (wrong) => [text("fir", { fin: false }), more("st", wrong)]],
  ["ping", (wrong) => [ping("hello", wrong)]],
  ["pong", (wrong) => [pong("hello", wrong)]],
  ["close", (wrong) => [close(1000, "", wrong)]],
  ["text-of-0-bytes", (wrong) => [text("", wrong)]],
  ["ping-of-0-bytes", (wrong) => [ping("", wrong)]],
  ["close-of-0-bytes", (wrong) => [close(undefined, "", wrong)]],
  ["text-of-126-bytes", (wrong) => [text("*".repeat(126), wrong)]],
  ["text-behind-a-right-pong-in-the-same-packet", (wrong) => [pong("right"), text("no", wrong)]],
];

const unmasked = WRONG.map(([name, frames]): [string, Draft] => [
  `refuses-an-unmasked-${name}`,
  must(SERVER_CLOSES, only("server"), send(...frames({ mask: false })), closes),
]);

const masked = WRONG.map(([name, frames]): [string, Draft] => [
  `refuses-a-masked-${name}`,
  must(CLIENT_CLOSES, only("client"), send(...frames(MILD)), closes),
]);

/** Keys that an optimization could mistake for no key, and one whose bytes are equal. */
const KEYS: readonly [string, readonly number[]][] = [
  ["zeros", ZERO],
  ["ones", [0xff, 0xff, 0xff, 0xff]],
  ["four-different-bytes", [0x01, 0x80, 0x7f, 0xfe]],
  ["a-single-bit", [0, 0, 0, 1]],
];

function unmasks(name: string, ...frames: readonly Frame[]): Part[] {
  return [only("server"), send(...frames), expect(text(name))];
}

const keys = KEYS.map(([name, key]): [string, Draft] => [
  `takes-a-masking-key-of-${name}`,
  must(ANY_KEY, ...unmasks("Grüße aus Köln", text("Grüße aus Köln", { key }))),
]);

/** Frames of every length modulo four, each with a key of its own. */
const SHORT = Array.from({ length: 9 }, (_, size) => "abcdefghi".slice(0, size));

/** Cases about masking. */
export const masking: Case[] = [
  ...section("5.1", Object.fromEntries(unmasked)),
  ...section("5.1", Object.fromEntries(masked)),

  ...section("5.1", {
    "refuses-an-unmasked-text-after-a-masked-message": must(
      SERVER_CLOSES,
      only("server"),
      send(text("first")),
      expect(text("first")),
      send(text("second", { mask: false })),
      closes,
    ),
    "refuses-a-masked-text-after-an-unmasked-message": must(
      CLIENT_CLOSES,
      only("client"),
      send(text("first")),
      expect(text("first")),
      send(text("second", MILD)),
      closes,
    ),
    "refuses-a-masked-text-whose-key-changes-nothing": must(
      CLIENT_CLOSES,
      only("client"),
      send(text("hello", { mask: true, key: ZERO })),
      closes,
    ),
  }),

  ...section("5.3", Object.fromEntries(keys)),

  ...section("5.3", {
    "masks-every-frame-with-another-key": must(
      "The masking key of each frame is chosen afresh, so that nobody can tell it beforehand",
      only("client"),
      exchange(16, text("hello")),
      expectFreshKeys(),
    ),
    "masks-every-frame-of-a-burst-with-another-key": must(
      "The masking key of each frame is chosen afresh, so that nobody can tell it beforehand",
      only("client"),
      send(...Array.from({ length: 16 }, (_, at) => binary(fill(Uint8Array.of(at), 1000)))),
      ...Array.from({ length: 16 }, (_, at) => expect(binary(fill(Uint8Array.of(at), 1000)))),
      expectFreshKeys(),
    ),
    "masks-pongs-and-the-close-like-everything-else": must(
      "Control frames of a client are masked, too, each with a key of its own",
      only("client"),
      ...Array.from({ length: 8 }, (_, at) => [send(ping(`${at}`)), expect(pong(`${at}`))]).flat(),
      expectFreshKeys(),
    ),
    "unmasks-payloads-of-0-to-8-bytes": must(
      UNMASK,
      only("server"),
      ...SHORT.flatMap((payload, index) => [
        send(text(payload, { key: [index, 0x55, 0xaa, 0xff - index] })),
        expect(text(payload)),
      ]),
    ),
    "unmasks-fragments-that-each-have-their-own-key": must(
      ANY_KEY,
      ...unmasks(
        "one and two and three",
        text("one a", { fin: false, key: [1, 2, 3, 4] }),
        more("nd two and", { fin: false, key: [0xa1, 0xb2, 0xc3, 0xd4] }),
        more(" three", { key: ZERO }),
      ),
    ),
    "unmasks-fragments-of-lengths-that-are-no-multiple-of-4": must(
      UNMASK,
      ...unmasks("abcdefghijklm", text("abcdefghijklm", { fragment: 3 })),
    ),
    "unmasks-a-message-around-a-ping-with-another-key": must(
      ANY_KEY,
      only("server"),
      send(
        text("befo", { fin: false, key: [9, 8, 7, 6] }),
        ping("between", { key: [0x10, 0x20, 0x30, 0x40] }),
        more("re and after", { key: [6, 7, 8, 9] }),
      ),
      expect(pong("between")),
      expect(text("before and after")),
    ),
    "unmasks-when-the-key-is-cut": must(
      UNMASK,
      only("server"),
      sendCut([3, 4, 5], text("the key came in four parts")),
      expect(text("the key came in four parts")),
    ),
    "unmasks-when-the-payload-is-cut-at-1-3-and-6-bytes": must(
      UNMASK,
      only("server"),
      sendCut([7, 9, 12], text("the payload came in four parts")),
      expect(text("the payload came in four parts")),
    ),
    "unmasks-a-close": must(
      UNMASK,
      only("server"),
      send(close(1000, "done", { key: [0x03, 0xe8, 0x03, 0xe8] })),
      expectClose(1000),
    ),
  }),
];
