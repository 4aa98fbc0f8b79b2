/** WebSocket frames in DATA, and flow control: RFC 9113 sections 5.2, 6.1 and 6.9. @module */

import {
  type Case,
  expect,
  expectUpgrade,
  family,
  must,
  section,
  send,
  sendChopped,
} from "../case.ts";
import { carry, connect, grant, hold, on, pingConnection, settings } from "../http2_case.ts";
import type { Step } from "../step.ts";
import { binary, fill, more, ping, pong, text } from "../wire/frame.ts";
import type { Carriage } from "../wire/http2/stream.ts";
import { SETTING } from "../wire/http2/frames.ts";

const ANYWHERE = "DATA frames have no meaning of their own: they cut the octets of frames anywhere";
const PADDING = "Padding belongs to no WebSocket frame";
const WINDOW = "No more is sent than the window allows, and the rest when it allows more";
const BESIDE = "Flow control holds DATA of one stream, and nothing else";

/** An exchange of messages of several sizes, and a ping between fragments. */
const talk: readonly Step[] = [
  send(text("hello")),
  expect(text("hello")),
  send(binary(fill("octets", 300))),
  expect(binary(fill("octets", 300))),
  send(text("frag", { fin: false }), ping("between"), more("ment")),
  expect(pong("between")),
  expect(text("fragment")),
];

/** A handshake whose windows are these from the first octet on. */
const small = (octets: number): readonly Step[] => [
  settings({ [SETTING.initialWindowSize]: octets }),
  hold(),
  connect(),
  expectUpgrade(),
];

const CARRIED: readonly (readonly [string, string, Carriage])[] = [
  ["in-data-of-one-octet", ANYWHERE, { octets: 1 }],
  ["in-data-of-two-octets", ANYWHERE, { octets: 2 }],
  ["in-data-of-three-octets", ANYWHERE, { octets: 3 }],
  ["in-data-of-seven-octets", ANYWHERE, { octets: 7 }],
  ["behind-empty-data", ANYWHERE, { empty: 1 }],
  ["in-data-of-one-octet-between-empty-ones", ANYWHERE, { octets: 1, empty: 1 }],
  ["in-data-with-a-padding-of-none", PADDING, { padding: 0 }],
  ["in-data-with-padding", PADDING, { padding: 10 }],
  ["in-data-with-the-most-padding", PADDING, { padding: 255 }],
  ["in-data-of-one-octet-with-padding", PADDING, { octets: 1, padding: 3 }],
];

/** Sizes of windows that cut an echo. */
const WINDOWS = [1, 2, 5, 16, 100];

const WORDS = "a message that is longer than its window";

/** Cases about DATA and windows. */
export const http2Data: Case[] = [
  ...section(
    "9113:6.1",
    Object.fromEntries(CARRIED.map(([name, requirement, how]) => [
      `reads-frames-${name}`,
      must(requirement, family("http2-carriage"), carry(how), ...talk),
    ])),
  ),
  ...section("9113:6.1", {
    "reads-100-kb-in-data-of-100-octets": must(
      ANYWHERE,
      carry({ octets: 100 }),
      send(binary(fill("octets", 100_000))),
      expect(binary(fill("octets", 100_000))),
    ),
    "reads-frames-in-packets-of-one-octet": must(ANYWHERE, sendChopped(1, text("hello")), ...[
      expect(text("hello")),
    ]),
  }),

  ...section(
    "9113:6.9.1",
    Object.fromEntries(WINDOWS.map((octets) => [
      `keeps-to-a-window-of-${octets}`,
      must(
        WINDOW,
        family("http2-windows"),
        ...small(octets),
        send(text(WORDS), text(WORDS), text(WORDS)),
        pingConnection(),
        grant(500),
        expect(text(WORDS)),
        expect(text(WORDS)),
        expect(text(WORDS)),
      ),
    ])),
  ),
  ...section("9113:6.9.1", {
    "goes-on-by-updates-of-one-octet": must(
      WINDOW,
      ...small(0),
      send(text(WORDS)),
      grant(1, 42),
      expect(text(WORDS)),
      grant(100),
    ),
    "sends-nothing-through-a-window-of-zero": must(
      WINDOW,
      ...small(0),
      send(text(WORDS)),
      pingConnection(),
      grant(200),
      expect(text(WORDS)),
    ),
    "sends-a-message-of-many-windows": must(
      WINDOW,
      ...small(1000),
      send(binary(fill("octets", 20_000))),
      grant(1000, 20),
      expect(binary(fill("octets", 20_000))),
      grant(1000),
    ),
  }),

  ...section("9113:6.9.2", {
    // A window may become negative: then nothing is sent until it is positive again.
    "keeps-to-a-window-that-is-made-smaller": must(
      WINDOW,
      hold(),
      connect(),
      expectUpgrade(),
      send(text("hello")),
      expect(text("hello")),
      settings({ [SETTING.initialWindowSize]: 0 }),
      send(text(WORDS)),
      pingConnection(),
      settings({ [SETTING.initialWindowSize]: 1_000_000 }),
      expect(text(WORDS)),
    ),
  }),

  ...section("9113:5.2", {
    "answers-a-ping-of-the-connection-without-a-window": must(
      BESIDE,
      ...small(0),
      send(ping("held")),
      pingConnection(),
      grant(200),
      expect(pong("held")),
    ),
    "serves-another-socket-while-one-has-no-window": must(
      BESIDE,
      send(text("hello")),
      expect(text("hello")),
      settings({ [SETTING.initialWindowSize]: 0 }),
      on("held", hold(), connect(), expectUpgrade(), send(text(WORDS))),
      settings({ [SETTING.initialWindowSize]: 1_000_000 }),
      on("held", expect(text(WORDS))),
      send(text("still there")),
      expect(text("still there")),
    ),
  }),
];
