/** Control frames: RFC 6455 sections 5.4 to 5.5.3. @module */

import {
  type Case,
  covers,
  either,
  expect,
  expectFailure,
  expectPastPongs,
  must,
  pass,
  section,
  send,
  sendApart,
  sendChopped,
  should,
  warn,
} from "../case.ts";
import { fill, hex, more, ping, pong, text } from "../wire/frame.ts";

const SHORT_AND_WHOLE = "A control frame carries at most 125 bytes and is never fragmented";
const SAME_PAYLOAD = "A pong carries the very payload of the ping that it answers";
const IN_BETWEEN =
  "Control frames may come between the fragments of a message and are dealt with at once";

const TEN = Array.from({ length: 10 }, (_, index) => `payload-${index}`);

/** Answers to ten pings at once: a pong for each, or only for the last (5.5.3 allows it). */
const tenPongs = either(
  pass(...TEN.map((payload) => expect(pong(payload)))),
  warn("Only some of ten pings were answered", expectPastPongs(pong("payload-9"))),
);

/** Cases about Ping and Pong frames, and rules of all control frames. */
export const control: Case[] = [
  ...section("5.4", {
    "answers-a-ping-in-the-middle-of-a-message": must(
      IN_BETWEEN,
      covers("5.6"),
      send(text("frag", { fin: false }), ping("now"), more("ment")),
      expect(pong("now")),
      expect(text("fragment")),
    ),
    "answers-a-ping-between-fragments-written-one-by-one": must(
      IN_BETWEEN,
      covers("5.7"),
      sendApart(text("frag", { fin: false }), ping("now"), more("ment")),
      expect(pong("now")),
      expect(text("fragment")),
    ),
    "answers-a-ping-between-fragments-octet-by-octet": must(
      IN_BETWEEN,
      covers("5.8"),
      sendChopped(1, text("frag", { fin: false }), ping("now"), more("ment")),
      expect(pong("now")),
      expect(text("fragment")),
    ),
  }),

  ...section("5.5", {
    "takes-a-ping-of-125-bytes": must(
      SHORT_AND_WHOLE,
      covers("2.4"),
      send(ping(fill(hex("fe"), 125))),
      expect(pong(fill(hex("fe"), 125))),
    ),
    "takes-a-ping-of-125-bytes-octet-by-octet": must(
      SHORT_AND_WHOLE,
      covers("2.6"),
      sendChopped(1, ping(fill(hex("fe"), 125))),
      expect(pong(fill(hex("fe"), 125))),
    ),
    "refuses-a-ping-of-126-bytes": must(
      SHORT_AND_WHOLE,
      covers("2.5"),
      send(ping(fill(hex("fe"), 126))),
      expectFailure(1002),
    ),
    "refuses-a-fragmented-ping": must(
      SHORT_AND_WHOLE,
      covers("5.1"),
      send(ping("fragment1", { fin: false }), more("fragment2")),
      expectFailure(1002),
    ),
    "refuses-a-fragmented-pong": must(
      SHORT_AND_WHOLE,
      covers("5.2"),
      send(pong("fragment1", { fin: false }), more("fragment2")),
      expectFailure(1002),
    ),
  }),

  ...section("5.5.2", {
    "answers-an-empty-ping": must(
      "A ping is answered with a pong",
      covers("2.1"),
      send(ping()),
      expect(pong()),
    ),
    "answers-ten-pings-in-order": must(
      "A ping is answered with a pong, and no pong overtakes another",
      covers("2.10"),
      send(...TEN.map((payload) => ping(payload))),
      tenPongs,
    ),
    "answers-ten-pings-octet-by-octet": must(
      "A ping is answered with a pong, and no pong overtakes another",
      covers("2.11"),
      sendChopped(1, ...TEN.map((payload) => ping(payload))),
      tenPongs,
    ),
  }),

  ...section("5.5.3", {
    "repeats-the-payload-of-the-ping": must(
      SAME_PAYLOAD,
      covers("2.2"),
      send(ping("Hello, world!")),
      expect(pong("Hello, world!")),
    ),
    "repeats-a-payload-that-is-not-text": must(
      SAME_PAYLOAD,
      covers("2.3"),
      send(ping(hex("00fffefdfcfb00ff"))),
      expect(pong(hex("00fffefdfcfb00ff"))),
    ),
    "lets-an-empty-stray-pong-pass": should(
      "A pong that nobody asked for needs no answer and does no harm",
      covers("2.7"),
      send(pong()),
    ),
    "lets-a-stray-pong-pass": should(
      "A pong that nobody asked for needs no answer and does no harm",
      covers("2.8"),
      send(pong("unsolicited pong payload")),
    ),
    "answers-a-ping-after-a-stray-pong": must(
      SAME_PAYLOAD,
      covers("2.9"),
      send(pong("unsolicited pong payload"), ping("ping payload")),
      expect(pong("ping payload")),
    ),
  }),
];
