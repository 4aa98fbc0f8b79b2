/** Faults in frames, messages and the closing handshake. @module */

import { Buffer } from "node:buffer";
import { only, type Planted } from "./fault.ts";

const CLOSE_1000 = Buffer.from([0x03, 0xe8]);

/** Faults in frames, messages and the closing handshake. */
export const frames: Readonly<Record<string, Planted>> = {
  "never answers a Close": {
    ...only({ closeAnswer: () => undefined, keepsTcpOpen: true }),
    play: ["5.5.1/answers-a-close-after", "5.5.3/repeats"],
    fail: ["5.5.1/answers-a-close-after-an-echo"],
    verdict: "timeout",
  },
  "keeps TCP open after the closing handshake": {
    ...only({ keepsTcpOpen: true }),
    play: ["7.1.1/ends-tcp", "5.5.3/repeats"],
    fail: ["7.1.1/ends-tcp-after-the-closing-handshake"],
    verdict: "timeout",
  },
  "answers any Close with 1000": {
    ...only({
      ignores: ["close-length", "close-code", "close-reason", "control-size"],
      closeAnswer: () => CLOSE_1000,
    }),
    play: ["autobahn:7.3", "autobahn:7.5", "autobahn:7.9"],
    fail: [
      "5.5/refuses-a-close-of-126-bytes",
      "5.5.1/refuses-a-close-of-one-byte",
      "7.4.1/refuses-code-1005",
      "7.4.1/refuses-code-1006",
      "7.4.2/refuses-code-0",
      "7.4.2/refuses-code-999",
      "8.1/refuses-a-reason-that-is-not-utf-8",
    ],
    note: /Close 1000, the answer to a right Close/,
  },
  "sends a second Close": {
    ...only({ talksAfterClose: true }),
    play: ["5.5.1/closes-once", "5.5.3/repeats"],
    fail: ["5.5.1/closes-once"],
  },
  "takes frames that are not masked": {
    ...only({ ignores: ["mask"] }),
    play: ["5.1/refuses-an-unmasked-text", "5.3/unmasks"],
    fail: [
      "5.1/refuses-an-unmasked-text",
      "5.1/refuses-an-unmasked-text-after-a-masked-message",
      "5.1/refuses-an-unmasked-text-behind-a-right-pong-in-the-same-packet",
      "5.1/refuses-an-unmasked-text-of-0-bytes",
      "5.1/refuses-an-unmasked-text-of-126-bytes",
    ],
  },
  "masks its frames": {
    ...only({ sent: (frame) => frame.opcode === 0x2 ? { ...frame, masked: true } : frame }),
    play: ["autobahn:1.2.2", "autobahn:1.1.2"],
    fail: ["5.2/repeats-binary-of-125-bytes"],
  },
  "ignores reserved bits": {
    ...only({ ignores: ["rsv", "rsv1"] }),
    play: ["autobahn:3.1", "autobahn:4"],
    fail: ["5.2/refuses-rsv3-on-text"],
  },
  "ignores reserved opcodes": {
    ...only({ ignores: ["opcode"] }),
    play: ["autobahn:4", "autobahn:3"],
    fail: [
      "5.2/refuses-opcode-3",
      "5.2/refuses-opcode-4-with-a-payload",
      "5.2/refuses-opcode-5-after-a-message",
      "5.2/refuses-opcode-6-with-a-payload-after-a-message",
      "5.2/refuses-opcode-7-with-a-payload-octet-by-octet",
    ],
  },
  "joins fragments of control frames": {
    ...only({ ignores: ["control-fin"] }),
    play: ["5.5/refuses-a-fragmented-ping", "autobahn:5.3"],
    fail: ["5.5/refuses-a-fragmented-ping"],
  },
  "lets a message begin inside another": {
    ...only({ ignores: ["interleaved"] }),
    play: ["autobahn:5.17", "autobahn:5.18", "autobahn:5.19"],
    fail: ["5.4/refuses-a-text-inside-a-text"],
  },
  "takes a continuation of nothing": {
    ...only({ ignores: ["stray-continuation"] }),
    play: ["autobahn:5.9", "autobahn:5.18"],
    fail: ["5.4/refuses-a-final-continuation-of-nothing"],
  },
  // As gorilla/websocket, which leaves the check to the application.
  "never checks UTF-8": {
    ...only({ utf8: "never" }),
    play: ["autobahn:6.3", "autobahn:6.2"],
    fail: ["8.1/refuses-a-surrogate-cut-at-every-byte", "8.1/refuses-a-surrogate-inside-a-text"],
  },
  "sends empty pongs": {
    ...only({
      sent: (frame) => frame.opcode === 0xa ? { ...frame, payload: Buffer.alloc(0) } : frame,
    }),
    play: ["autobahn:2.1", "autobahn:2.2", "autobahn:2.7"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping"],
  },
  "answers text with binary": {
    ...only({ echo: (_, payload) => ({ opcode: 2, payload }) }),
    play: ["autobahn:1.1.2", "autobahn:1.2.2"],
    fail: ["5.2/repeats-text-of-125-bytes"],
  },
  "reads lengths of 16 bits only": {
    ...only({
      received: (frame) => ({ ...frame, payload: frame.payload.subarray(0, 65535) }),
    }),
    play: ["autobahn:1.2.6", "autobahn:1.2.7"],
    fail: ["5.2/repeats-binary-of-65536-bytes"],
  },
  "forgets the compression context": {
    ...only({ deflate: "forgets" }),
    play: ["7692:7.2.3.2/inflates-a", "7692:7.2.3.1"],
    fail: ["7692:7.2.3.2/inflates-a-message-that-leans-on-the-ones-before"],
  },
  "sets RSV1 on its pongs": {
    ...only({ sent: (frame) => frame.opcode === 0xa ? { ...frame, rsv: 4 } : frame }),
    play: ["7692:6/takes-rsv1-on-the-first", "7692:6/takes-rsv1-on-an-empty"],
    fail: ["7692:6/takes-rsv1-on-the-first-fragment-alone"],
  },
};
