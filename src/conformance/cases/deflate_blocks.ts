/** The kinds of blocks in a compressed message: RFC 7692 section 7.2.3. @module */

import { constants, deflateRawSync } from "node:zlib";
import {
  type Case,
  deflated,
  type Draft,
  expect,
  must,
  type Part,
  section,
  send,
} from "../case.ts";
import { binary, fill, type Frame, hex, more, type Payload, text } from "../wire/frame.ts";

const ANY_BLOCK = "A message is inflated whichever kinds of blocks it is made of";
const LAST = "A block that is marked as the last ends a message like any other, and not more";
const WINDOW = "A message may lean on what the ones before have left in the window";
const EMPTY = "An empty message, or the end of one, is compressed to one octet that is zero";

const agreed = deflated({
  offers: ["permessage-deflate; client_max_window_bits", "permessage-deflate"],
  answers: ["permessage-deflate"],
});

/** Five letters, compressed in several ways. */
const HELLO = text("Hello");
const ONE_BLOCK = hex("f248cdc9c90700");
const STORED = hex("000500faff48656c6c6f00");
const LAST_BLOCK = hex("f348cdc9c9070000");
const TWO_BLOCKS = hex("f248050000 00ffff cac9c90700");

/** A payload that needs more than one stored block. */
const LARGE = fill("isosocket!", 100_000);
const LARGE_STORED = deflateRawSync("isosocket!".repeat(10_000), {
  level: 0,
  finishFlush: constants.Z_SYNC_FLUSH,
}).subarray(0, -4);

/** Makes the first frame of a compressed message, or all of it. */
function compressed(payload: Payload, fin = true): Frame {
  return text(payload, { rsv: 4, fin });
}

function inflates(requirement: string, ...steps: readonly Part[]): Draft {
  return must(requirement, agreed, ...steps);
}

/** The message again, compressed as agreed: the window contains it already. */
function again(message: Frame, times: number): Part[] {
  return Array.from({ length: times }, () => [send({ ...message, deflate: true }), expect(message)])
    .flat();
}

/** Cases about deflate blocks. */
export const deflateBlocks: Case[] = [
  ...section("7692:7.2.3.1", {
    "inflates-one-block": inflates(ANY_BLOCK, send(compressed(ONE_BLOCK)), expect(HELLO)),
    "inflates-one-block-in-two-fragments": inflates(
      ANY_BLOCK,
      send(compressed(ONE_BLOCK.subarray(0, 3), false), more(ONE_BLOCK.subarray(3))),
      expect(HELLO),
    ),
    "inflates-one-block-cut-at-every-octet": inflates(
      ANY_BLOCK,
      send({ ...compressed(ONE_BLOCK), fragment: 1 }),
      expect(HELLO),
    ),
  }),

  ...section("7692:7.2.3.2", {
    "inflates-a-message-that-leans-on-the-ones-before": inflates(WINDOW, ...again(HELLO, 10)),
    "inflates-large-messages-that-lean-on-the-ones-before": inflates(
      WINDOW,
      ...again(binary(LARGE), 4),
    ),
  }),

  ...section("7692:7.2.3.3", {
    "inflates-a-stored-block": inflates(ANY_BLOCK, send(compressed(STORED)), expect(HELLO)),
    "inflates-stored-blocks-of-100-kb": inflates(
      ANY_BLOCK,
      send(compressed(LARGE_STORED)),
      expect(text(LARGE)),
    ),
  }),

  ...section("7692:7.2.3.4", {
    "inflates-a-last-block": inflates(LAST, send(compressed(LAST_BLOCK)), expect(HELLO)),
    "inflates-what-comes-after-a-last-block": inflates(
      LAST,
      send(compressed(LAST_BLOCK), compressed(ONE_BLOCK), compressed(LAST_BLOCK)),
      expect(HELLO),
      expect(HELLO),
      expect(HELLO),
    ),
  }),

  ...section("7692:7.2.3.5", {
    "inflates-two-blocks": inflates(ANY_BLOCK, send(compressed(TWO_BLOCKS)), expect(HELLO)),
    "inflates-two-blocks-of-different-kinds": inflates(
      ANY_BLOCK,
      send(compressed(hex("f248cdc9c90700 0000ffff 000500faff48656c6c6f00"))),
      expect(text("HelloHello")),
    ),
  }),

  ...section("7692:7.2.3.6", {
    "inflates-an-empty-message": inflates(EMPTY, send(compressed(hex("00"))), expect(text(""))),
    "inflates-an-empty-compressed-block": inflates(
      ANY_BLOCK,
      send(compressed(hex("0200"))),
      expect(text("")),
    ),
    "inflates-an-empty-last-fragment": inflates(
      EMPTY,
      send(compressed(hex("f248cdc9c9070000 00ffff"), false), more(hex("00"))),
      expect(HELLO),
    ),
    "inflates-a-last-fragment-without-an-octet": inflates(
      ANY_BLOCK,
      send(compressed(ONE_BLOCK, false), more("")),
      expect(HELLO),
    ),
  }),
];
