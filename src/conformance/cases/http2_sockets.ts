/** Sockets in one connection of HTTP/2, and their ends: RFC 8441 section 5 and RFC 9113. @module */

import {
  alone,
  type Case,
  either,
  expect,
  expectAlive,
  expectClose,
  expectEndPastMessages,
  expectFailure,
  expectUpgrade,
  hangUp,
  must,
  pass,
  raw,
  reading,
  section,
  send,
  sendMany,
  should,
  warn,
} from "../case.ts";
import {
  connect,
  connectionFrame,
  expectEnding,
  hold,
  on,
  pingConnection,
  reset,
  sendAndEnd,
} from "../http2_case.ts";
import type { Step } from "../step.ts";
import { close, fill, more, ping, pong, text } from "../wire/frame.ts";
import { CODE, TYPE, words } from "../wire/http2/frames.ts";

const ORDERLY = "The end of TCP is END_STREAM: it follows both Close frames";
const UNCLEAN = "A reset of TCP is RST_STREAM with CANCEL";
const CUT = "A stream that ends without a Close frame is over, and no other";
const APART = "Each socket has a stream of its own: what happens to one is nothing to the others";
const AGAIN = "The connection outlives its sockets";
const LAST_STREAM = "GOAWAY of a client ends none of its own streams";

/** An exchange, which shows that a socket lives. */
const echo = (word: string): readonly Step[] => [send(text(word)), expect(text(word))];

/** What another socket may not hear of. */
const stillThere: readonly Step[] = [
  ...echo("still there"),
  on("second", ...echo("still here")),
  pingConnection(),
];

/** Resets of a stream that is open. */
const RESETS: readonly (readonly [string, number])[] = [
  ["cancel", CODE.cancel],
  ["no-error", CODE.noError],
  ["internal-error", CODE.internalError],
  ["protocol-error", CODE.protocolError],
];

