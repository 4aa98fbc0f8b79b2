/** Whole data frames of every length form: RFC 6455 section 5.2. @module */

import {
  type Case,
  covers,
  type Draft,
  expect,
  family,
  must,
  type Part,
  section,
  send,
  sendChopped,
} from "../case.ts";
import { binary, fill, type Frame, hex, type Payload, text } from "../wire/frame.ts";

const ANY_LENGTH = "A message comes through whole, whichever of the three length forms it needs";
const ANY_CUT = "Where TCP cuts a frame means nothing: it comes through whole";

/** Sizes around the limits of the length forms: 125 in seven bits, 65535 in sixteen. */
const SIZES = [0, 125, 126, 127, 128, 65535, 65536];

const LARGEST = 65536;

/** Makes the same drafts for text and for binary messages: Autobahn's 1.1 and 1.2. */
const KINDS: readonly [string, string, (payload: Payload) => Frame, string | Uint8Array][] = [
  ["1.1", "text", text, "*"],
  ["1.2", "binary", binary, hex("fe")],
];

function repeats(size: number, requirement: string, ...parts: readonly Part[]): Draft {
  return must(requirement, ...(size > 128 ? [family("framing")] : []), ...parts);
}

const drafts = KINDS.flatMap(([autobahn, kind, frame, octet]) => {
  const largest = frame(fill(octet, LARGEST));
  const whole = SIZES.map((size, index): [string, Draft] => {
    const message = frame(fill(octet, size));
    return [
      `repeats-${kind}-of-${size}-bytes`,
      repeats(
        size,
        ANY_LENGTH,
        covers(`${autobahn}.${index + 1}`),
        send(message),
        expect(message),
      ),
    ];
  });
  const chopped: [string, Draft] = [
    `repeats-${kind}-of-${LARGEST}-bytes-written-997-octets-at-a-time`,
    repeats(
      LARGEST,
      ANY_CUT,
      covers(`${autobahn}.${SIZES.length + 1}`),
      sendChopped(997, largest),
      expect(largest),
    ),
  ];
  return [...whole, chopped];
});

/** Cases about unfragmented messages. */
export const framing: Case[] = section("5.2", Object.fromEntries(drafts));
