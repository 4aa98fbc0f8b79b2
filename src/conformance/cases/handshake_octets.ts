/** Requests cut, large, early or with a body: RFC 6455 sections 4.1, 4.2.1, 10.4. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectAlive,
  expectClose,
  expectEnd,
  expectFailure,
  expectRefusal,
  expectUpgrade,
  family,
  hangUp,
  must,
  pass,
  pause,
  request,
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
import type { RequestSpec } from "../wire/handshake.ts";

const ANY_CUT = "Where TCP cuts the handshake means nothing";
const EARLY =
  "A client waits for the answer; what comes before it is refused, or read once it is open";
const LIMITS = "A head that is too large is refused, and the server goes on";
const BODIES = "A body is not a frame: the request is refused, or its body is left out";
const GIVES_UP = "A handshake that does not end is no connection, and does no harm";

const taken: readonly Step[] = [expectUpgrade(), send(text("hello")), expect(text("hello"))];

/** Expects a refusal of a large head; a server that accepts it has to work. */
const refusedOrTaken = either(
  pass(expectRefusal([400, 413, 414, 431, 494])),
  pass(expectUpgrade(), send(text("hello")), expect(text("hello"))),
);

/** Offsets of cuts, counted from the end where negative. */
const CUTS: readonly [string, readonly number[]][] = [
  ["inside-the-method", [1]],
  ["behind-the-method", [3]],
  ["inside-the-first-line", [10]],
  ["before-the-last-octet", [-1]],
  ["before-the-empty-line", [-2]],
  ["inside-the-line-end-before-the-empty-line", [-3]],
  ["before-the-end-of-the-last-header", [-4]],
  ["inside-the-last-header", [-9]],
  ["four-times-in-the-empty-line", [-4, -3, -2, -1]],
];

const cut = CUTS.map(([name, cuts]): [string, Draft] => [
  `takes-a-request-cut-${name}`,
  must(ANY_CUT, family("cut requests"), request({ cuts }), ...taken),
]);

const chopped = [1, 2, 3, 7, 16, 64].map((octets): [string, Draft] => [
  `takes-a-request-${octets}-octets-at-a-time`,
  must(ANY_CUT, family("cut requests"), request({ chop: octets }), ...taken),
]);

/** Heads of unusual size. */
const LARGE: readonly [string, RequestSpec][] = [
  ["a-header-of-16-kib", { headers: { "X-Large": "x".repeat(16384) } }],
  ["a-header-of-100-kb", { headers: { "X-Large": "x".repeat(100_000) } }],
  ["a-header-name-of-20-kb", { headers: { ["X-" + "n".repeat(20_000)]: "1" } }],
  ["a-cookie-of-40-kb", { headers: { Cookie: `a=${"c".repeat(40_000)}` } }],
  ["1000-headers", { headers: { "X-Many": Array.from({ length: 1000 }, (_, at) => `${at}`) } }],
  ["a-target-of-20-kb", { target: `{target}?${"q".repeat(20_000)}` }],
  ["a-target-of-100-kb", { target: `{target}?${"q".repeat(100_000)}` }],
  ["20-kb-of-protocols", { headers: { "Sec-WebSocket-Protocol": "p, ".repeat(7000) + "p" } }],
  ["20-kb-of-extensions", { headers: { "Sec-WebSocket-Extensions": "e, ".repeat(7000) + "e" } }],
];

const large = LARGE.map(([name, spec]): [string, Draft] => [
  `refuses-or-takes-${name}`,
  must(LIMITS, request(spec), refusedOrTaken, expectAlive()),
]);

/**
 * Makes a case with frames in the packet of the request. A client must wait (4.1), so it is the
 * judge that breaks the rule: a server may also end the connection.
 */
function early(...parts: readonly Step[]): (...items: Item[]) => Draft {
  return (...items) =>
    should(
      EARLY,
      request({ early: items }),
      either(
        pass(expectRefusal(400)),
        pass(expectUpgrade(), ...parts),
        pass(expectUpgrade(), expectEnd()),
      ),
    );
}

const BODY = "hello";

/** Outcomes of a request with a body: a refusal, or a connection that begins behind the body. */
function body(spec: RequestSpec): Draft {
  return should(
    BODIES,
    request(spec),
    either(
      pass(expectRefusal([400, 411, 413, 426, 501])),
      pass(
        expectUpgrade(),
        send(text("behind the body")),
        either(
          pass(expect(text("behind the body"))),
          warn("It took the body for frames", expectFailure(1002)),
        ),
      ),
    ),
  );
}

