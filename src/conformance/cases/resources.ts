/** Load, and slow or idle peers: RFC 6455 sections 5.4, 5.5.2, 6.1 and 10.4. @module */

import {
  alone,
  type Case,
  either,
  exchange,
  expect,
  expectAlive,
  expectClose,
  expectEnd,
  expectEndPastMessages,
  expectEndPastPongs,
  expectPastPongs,
  expectRefusal,
  expectUpgrade,
  family,
  hangUp,
  long,
  must,
  only,
  type Part,
  pass,
  pause,
  raw,
  reading,
  request,
  section,
  send,
  sendChopped,
  sendMany,
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

const TINY =
  "A message may have any number of fragments of any size; who has a limit says so (10.4)";
const PINGS = "A pong for the last of many pings will do, but it has to come";
const OTHERS = "What one connection does is no reason not to serve the others";

// How many connections a server serves at a time, and how much it keeps for those that do not read,
// is its own affair (10.4): what follows from it is a SHOULD. A crash is always a failure.
const SLOW = "How fast a handshake comes in means nothing for what it says";
const KEEPS = "A message that was accepted is sent, however slowly it is read";

/** Cases that take about a second: `--quick` plays a few. */
const SLOW_PEER = family("slow peers");

/** Cases that take some megabytes: `--quick` plays a few. */
const FLOOD = family("floods");

/** Expects the message, or the end: a limit on the number of fragments is legal. */
function joined(message: Frame): Part {
  return either(
    pass(expect(message)),
    warn("It has a limit for the number of fragments", expectEnd()),
  );
}

/** Expects the frame, or the end: no endpoint has to go on with a peer that floods. */
function answeredOr(frame: Frame): Part {
  return either(
    pass(expectPastPongs(frame)),
    warn("It ends the connection rather than answer so many pings", expectEndPastPongs()),
  );
}

/** Sends a message of so many one-byte fragments. */
function fragmented(count: number): Part[] {
  return [
    send(text("", { fin: false })),
    sendMany(count, more("x", { fin: false })),
    send(more("")),
    joined(text(fill("x", count))),
  ];
}

const KIB64 = 65536;

/** Sixty-four messages of 64 KiB, each filled with another byte. */
const PILE = Array.from({ length: 64 }, (_, index) => binary(fill(Uint8Array.of(index), KIB64)));

/** Cases about load. None is large enough to trouble a small machine. */
export const resources: Case[] = [
  ...section("4.2.1", {
    "takes-a-message-behind-a-slow-handshake": must(
      SLOW,
      SLOW_PEER,
      request({ chop: 40, every: 50 }),
      expectUpgrade(),
      send(text("at last")),
      expect(text("at last")),
    ),
    "takes-a-handshake-at-two-hundred-octets-a-second": should(
      SLOW,
      SLOW_PEER,
      request({ chop: 4, every: 20 }),
      expectUpgrade(),
    ),
    "takes-a-handshake-whose-last-octets-come-one-a-second": should(
      SLOW,
      SLOW_PEER,
      request({ cuts: [-2, -1], every: 1000 }),
      either(
        pass(expectUpgrade()),
        warn("It has no patience for two seconds", expectRefusal(408)),
      ),
    ),
  }),

  ...section("5.2", {
    "waits-for-a-payload-that-trickles-in": must(
      "How fast a frame comes in means nothing for what it says",
      SLOW_PEER,
      send(text("tr", { length: 7 })),
      pause(200),
      send(rest("ick", 2)),
      pause(200),
      send(rest("le", 5)),
      expect(text("trickle")),
    ),
    "waits-for-a-header-that-trickles-in": must(
      "How fast a frame comes in means nothing for what it says",
      SLOW_PEER,
      only("server"),
      ...["81", "85", "9a", "3c5e71", "f2"].flatMap((octets) => [raw(hex(octets)), pause(100)]),
      raw(hex("59321df5")),
      expect(text("hello")),
    ),
  }),

  ...section("5.4", {
    "waits-for-fragments-that-trickle-in": must(
      "How fast a message comes in means nothing for what it says",
      SLOW_PEER,
      send(text("tr", { fin: false })),
      pause(200),
      send(more("ick", { fin: false })),
      pause(200),
      send(more("le")),
      expect(text("trickle")),
    ),
    "joins-1000-fragments-octet-by-octet": must(
      TINY,
      FLOOD,
      sendChopped(7, text(fill("abc", 1000), { fragment: 1 })),
      joined(text(fill("abc", 1000))),
    ),
    "joins-10000-fragments-of-one-byte": must(TINY, FLOOD, ...fragmented(10_000)),
    "joins-100000-fragments-of-one-byte": should(TINY, long(), ...fragmented(100_000)),
    "joins-10000-fragments-of-no-bytes": must(
      TINY,
      FLOOD,
      send(text("", { fin: false })),
      sendMany(10_000, more("", { fin: false })),
      send(more("end")),
      joined(text("end")),
    ),
    "answers-1000-pings-between-1000-fragments": must(
      "Control frames may come between all fragments of a message",
      FLOOD,
      send(text("", { fin: false })),
      sendMany(1000, ping("p"), more("x", { fin: false })),
      send(more("")),
      answeredOr(text(fill("x", 1000))),
    ),
  }),

  ...section("5.5.2", {
    "answers-100-pings-in-one-packet": must(
      PINGS,
      send(...Array.from({ length: 100 }, (_, index) => ping(`${index}`))),
      answeredOr(pong("99")),
    ),
    "answers-10000-pings": must(
      PINGS,
      FLOOD,
      sendMany(10_000, ping("p")),
      send(ping("the last of them")),
      answeredOr(pong("the last of them")),
    ),
    "answers-100000-pings": must(
      PINGS,
      long(),
      sendMany(100_000, ping("p")),
      send(ping("the last of them")),
      answeredOr(pong("the last of them")),
    ),
    "answers-1000-pings-of-125-bytes": must(
      PINGS,
      FLOOD,
      sendMany(1000, ping(fill(hex("fe"), 125))),
      send(ping("the last of them")),
      answeredOr(pong("the last of them")),
    ),
    "echoes-behind-10000-pings": must(
      PINGS,
      FLOOD,
      sendMany(10_000, ping("p")),
      send(text("behind them")),
      answeredOr(text("behind them")),
    ),
  }),

  ...section("5.5.3", {
    "lets-100000-pongs-pass": must(
      "A pong that nobody asked for needs no answer, nor do many",
      long(),
      sendMany(100_000, pong("p")),
      send(text("behind them")),
      expect(text("behind them")),
    ),
  }),

  ...section("6.1", {
    "echoes-1000-messages-of-one-byte-in-one-go": must(
      "Each message that comes is a message of its own",
      sendMany(1000, text("x")),
      ...Array.from({ length: 1000 }, () => expect(text("x"))),
    ),
    "echoes-200-empty-messages-in-one-go": must(
      "A message without payload is a message",
      sendMany(200, text("")),
      ...Array.from({ length: 200 }, () => expect(text(""))),
    ),
    "echoes-1000-messages-one-after-the-other": must(
      "Each message that comes is a message of its own",
      exchange(1000, text("x")),
    ),
    "keeps-4-mib-for-a-slow-reader": should(
      KEEPS,
      SLOW_PEER,
      reading(false),
      send(...PILE),
      pause(300),
      reading(true),
      ...PILE.map((message) => expect(message)),
    ),
    "keeps-4-mib-and-the-close-for-a-slow-reader": should(
      KEEPS,
      SLOW_PEER,
      reading(false),
      send(...PILE, close(1000)),
      pause(300),
      reading(true),
      // 5.5.1: the Close MAY wait for what is being sent. One that overtakes the rest is legal.
      either(
        pass(...PILE.map((message) => expect(message)), expectClose(1000)),
        warn("The Close overtook messages that were accepted before", expectEndPastMessages()),
      ),
    ),
  }),

  ...section("10.4", {
    "serves-others-while-one-sends-100000-pings-and-reads-nothing": should(
      OTHERS,
      long(),
      only("server"),
      reading(false),
      sendMany(100_000, ping(fill("p", 100))),
      expectAlive(),
      hangUp("reset"),
      expectAlive(),
    ),
    "serves-others-while-one-reads-nothing": should(
      OTHERS,
      FLOOD,
      only("server"),
      reading(false),
      send(...PILE),
      expectAlive(),
      hangUp("reset"),
    ),
    "serves-others-while-a-message-does-not-end": should(
      OTHERS,
      FLOOD,
      only("server"),
      send(binary(fill(hex("00"), KIB64), { fin: false })),
      sendMany(63, more(fill(hex("00"), KIB64), { fin: false })),
      expectAlive(),
      hangUp("reset"),
    ),
    "serves-others-while-a-request-does-not-end": should(
      OTHERS,
      request({ raw: "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: webso" }),
      expectAlive(),
      hangUp("fin"),
    ),
    "serves-others-while-a-client-says-nothing": should(
      OTHERS,
      request({ raw: "" }),
      expectAlive(),
      hangUp("fin"),
    ),
    "serves-20-connections-at-once": should(OTHERS, alone(), only("server"), expectAlive(20)),
    "serves-50-connections-one-after-the-other": should(
      OTHERS,
      long(),
      only("server"),
      ...Array.from({ length: 50 }, () => expectAlive()),
    ),
    "outlives-octets-that-are-neither-http-nor-frames": should(
      OTHERS,
      FLOOD,
      only("server"),
      raw(fill(hex("00ff5aa5"), 4096)),
      hangUp("reset"),
      expectAlive(),
    ),
  }),
];
