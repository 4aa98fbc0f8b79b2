/**
 * Sec-WebSocket-* headers as servers read them: RFC 6455 sections 4.2.1 to 4.4, 9.1, 11.3. @module
 */

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

const KEY = "The key is 16 bytes in base64";
const ONE_KEY = "The key comes once";
const VERSION = "A version that the server does not speak is refused, and it says which it speaks";
const ONE_VERSION = "The version is 13: one number without leading zeros";
const PROTOCOLS = "The offer of subprotocols is a list of tokens; one of them is chosen, or none";
const EXTENSIONS =
  "Extensions are offers: those that are not known are declined by not being named";
const MALFORMED = "A list of extensions that does not follow the grammar fails the handshake";

const taken: readonly Part[] = [expectUpgrade(), send(text("hello")), expect(text("hello"))];

/** Keys that are invalid without decoding them. */
const NO_KEY: readonly [string, string | null][] = [
  ["without-a-key", null],
  ["with-an-empty-key", ""],
  ["with-a-key-of-spaces", "   "],
];

const noKey = NO_KEY.map(([name, key]): [string, Draft] => [
  `refuses-a-request-${name}`,
  must(KEY, request({ headers: { "Sec-WebSocket-Key": key } }), expectRefusal(400)),
]);

/** Keys that are invalid only once decoded, which 4.2.2 does not ask a server to do. */
const BAD_KEYS: readonly [string, string][] = [
  ["of-3-characters", "abc"],
  ["of-15-bytes", "AQIDBAUGBwgJCgsMDQ4P"],
  ["of-17-bytes", "AQIDBAUGBwgJCgsMDQ4PEBE="],
  ["of-16-characters", "0123456789abcdef"],
  ["of-32-bytes", "AQIDBAUGBwgJCgsMDQ4PEAECAwQFBgcICQoLDA0ODxA="],
  ["without-padding", "AQIDBAUGBwgJCgsMDQ4PEA"],
  ["with-too-much-padding", "AQIDBAUGBwgJCgsMDQ4PEA==="],
  ["in-base64url", "-_-_BAUGBwgJCgsMDQ4PEA=="],
  ["with-a-character-outside-base64", "AQIDBAUGBwg*CgsMDQ4PEA=="],
  ["with-a-space-inside", "AQIDBAUGBwgJ CgsMDQ4PEA=="],
];

const badKeys = BAD_KEYS.map(([name, key]): [string, Draft] => [
  `refuses-a-key-${name}`,
  should(KEY, request({ headers: { "Sec-WebSocket-Key": key } }), expectRefusal(400)),
]);

/** Answers of a server that speaks version 13, and perhaps 8, to other versions. */
const OTHER_VERSIONS = ["0", "7", "12", "14", "99", "255"];

const otherVersions = OTHER_VERSIONS.map((version): [string, Draft] => [
  `refuses-version-${version}-and-names-13`,
  must(
    VERSION,
    request({ headers: { "Sec-WebSocket-Version": version } }),
    expectRefusal([426, 400], { "Sec-WebSocket-Version": "13" }),
  ),
]);

const BAD_VERSIONS: readonly [string, string | null | readonly string[]][] = [
  ["without-a-version", null],
  ["with-an-empty-version", ""],
  ["whose-version-is-a-word", "thirteen"],
  ["whose-version-is-negative", "-13"],
  ["whose-version-is-too-large", "256"],
  ["whose-version-is-13-and-a-multiple-of-65536", "65549"],
  ["whose-version-has-a-leading-zero", "013"],
  ["whose-version-has-a-fraction", "13.0"],
  ["whose-version-goes-on-after-13", "13foo"],
  ["whose-version-is-in-hex", "0xd"],
  ["whose-version-is-the-list-13-8", "13, 8"],
  ["whose-version-is-the-list-8-13", "8, 13"],
  // 11.3.5 forbids clients to send two; 4.2.1 only asks for "a header" of 13.
  ["whose-version-comes-twice", ["13", "13"]],
  ["whose-versions-are-8-and-13-in-two-headers", ["8", "13"]],
];

const badVersions = BAD_VERSIONS.map(([name, version]): [string, Draft] => [
  `refuses-a-request-${name}`,
  (Array.isArray(version) ? should : must)(
    ONE_VERSION,
    request({ headers: { "Sec-WebSocket-Version": version } }),
    expectRefusal([400, 426]),
  ),
]);

/** Offers of subprotocols that follow the grammar. */
const OFFERS: readonly [string, string | readonly string[]][] = [
  ["one-protocol", "chat"],
  ["two-protocols", "chat, superchat"],
  ["two-protocols-without-a-space", "chat,superchat"],
  ["two-protocols-in-two-headers", ["chat", "superchat"]],
  ["protocols-that-differ-in-case", "chat, Chat, CHAT"],
  ["a-protocol-of-all-token-characters", "!#$%&'*+-.^_`|~09azAZ"],
  ["a-hundred-protocols", Array.from({ length: 100 }, (_, at) => `isosocket.${at}`).join(", ")],
  ["a-protocol-of-1000-characters", "x".repeat(1000)],
];

const offers = OFFERS.map(([name, value]): [string, Draft] => [
  `chooses-from-${name}-or-nothing`,
  must(PROTOCOLS, request({ headers: { "Sec-WebSocket-Protocol": value } }), ...taken),
]);

