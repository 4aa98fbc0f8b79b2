/** Faults of a server as a whole: it crashes, hangs or is slow. @module */

import type { Planted } from "./fault.ts";

const CRASH = /^The server crashed: it ended with SIGSEGV$/;

/** Faults of a server as a whole: it crashes, hangs or is slow. */
export const wholes: Readonly<Record<string, Planted>> = {
  // As libsoup 3.2.3 does on a frame that it does not expect.
  "crashes on a ping of 126 bytes": {
    faults: (plant) => ({
      ignores: ["control-size"],
      received: (frame) => {
        if (frame.opcode === 0x9 && frame.payload.length > 125) plant.crash();
        return frame;
      },
    }),
    play: ["5.5/refuses-a-ping", "5.5/takes", "5.1"],
    fail: ["5.5/refuses-a-ping-of-126-bytes"],
    note: CRASH,
  },
  // An unhandled error of a socket that was reset.
  "crashes when a connection is reset after its handshake": {
    ended: (wasReset, plant) => wasReset && plant.crash(),
    play: ["7.1.4", "5.5.3"],
    fail: ["7.1.4/outlives-a-reset", "7.1.4/outlives-a-reset-right-behind-its-answer"],
    note: CRASH,
  },
  "crashes on text that is not UTF-8": {
    faults: (plant) => ({
      utf8: "never",
      received: (frame) => {
        if (frame.payload.includes(0xfe)) plant.crash();
        return frame;
      },
    }),
    play: ["8.1/refuses-the-byte", "5.5.2/answers-an-empty", "5.6/repeats-u"],
    fail: [
      "8.1/refuses-the-byte-fe",
      "8.1/refuses-the-byte-ff",
      "8.1/refuses-the-bytes-fe-and-ff",
    ],
  },
  "crashes on compressed data that are broken, and is not started again": {
    faults: (plant) => ({
      received: (frame) => {
        if (frame.payload.toString("hex") === "ffd3a1577e09c2b4") plant.crash();
        return frame;
      },
    }),
    isSupervised: false,
    play: ["7692:7.2.2/refuses-random-octets"],
    fail: [
      "7692:7.2.2/refuses-random-octets",
      "7692:7.2.2/refuses-random-octets-in-the-second-fragment",
    ],
    note: /^The server is gone: nothing listens on 127\.0\.0\.1:\d+ any more; under way were/,
  },
  "crashes while two connections are open, but never alone": {
    faults: (plant) => ({
      received: (frame) => {
        if (plant.open > 1 && frame.opcode === 0x9) plant.crash();
        return frame;
      },
    }),
    play: ["5.5.3/repeats"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping", "5.5.3/repeats-a-payload-that-is-not-text"],
    note: /^The server crashed: it ended with SIGSEGV; under way were .*, .*It did not do so again/,
  },
  // As patterns whose time grows exponentially: CVE-2021-32640, and one of our own.
  "hangs on a long list of subprotocols": {
    request: (head, plant) => head.includes("p, ".repeat(1000)) && plant.hang(),
    play: ["10.4/refuses-or-takes-20-kb", "10.4/refuses-or-takes-a-cookie", "5.5.3/repeats"],
    fail: ["10.4/refuses-or-takes-20-kb-of-protocols"],
    note: /^The server serves nobody any more after this case$/,
  },
  "takes long for one message": {
    faults: (plant) => ({
      received: (frame) => {
        if (frame.payload.length === 127) plant.delay(600);
        return frame;
      },
    }),
    play: ["autobahn:1.1", "autobahn:1.2"],
    fail: ["5.2/repeats-binary-of-127-bytes", "5.2/repeats-text-of-127-bytes"],
    verdict: "timeout",
  },
};
