/** Messages in fragments: RFC 6455 section 5.4. @module */

import {
  type Case,
  covers,
  type Draft,
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
  warn,
} from "../case.ts";
import type { Either, Send, Step } from "../step.ts";
import { fill, type Frame, type Item, more, ping, pong, text } from "../wire/frame.ts";

const JOINED = "A message is the payloads of its fragments, joined in order";
const EMPTY = "A fragment may be empty, first, last or in between";
const NO_STRAY = "A continuation frame goes on with a message that has begun, or it is an error";
const ONE_AT_A_TIME = "A message ends before the next begins";
const IN_BETWEEN =
  "Control frames may come between the fragments of a message and are dealt with at once";

const PART = { fin: false } as const;
const BEGIN = text("fragment1", PART);
const END = more("fragment2");
const WHOLE = text("fragment1fragment2");

type Sending = (...items: readonly Item[]) => Send;

/** Ways of writing frames, with the suffix of the case's name. */
const SENDINGS: readonly [string, Sending][] = [
  ["", send],
  ["-written-frame-by-frame", sendApart],
  ["-octet-by-octet", (...items) => sendChopped(1, ...items)],
];

/** Makes a draft for each way of writing; Autobahn numbers them from `5.first` on. */
function thrice(
  name: string,
  first: number,
  requirement: string,
  converse: (sending: Sending) => readonly Step[],
): Record<string, Draft> {
  const drafts = SENDINGS.map(([how, sending], index): [string, Draft] => [
    name + how,
    must(requirement, covers(`5.${first + index}`), ...converse(sending)),
  ]);
  return Object.fromEntries(drafts);
}

const STRAY = "stray continuation";
const HELLO = text("Hello, world!");

/** Two pings among five fragments, with a pause after the first. */
function fiveFragments(sending: Sending): readonly [Send, Either] {
  const whole = text("fragment1fragment2fragment3fragment4fragment5");
  const rest = sending(
    more("fragment3", PART),
    more("fragment4", PART),
    ping("ping two"),
    more("fragment5"),
  );
  return [
    sending(text("fragment1", PART), more("fragment2", PART), ping("ping one")),
    either(
      pass(expect(pong("ping one")), rest, expect(pong("ping two")), expect(whole)),
      // 5.5.3: a pong for the last of several pings may stand for all.
      warn(
        "The ping was not answered before more came",
        rest,
        expectPastPongs(pong("ping two")),
        expect(whole),
      ),
    ),
  ];
}

/** Expects the echo of a message before a violation; 7.1.7 allows to drop it. */
const echoThenFailure: Either = either(
  pass(expect(WHOLE), expectFailure(1002)),
  warn("The message before the breach was not echoed", expectFailure(1002)),
);

/** A continuation of no message, then a message, twice. */
function straysBefore(options: Partial<Frame>): readonly Frame[] {
  const once = [more("fragment1", options), text("fragment2", PART), more("fragment3")];
  return [...once, ...once];
}

/** Cases about fragmented messages. */
export const fragmentation: Case[] = section("5.4", {
  ...thrice("joins-two-fragments", 3, JOINED, (sending) => [sending(BEGIN, END), expect(WHOLE)]),
  "joins-three-empty-fragments": must(
    EMPTY,
    covers("6.1.2"),
    send(text("", PART), more("", PART), more("")),
    expect(text("")),
  ),
  "joins-a-fragment-between-two-empty-ones": must(
    EMPTY,
    covers("6.1.3"),
    send(text("", PART), more("in the middle", PART), more("")),
    expect(text("in the middle")),
  ),
  "joins-51-fragments": must(
    JOINED,
    covers("10.1.1"),
    send(text(fill("*", 65536), { fragment: 1300 })),
    expect(text(fill("*", 65536))),
  ),
  "answers-two-pings-among-five-fragments": must(
    IN_BETWEEN,
    covers("5.19"),
    ...fiveFragments(send),
  ),
  "answers-two-pings-among-five-fragments-written-frame-by-frame": must(
    IN_BETWEEN,
    covers("5.20"),
    ...fiveFragments(sendApart),
  ),

  ...thrice("refuses-a-final-continuation-of-nothing", 9, NO_STRAY, (sending) => [
    sending(more(STRAY), HELLO),
    expectFailure(1002),
  ]),
  ...thrice("refuses-a-continuation-of-nothing", 12, NO_STRAY, (sending) => [
    sending(more(STRAY, PART), HELLO),
    expectFailure(1002),
  ]),
  "refuses-a-continuation-after-the-end": must(
    NO_STRAY,
    covers("5.15"),
    send(BEGIN, END, more("fragment3", PART), text("fragment4")),
    echoThenFailure,
  ),
  "refuses-a-continuation-before-the-beginning": must(
    NO_STRAY,
    covers("5.16"),
    send(...straysBefore(PART)),
    expectFailure(1002),
  ),
  "refuses-a-final-continuation-before-the-beginning": must(
    NO_STRAY,
    covers("5.17"),
    send(...straysBefore({})),
    expectFailure(1002),
  ),
  "refuses-a-text-inside-a-text": must(
    ONE_AT_A_TIME,
    covers("5.18"),
    send(BEGIN, text("fragment2")),
    expectFailure(1002),
  ),
});
