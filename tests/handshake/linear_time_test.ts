// Whatever a peer writes into a head is read in linear time. Each reader is called with hostile
// texts of 60 kB, and of a quarter of that: a quadratic one takes 16 times as long.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { chooseDeflate } from "../../src/handshake/compression.ts";
import { parseExtensions } from "../../src/conformance/wire/extensions.ts";
import { flawsOf101 } from "../../src/conformance/wire/handshake.ts";
import { lists, readHead, statusOf } from "../../src/conformance/wire/head.ts";
import { failureOf } from "../../src/core/failure.ts";
import { addressOf, siteOf, urlOf } from "../../src/handshake/forwarded.ts";
import { checkHandshake } from "../../src/handshake/handshake.ts";
import { isHost, isToken, listOf, readExtensions } from "../../src/handshake/header_grammar.ts";
import { checkOrigin, checkOrigins } from "../../src/handshake/origin.ts";
import { readTarget } from "../../src/handshake/request_target.ts";
import { parseRetryAfter } from "../../src/handshake/retry_after.ts";
import { quote, UpgradeError } from "../../src/handshake/upgrade_error.ts";
import { KEY } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";

/** Number of characters of the longer text: about the limit that servers have for a head. */
const LENGTH = 60_000;

/**
 * Maximum factor by which the time may grow when the text grows fourfold, and CPU time that is too
 * short to measure, in milliseconds. A quadratic pattern takes seconds for that length, an
 * exponential one practically never ends.
 */
const MAX_GROWTH = 9;
const NEGLIGIBLE = 100;

/** Pieces that are repeated to make up a text. */
const PIECES = [
  "a",
  " ",
  ",",
  ", ",
  ";",
  "; ",
  "a,",
  "a, ",
  '", ',
  '"',
  '\\"',
  'a;b="c",',
  'a;b="',
  "a;b=c",
  "a; b",
  "0",
  "0,",
  "1.",
  ":",
  "1:",
  "::",
  "[",
  ".",
  "../../",
  "/",
  "%2e",
  "@",
  "a.",
  "xn--a.",
  "://",
  "status code: ",
  "\u00e9",
  "permessage-deflate; client_max_window_bits,",
  "; server_max_window_bits=9",
];

/** Texts before and after the pieces: the latter make a text invalid at its very end. */
const FRAMES = [["", "@"], ['"', "\u00e9"], ["permessage-deflate", ""]] as const;

const ORIGINS = checkOrigins(["https://app.example"]);
const REQUIRED = {
  host: "a",
  upgrade: "websocket",
  connection: "upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": KEY,
};

/** Returns a reader that gets the text as one header of a handshake. */
function inHeader(name: string, read: (request: Request) => unknown): (text: string) => unknown {
  return (text) => {
    const request = new Request("http://a/", { headers: REQUIRED });
    const headers = new Headers(REQUIRED);
    headers.set(name, text);
    Object.defineProperty(request, "headers", { value: headers });
    return read(request);
  };
}

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  isToken,
  isHost,
  quote,
  readExtensions,
  chooseDeflate,
  listOf: (text) => listOf(new Headers({ a: text }), "a"),
  parseRetryAfter: (text) => parseRetryAfter(text, 0),
  failureOf: (text) => failureOf(new Error(text)),
  "a target": (text) =>
    readTarget({ method: "GET", target: text, host: "a", scheme: "http", httpVersion: "1.1" }),
  "a Host header": (text) =>
    readTarget({ method: "GET", target: "/", host: text, scheme: "http", httpVersion: "1.1" }),
  "the judge's Sec-WebSocket-Extensions": parseExtensions,
  "the judge's head": (text) => {
    for (const head of [`${text}\r\n`, `HTTP/1.1 101 a\r\nUpgrade: ${text}\r\n`]) {
      const read = readHead(utf8(`${head}\r\n`));
      if (typeof read !== "object") continue;
      statusOf(read);
      lists(read, "upgrade", "websocket");
      flawsOf101(read, KEY, [text]);
    }
  },
  ...Object.fromEntries(
    ["Upgrade", "Connection", "Content-Length", "Host", "Sec-WebSocket-Key"].concat(
      ["Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"],
    ).map((name) => [name, inHeader(name, (request) => checkHandshake(request, "1.1"))]),
  ),
  Origin: inHeader("origin", (request) => {
    checkOrigin(ORIGINS, request, { scheme: undefined, host: "a" });
  }),
  "Origin, for the server's own": inHeader("origin", (request) => {
    checkOrigin(undefined, request, { scheme: undefined, host: "a" });
  }),
  "X-Forwarded-For": inHeader("x-forwarded-for", ({ headers }) => addressOf(headers, 1, undefined)),
  "X-Forwarded-Host": inHeader("x-forwarded-host", (request) => {
    urlOf(request, siteOf(request, 1), 1);
  }),
  "X-Forwarded-Proto": inHeader("x-forwarded-proto", (request) => siteOf(request, 1)),
};

/** Returns the CPU time of this process in microseconds, which other programs do not affect. */
function spent(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * Returns the CPU time that a reader takes, in milliseconds: the best of several, for garbage
 * collection.
 */
function time(
  read: (text: string) => unknown,
  text: string,
  rounds: number,
  enough = 0,
): number {
  let least = Infinity;
  for (let round = 0; round < rounds && least > enough; round++) {
    const begun = spent();
    try {
      read(text);
    } catch (error) { // malformed; or no header can have such characters
      assert.ok(error instanceof UpgradeError || error instanceof TypeError, String(error));
    }
    least = Math.min(least, (spent() - begun) / 1000);
  }
  return least;
}

/** Reports whether the time of a reader is linear in the length. */
function isLinear(read: (text: string) => unknown, make: (length: number) => string): boolean {
  // A reader that takes long for a short text, for instance an exponential one, gets no longer one.
  if (time(read, make(160), 3, NEGLIGIBLE) > NEGLIGIBLE) return false;
  const most = time(read, make(LENGTH), 5, NEGLIGIBLE);
  return most < NEGLIGIBLE || most < MAX_GROWTH * time(read, make(LENGTH / 4), 5);
}

for (const [name, read] of Object.entries(READERS)) {
  test(`${name} is read in proportion to its length`, () => {
    for (const piece of PIECES) {
      for (const [start, end] of FRAMES) {
        const make = (length: number): string => start + piece.repeat(length / piece.length) + end;
        assert.ok(isLinear(read, make), JSON.stringify(`${start}${piece}, many times, ${end}`));
      }
    }
  });
}

test("readers that are not linear are found", () => {
  const many = (length: number): string => "a".repeat(length);
  const quadratic = (text: string): boolean => /a*b/.test(text);
  assert.equal(isLinear(quadratic, many), false);
});