/** Cases about several sockets, and about their ends. */
export const http2Sockets: Case[] = [
  ...section("8441:5", {
    "ends-the-stream-after-both-closes": must(
      ORDERLY,
      ...echo("hello"),
      send(close(1000)),
      expectClose(1000),
    ),
    // RFC 6455, 7.1.1: it SHOULD close cleanly, and MAY by any means.
    "ends-the-stream-by-end-stream": should(
      ORDERLY,
      ...echo("hello"),
      send(close(1000)),
      expectEnding("end"),
    ),
    "answers-a-close-in-the-last-data": must(ORDERLY, sendAndEnd(close(1000)), expectClose(1000)),
    // RFC 6455, 7.1.4 has no more than a SHOULD for it.
    "takes-the-end-of-a-stream-without-a-close": should(
      CUT,
      ...echo("hello"),
      hangUp("fin"),
      expectEndPastMessages(),
      on("second", ...echo("hello")),
      pingConnection(),
    ),
    "takes-the-end-of-a-stream-behind-a-message": should(
      CUT,
      sendAndEnd(text("the last")),
      expectEndPastMessages(),
      pingConnection(),
    ),
    "takes-an-end-of-the-stream-in-the-request": should(
      CUT,
      connect({}, true),
      either(
        pass(expectUpgrade(), expectEndPastMessages()),
        warn("It refused, though the stream had only ended", expectEndPastMessages()),
      ),
      on("second", ...echo("hello")),
      pingConnection(),
    ),
    // What is dropped without END_STREAM is a reset, whose code is CANCEL.
    "resets-by-cancel": should(
      UNCLEAN,
      send({ opcode: 0x3, payload: "reserved" }),
      expectEnding("end", CODE.cancel),
    ),
  }),

  ...section("9113:5.4", {
    "serves-three-sockets": must(
      APART,
      ...echo("one"),
      on("second", ...echo("two")),
      on("third", ...echo("three")),
      send(text("one again")),
      on("third", send(text("three again"))),
      on("second", send(text("two again"))),
      expect(text("one again")),
      on("second", expect(text("two again"))),
      on("third", expect(text("three again"))),
    ),
    "keeps-the-fragments-of-two-sockets-apart": must(
      APART,
      send(text("first", { fin: false })),
      on("second", send(text("second", { fin: false }))),
      send(more(" half")),
      on("second", send(more(" of two"))),
      expect(text("first half")),
      on("second", expect(text("second of two"))),
    ),
    "keeps-the-frames-of-two-sockets-apart": must(
      APART,
      // The frame is whole only when the other socket has been served.
      raw(new Uint8Array([0x81, 0x85, 0, 0])),
      on("second", ...echo("meanwhile")),
      raw(new Uint8Array([0, 0, 0x68, 0x65, 0x6c, 0x6c, 0x6f])),
      expect(text("hello")),
    ),
    "keeps-the-others-when-one-is-closed": must(
      APART,
      on("second", ...echo("hello")),
      on("third", ...echo("hello"), send(close(1000)), expectClose(1000)),
      ...stillThere,
    ),
    "keeps-the-others-when-one-breaks-the-rules": must(
      APART,
      on("second", ...echo("hello")),
      on("third", send({ opcode: 0x3, payload: "reserved" }), expectFailure(1002)),
      ...stillThere,
    ),
    "keeps-the-others-when-one-ends-without-a-close": must(
      APART,
      on("second", ...echo("hello")),
      on("third", ...echo("hello"), hangUp("fin")),
      ...stillThere,
    ),
    "keeps-the-others-while-one-does-not-read": must(
      APART,
      alone(),
      on("second", ...echo("hello")),
      // Less than a window, which the streams of a connection may share.
      on("third", hold(), connect(), expectUpgrade(), reading(false)),
      on("third", sendMany(10, text(fill("unread", 3000)))),
      ...stillThere,
    ),
    "keeps-the-others-while-one-is-flooded": must(
      APART,
      alone(),
      on("second", ...echo("hello")),
      on("third", reading(false), sendMany(2000, ping("x"))),
      ...stillThere,
    ),
  }),

  ...section("9113:6.4", {
    ...Object.fromEntries(RESETS.map(([name, code]) => [
      `outlives-a-reset-with-${name}`,
      must(
        APART,
        on("second", ...echo("hello")),
        on("third", ...echo("hello"), reset(code)),
        ...stillThere,
        expectAlive(),
      ),
    ])),
    "outlives-a-reset-right-behind-the-request": must(
      APART,
      on("second", ...echo("hello")),
      on("third", connect(), reset(CODE.cancel)),
      ...stillThere,
    ),
    "outlives-a-reset-in-the-middle-of-a-message": must(
      APART,
      on("second", ...echo("hello")),
      on("third", send(text("half", { fin: false })), reset(CODE.cancel)),
      ...stillThere,
    ),
    "opens-sockets-after-others": must(
      AGAIN,
      on("second", ...echo("hello"), send(close(1000)), expectClose(1000)),
      on("third", ...echo("hello"), reset(CODE.cancel)),
      on("fourth", ...echo("hello")),
    ),
  }),

  ...section("9113:6.7", {
    "answers-pings-of-both-layers": must(
      "A PING of the connection and one of a socket are each answered where they came",
      pingConnection(),
      send(ping("of the socket")),
      expect(pong("of the socket")),
      send(text("frag", { fin: false })),
      pingConnection(),
      send(more("ment")),
      expect(text("fragment")),
      pingConnection(),
    ),
  }),

  ...section("9113:6.8", {
    // A client's GOAWAY is about streams that the server would open; a server MAY end it earlier.
    "goes-on-after-a-goaway": should(
      LAST_STREAM,
      ...echo("hello"),
      connectionFrame(TYPE.goaway, words(0, CODE.noError)),
      ...echo("still there"),
      send(close(1000)),
      expectClose(1000),
    ),
  }),
];
