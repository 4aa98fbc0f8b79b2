/** Reserved bits and opcodes: RFC 6455 section 5.2. @module */

import {
  type Case,
  covers,
  type Draft,
  either,
  expect,
  expectFailure,
  must,
  pass,
  section,
  send,
  sendApart,
  sendChopped,
  warn,
} from "../case.ts";
import type { Either, Send } from "../step.ts";
import { binary, close, type Frame, hex, type Item, ping, text } from "../wire/frame.ts";

const BITS = "A reserved bit is zero unless an extension that gives it a meaning was agreed";
const OPCODES = "A frame with an opcode that nobody has defined fails the connection";

const HELLO = text("Hello, world!");
const OCTETS = hex("00fffefdfcfb00ff");

/**
 * Expects the echo of the message before a violation, then the failure; 7.1.7 allows to drop the
 * echo.
 */
const echoThenFailure: Either = either(
  pass(expect(HELLO), expectFailure(1002)),
  warn("The message before the breach was not echoed", expectFailure(1002)),
);

/** Ways of writing frames. */
type Sending = (...items: readonly Item[]) => Send;

const octetByOctet: Sending = (...items) => sendChopped(1, ...items);

/** Makes a case in which the frame is the first. */
function refusesAtOnce(requirement: string, number: string, frame: Frame): Draft {
  return must(requirement, covers(number), send(frame), expectFailure(1002));
}

/** Makes a case with a correct message before the frame and a ping behind it. */
function refusesBetween(
  requirement: string,
  number: string,
  frame: Frame,
  sending: Sending = send,
): Draft {
  return must(requirement, covers(number), sending(HELLO, frame, ping()), echoThenFailure);
}

const WITH_PAYLOAD = "reserved opcode payload";

/**
 * Makes drafts for the five reserved opcodes of data frames (Autobahn's 4.1) or control frames
 * (4.2).
 */
function opcodes(autobahn: string, first: number): Record<string, Draft> {
  const refuses = (index: number, how: string): string => `refuses-opcode-${first + index}${how}`;
  return {
    [refuses(0, "")]: refusesAtOnce(OPCODES, `${autobahn}.1`, { opcode: first }),
    [refuses(1, "-with-a-payload")]: refusesAtOnce(
      OPCODES,
      `${autobahn}.2`,
      { opcode: first + 1, payload: WITH_PAYLOAD },
    ),
    [refuses(2, "-after-a-message")]: refusesBetween(
      OPCODES,
      `${autobahn}.3`,
      { opcode: first + 2 },
    ),
    [refuses(3, "-with-a-payload-after-a-message")]: refusesBetween(
      OPCODES,
      `${autobahn}.4`,
      { opcode: first + 3, payload: WITH_PAYLOAD },
    ),
    [refuses(4, "-with-a-payload-octet-by-octet")]: refusesBetween(
      OPCODES,
      `${autobahn}.5`,
      { opcode: first + 4, payload: WITH_PAYLOAD },
      octetByOctet,
    ),
  };
}

/** Cases about reserved bits and opcodes. */
export const reserved: Case[] = section("5.2", {
  "refuses-rsv3-on-text": refusesAtOnce(BITS, "3.1", { ...HELLO, rsv: 1 }),
  "refuses-rsv2-after-a-message": refusesBetween(BITS, "3.2", { ...HELLO, rsv: 2 }),
  "refuses-rsv2-and-rsv3-written-frame-by-frame": refusesBetween(
    BITS,
    "3.3",
    { ...HELLO, rsv: 3 },
    sendApart,
  ),
  "refuses-rsv1-octet-by-octet": refusesBetween(BITS, "3.4", { ...HELLO, rsv: 4 }, octetByOctet),
  "refuses-rsv1-and-rsv3-on-binary": refusesAtOnce(BITS, "3.5", binary(OCTETS, { rsv: 5 })),
  "refuses-rsv1-and-rsv2-on-binary": refusesAtOnce(
    BITS,
    "3.6",
    binary("Hello, world!", { rsv: 6 }),
  ),
  "refuses-all-reserved-bits-on-a-close": refusesAtOnce(
    BITS,
    "3.7",
    close(undefined, "", { rsv: 7 }),
  ),
  ...opcodes("4.1", 0x3),
  ...opcodes("4.2", 0xb),
});