/** Beginnings of a request, after which nothing more comes. */
const STUMPS: readonly [string, string][] = [
  ["one-octet", "G"],
  ["a-request-line", "GET {target} HTTP/1.1\r\n"],
  ["half-a-header", "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgr"],
  [
    "all-but-the-empty-line",
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n",
  ],
];

const stumps = STUMPS.flatMap(([name, raw]): [string, Draft][] => [
  [
    `ends-when-tcp-ends-behind-${name}`,
    should(
      GIVES_UP,
      request({ raw }),
      hangUp("fin"),
      expectEnd(),
    ),
  ],
  [
    `outlives-a-reset-behind-${name}`,
    must(GIVES_UP, request({ raw }), hangUp("reset"), expectAlive()),
  ],
]);

/** Octets that are not HTTP. */
const NOISE: readonly [string, string][] = [
  ["a-tls-hello", "1603010200010001fc0303"],
  ["the-preface-of-http-2", "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"],
  ["a-websocket-frame", "81859a3c5e71f2593211f5"],
  ["line-ends", "0d0a0d0a0d0a0d0a"],
  ["zeros", "0000000000000000"],
];

const noise = NOISE.map(([name, octets]): [string, Draft] => [
  `outlives-${name}`,
  should(
    GIVES_UP,
    request({ raw: hex(octets) }),
    pause(50),
    hangUp("reset"),
    expectAlive(),
  ),
]);

/** A correct request, and octets before it. */
function requestBehind(before: string): string {
  return before + [
    "GET {target} HTTP/1.1",
    "Host: {host}",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: {key}",
    "Sec-WebSocket-Version: 13",
    "",
    "",
  ].join("\r\n");
}

/** Cases about the octets of a request. */
export const handshakeOctets: Case[] = [
  ...section("4.1", {
    "echoes-a-text-in-the-packet-of-the-request": early(expect(text("early")))(text("early")),
    "answers-a-ping-in-the-packet-of-the-request": early(expect(pong("early")))(ping("early")),
    "echoes-64-kib-in-the-packet-of-the-request": early(expect(binary(fill("early", 65536))))(
      binary(fill("early", 65536)),
    ),
    "echoes-three-texts-in-the-packet-of-the-request": early(
      expect(text("1")),
      expect(text("2")),
      expect(text("3")),
    )(text("1"), text("2"), text("3")),
    "joins-a-frame-that-begins-in-the-packet-of-the-request": early(
      send(rest("arly", 1)),
      expect(text("early")),
    )(text("e", { length: 5 })),
    "joins-a-message-that-begins-in-the-packet-of-the-request": early(
      send(more("ly")),
      expect(text("early")),
    )(text("ear", { fin: false })),
    "answers-a-close-in-the-packet-of-the-request": early(expectClose(1000))(close(1000)),
    "refuses-an-unmasked-text-in-the-packet-of-the-request": early(expectFailure(1002))(
      text("early", { mask: false }),
    ),
  }),

  ...section("4.2.1", {
    ...Object.fromEntries(cut),
    ...Object.fromEntries(chopped),
    ...Object.fromEntries(stumps),
    ...Object.fromEntries(noise),

    "takes-a-request-behind-an-empty-line": should(
      "An empty line before a request counts for nothing",
      request({ raw: requestBehind("\r\n") }),
      either(pass(...taken), warn("It refuses the empty line", expectRefusal(400))),
    ),

    "sets-a-body-of-known-length-apart": body({
      headers: { "Content-Length": `${BODY.length}` },
      body: BODY,
    }),
    "sets-a-body-that-comes-later-apart": body({
      headers: { "Content-Length": `${BODY.length}` },
      body: BODY,
      cuts: [-BODY.length],
    }),
    "sets-a-body-in-chunks-apart": body({
      headers: { "Transfer-Encoding": "chunked" },
      body: `5\r\n${BODY}\r\n0\r\n\r\n`,
    }),
    "sets-an-empty-body-apart": body({ headers: { "Content-Length": "0" } }),
    "sets-a-body-with-a-length-and-chunks-apart": body({
      headers: { "Content-Length": "5", "Transfer-Encoding": "chunked" },
      body: `5\r\n${BODY}\r\n0\r\n\r\n`,
    }),
    "sets-a-body-with-two-lengths-apart": body({
      headers: { "Content-Length": ["0", "5"] },
      body: BODY,
    }),
    "sets-a-body-whose-length-is-no-number-apart": body({ headers: { "Content-Length": "five" } }),
  }),

  ...section("10.4", Object.fromEntries(large)),
];
