/** Responses as clients read them: RFC 6455 sections 4.1, 4.2.2 and 9.1. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectEnd,
  expectGiveUp,
  hangUp,
  must,
  pass,
  respond,
  section,
  send,
  should,
  warn,
} from "../case.ts";
import type { Step } from "../step.ts";
import { text } from "../wire/frame.ts";
import type { ResponseSpec } from "../wire/handshake.ts";

const STATUS = "Only a 101 opens the connection";
const UPGRADE = "Upgrade in the answer is websocket, in any case";
const CONNECTION = "Connection in the answer contains Upgrade, in any case";
const ACCEPT = "Sec-WebSocket-Accept suits the key that the client sent";
const NOT_OFFERED = "A server chooses only what the client has offered";
const PARAMETERS = "An answer with parameters that are unknown, wrong or doubled is not taken";
const GRAMMAR = "An answer is read as HTTP reads it";

const hello: readonly Step[] = [send(text("hello")), expect(text("hello"))];

function givesUp(requirement: string, spec: ResponseSpec): Draft {
  return must(requirement, respond(spec), expectGiveUp());
}

function takes(requirement: string, spec: ResponseSpec): Draft {
  return must(requirement, respond(spec), ...hello);
}

/** Statuses that open nothing, although all headers are correct. */
const STATUSES = [200, 201, 204, 400, 401, 403, 404, 407, 426, 429, 500, 503];

const RIGHT = {
  "Upgrade": "websocket",
  "Connection": "Upgrade, close",
  "Sec-WebSocket-Accept": "{accept}",
};

const statuses = STATUSES.map((status): [string, Draft] => [
  `gives-up-on-a-${status}`,
  givesUp(STATUS, { status, headers: RIGHT, body: status === 204 ? "" : "No." }),
]);

const REDIRECTS = [301, 302, 303, 307, 308];

/** An address where nothing listens: port 9 is for discarding. */
const ELSEWHERE = "http://127.0.0.1:9/";

const redirects = REDIRECTS.map((status): [string, Draft] => [
  `opens-nothing-on-a-${status}`,
  givesUp(STATUS, { status, headers: { ...RIGHT, Location: ELSEWHERE } }),
]);