/** Offers of subprotocols that do not. */
const BAD_OFFERS: readonly [string, string | readonly string[]][] = [
  ["an-empty-offer", ""],
  ["an-offer-of-a-comma", ","],
  ["a-protocol-with-a-space", "super chat"],
  ["a-protocol-with-a-slash", "chat/2"],
  ["a-protocol-in-quotes", '"chat"'],
  ["a-protocol-with-a-parameter", "chat;v=2"],
  ["a-protocol-in-brackets", "<chat>"],
  ["a-protocol-that-is-not-ascii", "ch\xe4t"],
  ["a-protocol-with-a-nul", "chat\0"],
  ["a-protocol-with-a-bare-cr-and-a-header", "chat\rX-Injected: yes"],
];

const badOffers = BAD_OFFERS.map(([name, value]): [string, Draft] => [
  `refuses-${name}`,
  must(
    PROTOCOLS,
    request({ headers: { "Sec-WebSocket-Protocol": value } }),
    either(
      pass(expectRefusal(400)),
      warn("It took a malformed offer, and chose nothing", expectUpgrade(null)),
    ),
  ),
]);

/** Offers of unknown extensions that follow the grammar. */
const UNKNOWN: readonly [string, string | readonly string[]][] = [
  ["an-extension-that-nobody-knows", "x-isosocket-judge"],
  ["an-unknown-extension-with-parameters", "x-isosocket-judge; a; b=1; c=abc"],
  ["an-unknown-extension-with-a-quoted-value", 'x-isosocket-judge; a="abc"'],
  ["three-unknown-extensions", "x-isosocket-a, x-isosocket-b;b, x-isosocket-c;c=1"],
  ["two-unknown-extensions-in-two-headers", ["x-isosocket-a", "x-isosocket-b"]],
  ["an-extension-of-1000-characters", "x".repeat(1000)],
  ["an-extension-that-only-begins-like-a-known-one", "permessage-deflated"],
];

const unknown = UNKNOWN.map(([name, value]): [string, Draft] => [
  `declines-${name}`,
  must(
    EXTENSIONS,
    request({ headers: { "Sec-WebSocket-Extensions": value } }),
    ...taken,
  ),
]);

/** Offers of extensions that do not. */
const NO_OFFERS: readonly [string, string][] = [
  ["an-extension-list-of-a-semicolon", ";"],
  ["an-extension-with-a-space-in-its-name", "x isosocket"],
  ["an-extension-parameter-without-a-name", "x-isosocket; =1"],
  ["an-extension-parameter-whose-value-is-no-token", "x-isosocket; a=<1>"],
  ["an-extension-parameter-whose-quotes-do-not-end", 'x-isosocket; a="1'],
];

const noOffers = NO_OFFERS.map(([name, value]): [string, Draft] => [
  `refuses-${name}`,
  must(
    MALFORMED,
    request({ headers: { "Sec-WebSocket-Extensions": value } }),
    expectRefusal(400),
  ),
]);

/** Cases about key, version, subprotocols and extensions. */
export const handshakeFields: Case[] = [
  ...section("4.2.1", {
    ...Object.fromEntries(noKey),
    ...Object.fromEntries(badKeys),
    ...Object.fromEntries(badVersions),
    ...Object.fromEntries(badOffers),

    "takes-a-key-with-white-space-around-it": must(
      "White space around the key is not part of it",
      request({ headers: { "Sec-WebSocket-Key": "  {key} \t" } }),
      ...taken,
    ),
    "takes-a-version-with-white-space-around-it": must(
      "White space around the version is not part of it",
      request({ headers: { "Sec-WebSocket-Version": " \t13 " } }),
      ...taken,
    ),
  }),

  ...section("4.2.2", {
    ...Object.fromEntries(offers),
    "chooses-from-a-list-with-an-empty-element-or-nothing": should(
      "An element of a list may be empty, and counts for nothing then",
      request({ headers: { "Sec-WebSocket-Protocol": "chat, , superchat" } }),
      ...taken,
    ),
    "chooses-no-protocol-when-none-is-offered": must(PROTOCOLS, request(), expectUpgrade(null)),
  }),

  ...section("4.4", {
    ...Object.fromEntries(otherVersions),
    "refuses-version-8-or-speaks-it": must(
      VERSION,
      request({ headers: { "Sec-WebSocket-Version": "8" } }),
      either(
        pass(expectRefusal([426, 400], { "Sec-WebSocket-Version": "13" })),
        warn("It took version 8", expectUpgrade(), send(text("8")), expect(text("8"))),
      ),
    ),
    "answers-another-version-with-426": should(
      "426 is the status that says: another version, please",
      request({ headers: { "Sec-WebSocket-Version": "99" } }),
      expectRefusal(426, { "Sec-WebSocket-Version": "13" }),
    ),
  }),

  ...section("9.1", {
    ...Object.fromEntries(unknown),
    ...Object.fromEntries(noOffers),
  }),

  // 11.3.1 forbids clients to send two. A server may read them as one value, "key, key", which it
  // need not decode (4.2.2), and so never sees that it is none.
  ...section("11.3.1", {
    "refuses-a-key-that-comes-twice": should(
      ONE_KEY,
      request({ headers: { "Sec-WebSocket-Key": ["{key}", "{key}"] } }),
      expectRefusal(400),
    ),
    "refuses-two-different-keys": should(
      ONE_KEY,
      request({ headers: { "Sec-WebSocket-Key": ["{key}", "AQIDBAUGBwgJCgsMDQ4PEA=="] } }),
      expectRefusal(400),
    ),
    "refuses-two-keys-in-one-header": should(
      ONE_KEY,
      request({ headers: { "Sec-WebSocket-Key": "{key}, AQIDBAUGBwgJCgsMDQ4PEA==" } }),
      expectRefusal(400),
    ),
  }),
];
