/** Faults of other implementations, each with the record of it. @module */

import { Buffer } from "node:buffer";
import { only, type Planted } from "./fault.ts";

const CRASH = /^The server crashed: it ended with SIGSEGV$/;

/** Faults that others had. */
export const recorded: Readonly<Record<string, Planted>> = {
  // CVE-2026-43678 of SwiftNIO, CVE-2026-27889 of nats-server: a length of 64 bits becomes negative.
  "crashes on a length with its top bit set": {
    faults: (plant) => ({
      ignores: ["length-msb", "minimal"],
      received: (frame) => {
        if (frame.opcode === 0x2 && frame.payload.length === 0) plant.crash();
        return frame;
      },
    }),
    play: ["5.2/refuses-a-binary-whose-length-has-the-top-bit-set-and-nothing-else", "5.5/takes"],
    fail: ["5.2/refuses-a-binary-whose-length-has-the-top-bit-set-and-nothing-else"],
    note: CRASH,
  },
  // github.com/ninjasource/embedded-websocket/issues/31
  "appends a ping to the message that it comes in": {
    faults: () => {
      let isInMessage = false;
      return {
        received: (frame) => {
          if (frame.opcode < 0x8) isInMessage = !frame.fin;
          return isInMessage && frame.opcode === 0x9 ? { ...frame, opcode: 0, fin: false } : frame;
        },
      };
    },
    play: ["5.4/answers-a-ping-in-the-middle-of-a-message", "5.5.3/repeats"],
    fail: ["5.4/answers-a-ping-in-the-middle-of-a-message"],
    verdict: "timeout",
  },
  // github.com/c4punks/CWIST/issues/160
  "sends pongs as long as pings of 126 bytes and more": {
    ...only({ ignores: ["control-size"] }),
    play: ["5.5/refuses-a-ping-of-126", "5.5/takes-a-ping-of-125-bytes"],
    fail: ["5.5/refuses-a-ping-of-126-bytes"],
    note: /Pong frame has 126 bytes/,
  },
  // github.com/aspnet/WebSockets/pull/21, github.com/freeunitorg/freeunit/issues/378
  "checks no reason of a Close": {
    ...only({ ignores: ["close-reason"] }),
    play: ["8.1/refuses-a-reason-that-is-not-utf-8", "5.5.1/answers-a-close-after"],
    fail: ["8.1/refuses-a-reason-that-is-not-utf-8"],
  },
  // github.com/aspnet/WebSockets/pull/21
  "takes and repeats any code of a Close": {
    ...only({ ignores: ["close-code"] }),
    play: ["7.4.1/refuses-code-1005", "7.4.2/refuses-code-0", "5.5.1/answers-a-close-after"],
    fail: ["7.4.1/refuses-code-1005", "7.4.2/refuses-code-0"],
  },
  // github.com/ballerina-platform/ballerina-lang/issues/12695
  "decodes each fragment of a text on its own": {
    ...only({
      received: (frame) =>
        frame.opcode < 0x2 ? { ...frame, payload: Buffer.from(frame.payload.toString()) } : frame,
    }),
    play: ["autobahn:6.2"],
    fail: [
      "5.6/repeats-a-text-in-greek-cut-at-every-byte",
      "5.6/repeats-a-text-with-accents-cut-at-every-byte",
    ],
  },
  // github.com/zephyrproject-rtos/zephyr/pull/88042
  "masks its Close": {
    ...only({ sent: (frame) => frame.opcode === 0x8 ? { ...frame, masked: true } : frame }),
    play: ["5.5.1/answers-a-close-after"],
    fail: ["5.5.1/answers-a-close-after-an-echo"],
    note: /The server masked its Close frame/,
  },
  // Whoever takes such an answer for a right one ends, as undici did: CVE-2026-2229.
  "agrees to a window of 16 bits": {
    ...only({ extensions: "permessage-deflate; server_max_window_bits=16" }),
    play: ["7692:7.2.3.1/inflates-one-block-in-two-fragments"],
    fail: ["7692:7.2.3.1/inflates-one-block-in-two-fragments"],
    note: /server_max_window_bits is not 8 to 15/,
  },
  // As Deno's own server: tests/expectations/deno-server.json.
  "reads a version up to what is no digit": {
    ...only({ ignores: ["version"] }),
    play: ["4.2.1/refuses-a-request-whose-version-has-a-fraction", "4.2.1/refuses-the-method-post"],
    fail: ["4.2.1/refuses-a-request-whose-version-has-a-fraction"],
  },
  "needs no Host": {
    ...only({ ignores: ["host"] }),
    play: ["4.2.1/refuses-a-request-without-host", "4.2.1/refuses-the-method-post"],
    fail: ["4.2.1/refuses-a-request-without-host"],
  },
  // As Bun's own server: tests/expectations/bun-server.json.
  "upgrades without being asked to by Connection": {
    ...only({ ignores: ["connection"] }),
    play: [
      "4.2.1/refuses-a-request-whose-connection-is-keep-alive",
      "4.2.1/refuses-the-method-post",
    ],
    fail: ["4.2.1/refuses-a-request-whose-connection-is-keep-alive"],
  },
  "agrees to an extension that nobody offered": {
    ...only({ extensions: "x-made-up" }),
    play: ["5.5.3/repeats-the-payload-of-the-ping"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping"],
  },
  "loses empty messages": {
    ...only({
      sent: (frame) => frame.opcode < 0x8 && frame.payload.length === 0 ? undefined : frame,
    }),
    play: ["autobahn:1.1.1", "autobahn:1.1.2"],
    fail: ["5.2/repeats-text-of-0-bytes"],
    verdict: "timeout",
  },
};