/** Incorrect values of the headers that a client has to check (4.1). */
const WRONG: readonly [string, string, ResponseSpec][] = [
  [UPGRADE, "no-upgrade", { headers: { Upgrade: null } }],
  [UPGRADE, "an-empty-upgrade", { headers: { Upgrade: "" } }],
  [UPGRADE, "an-upgrade-to-h2c", { headers: { Upgrade: "h2c" } }],
  [UPGRADE, "an-upgrade-that-begins-with-websocket", { headers: { Upgrade: "websockets" } }],
  [CONNECTION, "no-connection-header", { headers: { Connection: null } }],
  [CONNECTION, "an-empty-connection-header", { headers: { Connection: "" } }],
  [CONNECTION, "a-connection-header-of-keep-alive", { headers: { Connection: "keep-alive" } }],
  [CONNECTION, "a-connection-header-of-close", { headers: { Connection: "close" } }],
  [CONNECTION, "a-connection-that-begins-with-upgrade", { headers: { Connection: "Upgraded" } }],
  [ACCEPT, "no-accept", { headers: { "Sec-WebSocket-Accept": null } }],
  [ACCEPT, "an-empty-accept", { headers: { "Sec-WebSocket-Accept": "" } }],
  [
    ACCEPT,
    "the-accept-of-another-key",
    { headers: { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" } },
  ],
  [ACCEPT, "an-accept-that-goes-on", { headers: { "Sec-WebSocket-Accept": "{accept}A" } }],
  [ACCEPT, "an-accept-behind-a-letter", { headers: { "Sec-WebSocket-Accept": "A{accept}" } }],
  [ACCEPT, "an-accept-in-quotes", { headers: { "Sec-WebSocket-Accept": '"{accept}"' } }],
  [STATUS, "a-plain-200", { status: 200, body: "A page." }],
  [STATUS, "a-plain-401", { status: 401, headers: { "WWW-Authenticate": "Basic" }, body: "No." }],
  [STATUS, "a-plain-302", { status: 302, headers: { Location: ELSEWHERE } }],
  [STATUS, "a-status-of-four-digits", { raw: answer("HTTP/1.1 1010 Switching") }],
  [NOT_OFFERED, "a-protocol-not-offered", protocol("isosocket-judge")],
  [NOT_OFFERED, "two-protocols-not-offered", protocol("isosocket-judge, isosocket-jury")],
  [NOT_OFFERED, "an-extension-not-offered", extensions("x-isosocket-judge")],
  [NOT_OFFERED, "an-extension-beside-none", extensions("x-isosocket-judge; a=1, x-isosocket")],
];

function protocol(value: string): ResponseSpec {
  return { headers: { "Sec-WebSocket-Protocol": value } };
}

function extensions(value: string): ResponseSpec {
  return { headers: { "Sec-WebSocket-Extensions": value } };
}

function answer(line: string, more = ""): string {
  return `${line}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Accept: {accept}\r\n${more}\r\n`;
}

const wrong = WRONG.map(([requirement, name, spec]): [string, Draft] => [
  `gives-up-on-${name}`,
  givesUp(requirement, spec),
]);

/** Incorrect answers to an offer of compression, and unrequested ones without an offer. */
const PARAMS: readonly [string, string][] = [
  ["an-unknown-parameter", "permessage-deflate; isosocket_judge"],
  ["a-server-window-of-7-bits", "permessage-deflate; server_max_window_bits=7"],
  ["a-server-window-of-16-bits", "permessage-deflate; server_max_window_bits=16"],
  ["a-server-window-without-a-value", "permessage-deflate; server_max_window_bits"],
  ["a-client-window-of-7-bits", "permessage-deflate; client_max_window_bits=7"],
  ["a-client-window-without-a-value", "permessage-deflate; client_max_window_bits"],
  ["takeover-with-a-value", "permessage-deflate; server_no_context_takeover=1"],
  [
    "a-doubled-parameter",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
  ],
];

const params = PARAMS.map(([name, value]): [string, Draft] => [
  `gives-up-on-${name}`,
  givesUp(PARAMETERS, extensions(value)),
]);

/** Correct responses, written differently. */
const RIGHT_ONES: readonly [string, string, ResponseSpec][] = [
  [UPGRADE, "an-upgrade-in-mixed-case", { headers: { Upgrade: "WebSocket" } }],
  [UPGRADE, "an-upgrade-in-capitals", { headers: { Upgrade: "WEBSOCKET" } }],
  [CONNECTION, "a-connection-header-in-lower-case", { headers: { Connection: "upgrade" } }],
  [
    ACCEPT,
    "an-accept-with-white-space-around-it",
    { headers: { "Sec-WebSocket-Accept": "  {accept} \t" } },
  ],
  [GRAMMAR, "another-reason-phrase", { phrase: "Come In" }],
  [GRAMMAR, "an-empty-reason-phrase", { phrase: "" }],
  [GRAMMAR, "headers-that-it-does-not-know", { headers: { "X-Judge": "1", "Sec-X": ["a", "b"] } }],
  [
    GRAMMAR,
    "headers-in-lower-case-from-the-end",
    {
      raw: "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept:{accept}\r\n" +
        "connection:upgrade\r\nupgrade:websocket\r\n\r\n",
    },
  ],
];

const rightOnes = RIGHT_ONES.map(([requirement, name, spec]): [string, Draft] => [
  `takes-${name}`,
  takes(requirement, spec),
]);

/** Makes a case about a response for which no rule exists: the worse reaction is a warning. */
function loosely(what: string, spec: ResponseSpec, better: "take" | "give-up"): Draft {
  const took = [expect(text("hello"))];
  const gaveUp = [expectGiveUp()];
  return should(
    GRAMMAR,
    respond(spec),
    send(text("hello")),
    better === "take"
      ? either(pass(...took), warn(`It gave up on ${what}`, ...gaveUp))
      : either(pass(...gaveUp), warn(`It took ${what}`, ...took)),
  );
}

const RIGHT_LINE = "HTTP/1.1 101 Switching Protocols";

/** Cases about the responses that clients accept. */
export const handshakeResponse: Case[] = [
  ...section("4.1", {
    ...Object.fromEntries(statuses),
    ...Object.fromEntries(redirects),
    ...Object.fromEntries(wrong),
    ...Object.fromEntries(rightOnes),

    "opens-nothing-on-a-102-with-all-other-headers": must(
      STATUS,
      respond({ status: 102, headers: { ...RIGHT, "Content-Length": null } }),
      send(text("hello")),
      hangUp("fin"),
      expectEnd(),
    ),
    "takes-a-connection-header-as-a-list": should(
      CONNECTION,
      respond({ headers: { Connection: "foo, Upgrade" } }),
      ...hello,
    ),
    "takes-a-connection-header-in-two-parts": should(
      CONNECTION,
      respond({ headers: { Connection: ["foo", "Upgrade"] } }),
      ...hello,
    ),
    "takes-a-103-before-the-101": loosely("a 103 before the 101", {
      raw: "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" + answer(RIGHT_LINE),
    }, "take"),
    "takes-a-100-before-the-101": loosely("a 100 before the 101", {
      raw: "HTTP/1.1 100 Continue\r\n\r\n" + answer(RIGHT_LINE),
    }, "take"),
    "takes-a-header-of-4-kb": loosely("a header of 4 KB", {
      headers: { "X-Large": "x".repeat(4096) },
    }, "take"),
    "gives-up-on-a-101-of-http-1.0": loosely(
      "a 101 of HTTP/1.0",
      { version: "HTTP/1.0" },
      "give-up",
    ),
    "gives-up-on-lines-that-end-in-lf-alone": loosely("LF for CR LF", { eol: "\n" }, "give-up"),
    "gives-up-on-a-header-value-with-a-nul": loosely(
      "a header with a NUL",
      { headers: { "X-Nul": "a\0b" } },
      "give-up",
    ),
    "gives-up-on-a-header-without-a-colon": loosely(
      "a header without a colon",
      { raw: answer(RIGHT_LINE, "no colon\r\n") },
      "give-up",
    ),
    "takes-a-header-of-60-kb-or-gives-up": should(
      "A head that is too large may be refused",
      respond({ headers: { "X-Large": "x".repeat(60_000) } }),
      send(text("hello")),
      either(pass(expect(text("hello"))), pass(expectGiveUp())),
    ),
    "takes-1000-headers-or-gives-up": should(
      "A head that is too large may be refused",
      respond({ headers: { "X-Many": Array.from({ length: 1000 }, (_, at) => `${at}`) } }),
      send(text("hello")),
      either(pass(expect(text("hello"))), pass(expectGiveUp())),
    ),
  }),

  ...section("9.1", {
    "gives-up-on-a-malformed-list-of-extensions": givesUp(
      "A list of extensions that does not follow the grammar fails the connection",
      extensions("permessage-deflate; =; ;"),
    ),
  }),

  ...section("7692:7.1", Object.fromEntries(params)),

  ...section("11.3.3", {
    "gives-up-on-two-accepts": should(
      "Sec-WebSocket-Accept comes once",
      respond({ headers: { "Sec-WebSocket-Accept": ["{accept}", "{accept}"] } }),
      expectGiveUp(),
    ),
    "gives-up-on-a-right-accept-and-a-wrong-one": should(
      "Sec-WebSocket-Accept comes once",
      respond({
        headers: { "Sec-WebSocket-Accept": ["{accept}", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="] },
      }),
      expectGiveUp(),
    ),
  }),
];
