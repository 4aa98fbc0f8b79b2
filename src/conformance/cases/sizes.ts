/**
 * Large messages, many fragments, small writes, many round trips: RFC 6455 section 10.4. @module
 */

import {
  type Case,
  covers,
  type Draft,
  either,
  exchange,
  expect,
  expectFailure,
  family,
  must,
  type Part,
  pass,
  section,
  send,
  sendChopped,
  warn,
} from "../case.ts";
import type { Either } from "../step.ts";
import { binary, fill, type Frame, type FrameOptions, hex, text } from "../wire/frame.ts";

const LARGE = "A message within the limits of the implementation comes through, however large";
const FRAGMENTS = "A message within the limits comes through, in however many fragments";
const WRITES = "However a frame is cut into packets, it comes through";
const ROUND_TRIPS = "As many messages as one likes come through, each whole and in order";

const KIB = 1024;
const MIB = 1024 * KIB;

type Make = (size: number, options?: FrameOptions) => Frame;

/** Returns a size as part of a name. */
function sized(size: number): string {
  if (size >= MIB) return `${size / MIB}-mib`;
  return size >= KIB ? `${size / KIB}-kib` : `${size}-bytes`;
}

/** Expects the echo, or 1009: an implementation may have a limit of its own. */
function echoOrLimit(message: Frame): Either {
  return either(
    pass(expect(message)),
    warn("The peer has a limit below this", expectFailure(1008, 1009)),
  );
}

/** Text and binary messages, each with the first Autobahn numbers of its groups. */
const KINDS: readonly [string, Make, number][] = [
  ["text", (size, options) => text(fill("isosocket!", size), options), 1],
  ["binary", (size, options) => binary(fill(hex("00ff7f80c2"), size), options), 2],
];

/** Makes a draft for each entry of a table, in the order of Autobahn's numbers. */
function each(
  table: readonly number[],
  group: number,
  name: (entry: number) => string,
  requirement: string,
  parts: (entry: number) => readonly Part[],
): Record<string, Draft> {
  const drafts = table.map((entry, index): [string, Draft] => [
    name(entry),
    must(requirement, covers(`9.${group}.${index + 1}`), ...parts(entry)),
  ]);
  return Object.fromEntries(drafts);
}

const WHOLE = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENT = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const WRITE = [64, 128, 256, 512, 1024, 2048];
const ROUND_TRIP = [0, 16, 64, 256, 1024, 4096];

/** Cases about the size and number of messages, fragments and writes. */
export const sizes: Case[] = KINDS.flatMap(([kind, make, first]) => [
  ...section("10.4", {
    ...each(WHOLE, first, (size) => `repeats-${kind}-of-${sized(size)}`, LARGE, (size) => [
      family("sizes"),
      send(make(size)),
      echoOrLimit(make(size)),
    ]),
    ...each(
      FRAGMENT,
      first + 2,
      (size) => `repeats-${kind}-of-4-mib-in-fragments-of-${sized(size)}`,
      FRAGMENTS,
      (fragment) => [
        family("fragment-sizes"),
        send(make(4 * MIB, { fragment })),
        echoOrLimit(make(4 * MIB)),
      ],
    ),
  }),

  ...section("5.2", {
    ...each(
      WRITE,
      first + 4,
      (octets) => `repeats-${kind}-of-1-mib-written-${octets}-octets-at-a-time`,
      WRITES,
      (octets) => [
        family("writes"),
        sendChopped(octets, make(MIB)),
        echoOrLimit(make(MIB)),
      ],
    ),
  }),

  ...section("6.2", {
    ...each(
      ROUND_TRIP,
      first + 6,
      (size) => `repeats-1000-times-${kind}-of-${size}-bytes`,
      ROUND_TRIPS,
      (size) => [family("round-trips"), exchange(1000, make(size))],
    ),
  }),
]);
