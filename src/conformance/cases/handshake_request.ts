/** Requests as servers read them: RFC 6455 section 4.2.1, points 1 to 4. @module */

import {
  type Case,
  type Draft,
  either,
  expect,
  expectRefusal,
  expectUpgrade,
  must,
  type Part,
  pass,
  request,
  section,
  send,
  should,
  warn,
} from "../case.ts";
import { text } from "../wire/frame.ts";
import type { RequestSpec } from "../wire/handshake.ts";

const IS_GET = "The handshake is a GET request of HTTP/1.1 or higher";
const HAS_HOST = "The handshake has a Host header";
const HAS_UPGRADE = "Upgrade contains websocket, in any case";
const HAS_CONNECTION = "Connection contains the token Upgrade, in any case";
const UNKNOWN = "Headers that mean nothing to a WebSocket change nothing";
const RIGHT_ANSWER =
  "The answer is a 101 with Upgrade, Connection and the Accept that suits the key";
const GRAMMAR = "What is not a request of HTTP is refused";

/** Expects the server to accept, and to work. */
const taken: readonly Part[] = [expectUpgrade(), send(text("hello")), expect(text("hello"))];

/** Expects a refusal; a server may also serve a request that is not a handshake. */
const NOT_OURS: readonly number[] = [];

function refuses(requirement: string, statuses: readonly number[], spec: RequestSpec): Draft {
  return must(requirement, request(spec), expectRefusal(statuses));
}

function takes(requirement: string, spec: RequestSpec): Draft {
  return must(requirement, request(spec), ...taken);
}

/** Methods other than GET. */
const METHODS = ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "GETT", "JUDGE"];

const methods = METHODS.map((method): [string, Draft] => [
  `refuses-the-method-${method.toLowerCase()}`,
  refuses(IS_GET, [400, 404, 405, 426, 501], { method }),
]);

/** Versions of HTTP without an upgrade, and none at all. */
const VERSIONS: readonly [string, string][] = [
  ["http-1.0", "HTTP/1.0"],
  ["http-0.9", "HTTP/0.9"],
  ["http-in-lower-case", "http/1.1"],
  ["a-version-without-a-minor", "HTTP/1"],
  ["another-protocol", "RTSP/1.1"],
];

const versions = VERSIONS.map(([name, version]): [string, Draft] => [
  `refuses-${name}`,
  refuses(IS_GET, [400, 426, 505], { version }),
]);

/** Upgrade headers that do not name the protocol. */
const NOT_UPGRADE: readonly [string, string | null][] = [
  ["without-upgrade", null],
  ["whose-upgrade-is-empty", ""],
  ["whose-upgrade-is-h2c", "h2c"],
  ["whose-upgrade-only-begins-with-websocket", "websocketx"],
  ["whose-upgrade-only-ends-in-websocket", "notwebsocket"],
  ["whose-upgrade-has-a-space-in-websocket", "web socket"],
];

const upgrades = NOT_UPGRADE.map(([name, value]): [string, Draft] => [
  `refuses-a-request-${name}`,
  refuses(HAS_UPGRADE, NOT_OURS, { headers: { Upgrade: value } }),
]);

const NOT_CONNECTION: readonly [string, string | null][] = [
  ["without-connection", null],
  ["whose-connection-is-empty", ""],
  ["whose-connection-is-keep-alive", "keep-alive"],
  ["whose-connection-is-close", "close"],
  ["whose-connection-only-begins-with-upgrade", "Upgraded"],
  ["whose-connection-only-ends-in-upgrade", "keep-alive, NotUpgrade"],
];

const connections = NOT_CONNECTION.map(([name, value]): [string, Draft] => [
  `refuses-a-request-${name}`,
  refuses(HAS_CONNECTION, NOT_OURS, { headers: { Connection: value } }),
]);

/** Other ways of writing the two headers. */
const SPELLINGS: readonly [string, RequestSpec][] = [
  ["upgrade-in-capitals", { headers: { Upgrade: "WEBSOCKET" } }],
  ["upgrade-in-mixed-case", { headers: { Upgrade: "WebSocket" } }],
  ["upgrade-with-spaces-around", { headers: { Upgrade: "  websocket \t" } }],
  ["connection-in-capitals", { headers: { Connection: "UPGRADE" } }],
  ["connection-in-lower-case", { headers: { Connection: "upgrade" } }],
  ["connection-as-a-list", { headers: { Connection: "keep-alive, Upgrade" } }],
  ["connection-as-a-list-that-goes-on", { headers: { Connection: "Upgrade, keep-alive" } }],
  ["connection-as-a-list-without-spaces", { headers: { Connection: "keep-alive,Upgrade,foo" } }],
  ["connection-as-a-list-with-tabs", { headers: { Connection: "keep-alive\t,\tUpgrade" } }],
  ["connection-as-two-headers", { headers: { Connection: ["keep-alive", "Upgrade"] } }],
];

const spellings = SPELLINGS.map(([name, spec]): [string, Draft] => [
  `takes-${name}`,
  takes(name.startsWith("upgrade") ? HAS_UPGRADE : HAS_CONNECTION, spec),
]);

