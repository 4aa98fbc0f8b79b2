/** Responses cut, slow, unfinished or with frames behind: RFC 6455 sections 4.1 and 5.1. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectClose,
  expectEnd,
  expectFailure,
  expectRequest,
  family,
  hangUp,
  must,
  pass,
  pause,
  respond,
  section,
  send,
  should,
  warn,
} from "../case.ts";
import type { Step } from "../step.ts";
import {
  binary,
  close,
  fill,
  hex,
  type Item,
  more,
  ping,
  pong,
  rest,
  text,
} from "../wire/frame.ts";

const ANY_CUT = "Where TCP cuts the answer means nothing";
const AT_ONCE = "A server may send as soon as its answer is out";
const ENDS = "TCP that ends before the answer is a connection that never was";
const TAKES_TIME =
  "However long the answer takes, the client waits for it or gives up, but says nothing";

const hello: readonly Step[] = [send(text("hello")), expect(text("hello"))];

const STATUS_LINE = "HTTP/1.1 101 Switching Protocols";

/** A correct 101 without its empty line. */
const HEAD = `${STATUS_LINE}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Accept: {accept}\r\n";

/** Makes a case with frames in the packet of the 101. */
function early(steps: readonly Step[], ...items: Item[]): Draft {
  return must(AT_ONCE, respond({ early: items }), ...steps);
}

const CUTS: readonly [string, readonly number[]][] = [
  ["inside-the-status", [10]],
  ["before-the-last-octet", [-1]],
  ["inside-the-line-end-before-the-empty-line", [-3]],
  ["four-times-in-the-empty-line", [-4, -3, -2, -1]],
];

const cut = CUTS.map(([name, cuts]): [string, Draft] => [
  `takes-an-answer-cut-${name}`,
  must(ANY_CUT, family("cut answers"), respond({ cuts }), ...hello),
]);

/** Beginnings of a response, after which TCP ends. */
const STUMPS: readonly [string, string | Uint8Array][] = [
  ["half-a-status-line", "HTTP/1.1 10"],
  ["a-status-line", `${STATUS_LINE}\r\n`],
  ["half-a-header", `${STATUS_LINE}\r\nUpgr`],
  ["all-but-the-empty-line", HEAD],
  ["a-tls-alert", hex("15030300020228")],
  ["a-frame-without-an-answer", hex("810568656c6c6f")],
];

const stumps = STUMPS.map(([name, raw]): [string, Draft] => [
  `gives-up-when-tcp-ends-behind-${name}`,
  must(ENDS, respond({ raw }), hangUp("fin"), expectEnd()),
]);

/** Cases about the octets of a response. */
export const handshakeResponseOctets: Case[] = [
  ...section("4.1", {
    ...Object.fromEntries(cut),
    ...Object.fromEntries(stumps),

    "takes-an-answer-octet-by-octet": must(
      ANY_CUT,
      family("cut answers"),
      respond({ chop: 1 }),
      ...hello,
    ),
    "takes-an-answer-at-a-thousand-octets-a-second": should(
      TAKES_TIME,
      respond({ chop: 10, every: 10 }),
      ...hello,
    ),
    "waits-a-second-for-its-answer": must(
      TAKES_TIME,
      expectRequest("method"),
      pause(1000),
      either(pass(respond(), ...hello), warn("It has no patience for a second", expectEnd())),
    ),
    "ends-when-tcp-ends-instead-of-an-answer": must(
      ENDS,
      expectRequest("method"),
      hangUp("fin"),
      expectEnd(),
    ),
    "outlives-a-reset-instead-of-an-answer": must(ENDS, expectRequest("method"), hangUp("reset")),
  }),

  ...section("5.1", {
    "echoes-a-text-in-the-packet-of-the-101": early([expect(text("early"))], text("early")),
    "answers-a-ping-in-the-packet-of-the-101": early([expect(pong("early"))], ping("early")),
    "answers-a-close-in-the-packet-of-the-101": early([expectClose(1000)], close(1000)),
    "echoes-three-texts-in-the-packet-of-the-101": early(
      [expect(text("1")), expect(text("2")), expect(text("3"))],
      text("1"),
      text("2"),
      text("3"),
    ),
    "echoes-64-kib-in-the-packet-of-the-101": early(
      [expect(binary(fill("early", 65536)))],
      binary(fill("early", 65536)),
    ),
    "joins-a-frame-that-begins-in-the-packet-of-the-101": early(
      [send(rest("arly", 1)), expect(text("early"))],
      text("e", { length: 5 }),
    ),
    "joins-a-message-that-begins-in-the-packet-of-the-101": early(
      [send(more("ly")), expect(text("early"))],
      text("ear", { fin: false }),
    ),
    "echoes-and-closes-when-a-text-and-a-close-come-with-the-101": early(
      [either(
        pass(expect(text("early")), expectClose(1000)),
        warn("The text before the Close was not echoed", expectClose(1000)),
      )],
      text("early"),
      close(1000),
    ),
    "refuses-a-masked-text-in-the-packet-of-the-101": early(
      [expectFailure(1002)],
      text("early", { mask: true, key: [0, 1, 2, 3] }),
    ),
  }),
];