/** Lists that a sender must not write so, and a recipient reads nevertheless (9110, 5.6.1). */
const EMPTY_ELEMENT = should(
  HAS_CONNECTION,
  request({ headers: { Connection: "keep-alive, , Upgrade" } }),
  ...taken,
);

/** Upgrade headers with lists of protocols: the section is less clear about them. */
const UPGRADE_LISTS: readonly [string, string | readonly string[]][] = [
  ["behind-another", "foo, websocket"],
  ["before-another", "websocket, foo/2.0"],
  ["in-a-second-header", ["foo", "websocket"]],
];

const upgradeLists = UPGRADE_LISTS.map(([name, value]): [string, Draft] => [
  `takes-websocket-${name}-in-upgrade`,
  should(HAS_UPGRADE, request({ headers: { Upgrade: value } }), ...taken),
]);

const LOWER = [
  "GET {target} HTTP/1.1",
  "sec-websocket-version:13",
  "sec-websocket-key:{key}",
  "connection:upgrade",
  "upgrade:websocket",
  "host:{host}",
  "",
  "",
].join("\r\n");

/** Makes a correct request except for its first line, or for a malformed header. */
const HEAD = [
  "Host: {host}",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: {key}",
  "Sec-WebSocket-Version: 13",
].join("\r\n");

const NO_HTTP: readonly [string, string][] = [
  ["a-request-line-without-a-version", `GET {target}\r\n${HEAD}\r\n\r\n`],
  ["a-request-line-without-a-target", `GET HTTP/1.1\r\n${HEAD}\r\n\r\n`],
  ["a-target-with-a-space", `GET {target} more HTTP/1.1\r\n${HEAD}\r\n\r\n`],
  ["a-target-that-is-no-path", `GET no-path HTTP/1.1\r\n${HEAD}\r\n\r\n`],
  ["a-header-without-a-colon", `GET {target} HTTP/1.1\r\n${HEAD}\r\nno colon\r\n\r\n`],
  ["a-header-without-a-name", `GET {target} HTTP/1.1\r\n${HEAD}\r\n: value\r\n\r\n`],
  ["a-header-name-with-a-space", `GET {target} HTTP/1.1\r\n${HEAD}\r\nX Y: value\r\n\r\n`],
  ["a-space-before-the-colon", `GET {target} HTTP/1.1\r\n${HEAD}\r\nX-Y : value\r\n\r\n`],
  ["a-header-value-with-a-nul", `GET {target} HTTP/1.1\r\n${HEAD}\r\nX-Y: a\0b\r\n\r\n`],
  ["a-header-value-with-a-bare-cr", `GET {target} HTTP/1.1\r\n${HEAD}\r\nX-Y: a\rb\r\n\r\n`],
];

const noHttp = NO_HTTP.map(([name, raw]): [string, Draft] => [
  `refuses-${name}`,
  should(GRAMMAR, request({ raw }), expectRefusal([400, 404, 501, 505])),
]);

/** Cases about the request line and the headers of every upgrade. */
export const handshakeRequest: Case[] = [
  ...section("4.2.1", {
    ...Object.fromEntries(methods),
    ...Object.fromEntries(versions),
    ...Object.fromEntries(upgrades),
    ...Object.fromEntries(connections),
    ...Object.fromEntries(spellings),
    "takes-connection-with-an-empty-element": EMPTY_ELEMENT,
    ...Object.fromEntries(upgradeLists),
    ...Object.fromEntries(noHttp),

    "refuses-the-method-get-in-lower-case": refuses(IS_GET, [400, 404, 405, 426, 501], {
      method: "get",
    }),
    "refuses-a-request-without-host": refuses(HAS_HOST, [400], { headers: { Host: null } }),
    "refuses-a-request-with-two-hosts": should(
      "The handshake has one Host header",
      request({ headers: { Host: ["{host}", "judge.invalid"] } }),
      expectRefusal(400),
    ),

    "takes-the-shortest-request-in-lower-case-and-from-the-end": takes(
      "Neither the order of headers nor their case means anything",
      { raw: LOWER },
    ),
    "takes-a-request-in-absolute-form": should(
      "The target may be an absolute http address",
      request({ target: "http://{host}{target}" }),
      ...taken,
    ),
    "ignores-headers-that-it-does-not-know": takes(UNKNOWN, {
      headers: { "X-Isosocket": "judge", "Sec-WebSocket-Judge": "1", "Sec-Isosocket": "" },
    }),
    "ignores-an-accept-in-the-request": takes(UNKNOWN, {
      headers: { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
    }),
    "ignores-cookies-and-a-language": takes(UNKNOWN, {
      headers: { Cookie: "a=1; b=2; c=3", "Accept-Language": "de-DE, en;q=0.5" },
    }),
    "takes-lines-that-end-in-lf-alone": should(
      GRAMMAR,
      request({ eol: "\n" }),
      either(pass(expectRefusal([400, 505])), warn("It takes LF for CR LF", expectUpgrade())),
    ),
  }),

  ...section("4.2.2", {
    "answers-with-a-right-101": must(RIGHT_ANSWER, request(), expectUpgrade(null)),
    "answers-another-key-with-another-accept": must(RIGHT_ANSWER, request(), expectUpgrade(null)),
    "echoes-after-a-right-handshake": must(RIGHT_ANSWER, request(), ...taken),
  }),
];
