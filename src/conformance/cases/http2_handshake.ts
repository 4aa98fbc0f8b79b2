/** The opening handshake over HTTP/2: RFC 8441 sections 3 to 5, and RFC 9113 where they lean on it. @module */

import {
  type Case,
  type Draft,
  expect,
  expectRefusal,
  expectUpgrade,
  must,
  section,
  send,
  should,
} from "../case.ts";
import { connect, expectSetting, pingConnection, settings } from "../http2_case.ts";
import type { Step } from "../step.ts";
import { text } from "../wire/frame.ts";
import type { Headers } from "../wire/handshake.ts";
import { SETTING } from "../wire/http2/frames.ts";

const SETTING_IS_ONE = "SETTINGS_ENABLE_CONNECT_PROTOCOL is 1, and does not become 0";
const CLIENTS_SETTING = "The setting has no meaning when a client sends it";
const OTHER_PROTOCOL = "A stream is a WebSocket only if its :protocol is websocket";
const SCHEME_AND_PATH = "With :protocol come :scheme and :path";
const ONLY_CONNECT = "The pseudo-header :protocol belongs to CONNECT";
const NO_KEY = "Sec-WebSocket-Key is not processed over HTTP/2";
const NO_HOP = "A request with fields of the connection is malformed";
const AS_IN_HTTP1 = "Version, subprotocol and extensions mean what they do in HTTP/1.1";
const PSEUDO = "Pseudo-headers come once, and none is unknown";
const OTHER_FIELDS = "Other fields may be there as usual";
const PLAIN = "A plain CONNECT has neither :scheme nor :path, and opens no WebSocket";

const hello: readonly Step[] = [send(text("hello")), expect(text("hello"))];

function opens(requirement: string, fields: Headers, level = must): Draft {
  return level(requirement, connect(fields), expectUpgrade(), ...hello);
}

/** A refusal is a response other than a success, or RST_STREAM (RFC 9113, 8.1.1). */
function refuses(requirement: string, fields: Headers, level = must): Draft {
  return level(requirement, connect(fields), expectRefusal(), pingConnection());
}

/** Cases about the opening handshake over HTTP/2. */
export const http2Handshake: Case[] = [
  ...section("8441:3", {
    "sends-the-setting": must(SETTING_IS_ONE, expectSetting()),
    // "A sender MUST NOT send … the value of 0 after previously sending a value of 1."
    "does-not-take-the-setting-back": must(
      SETTING_IS_ONE,
      connect(),
      expectUpgrade(),
      ...hello,
      settings({}),
      expectSetting(),
    ),
    // "Receipt of this parameter by a server does not have any impact."
    "takes-the-setting-of-a-client": must(
      CLIENTS_SETTING,
      settings({ [SETTING.enableConnectProtocol]: 1 }),
      settings({ [SETTING.enableConnectProtocol]: 0 }),
      connect(),
      expectUpgrade(),
      ...hello,
    ),
  }),

  ...section("8441:4", {
    "refuses-another-protocol": refuses(OTHER_PROTOCOL, { ":protocol": "isosocket-judge" }),
    "refuses-an-empty-protocol": refuses(OTHER_PROTOCOL, { ":protocol": "" }),
    "refuses-a-protocol-that-begins-with-websocket": refuses(OTHER_PROTOCOL, {
      ":protocol": "websockets",
    }),
    "refuses-h2c-as-protocol": refuses(OTHER_PROTOCOL, { ":protocol": "h2c" }),
    // "the :scheme and :path pseudo-header fields of the target URI MUST also be included"
    "refuses-no-scheme": refuses(SCHEME_AND_PATH, { ":scheme": null }),
    "refuses-no-path": refuses(SCHEME_AND_PATH, { ":path": null }),
    // It is defined for CONNECT; what a server does elsewhere is not said.
    "refuses-a-get-with-a-protocol": refuses(ONLY_CONNECT, { ":method": "GET" }, should),
    "refuses-a-post-with-a-protocol": refuses(ONLY_CONNECT, { ":method": "POST" }, should),
  }),

  ...section("8441:5", {
    "opens-without-a-key": opens(NO_KEY, {}),
    // "do not do the processing": without a keyword, and nobody is told not to send one.
    "passes-over-a-key": opens(NO_KEY, { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }, should),
    "passes-over-a-key-that-is-none": opens(NO_KEY, { "sec-websocket-key": "no key" }, should),
    "passes-over-two-keys": opens(NO_KEY, { "sec-websocket-key": ["one", "two"] }, should),
    "passes-over-an-accept": opens(NO_KEY, { "sec-websocket-accept": "nothing" }, should),
    // RFC 6455, 4.2.1: the version is 13; 4.4: else the server aborts.
    "refuses-no-version": refuses(AS_IN_HTTP1, { "sec-websocket-version": null }),
    "refuses-version-12": refuses(AS_IN_HTTP1, { "sec-websocket-version": "12" }),
    "refuses-version-14": refuses(AS_IN_HTTP1, { "sec-websocket-version": "14" }),
    "refuses-a-version-that-is-no-number": refuses(AS_IN_HTTP1, {
      "sec-websocket-version": "thirteen",
    }),
    // expectUpgrade() takes one of those, or none.
    "chooses-one-of-the-subprotocols": opens(AS_IN_HTTP1, {
      "sec-websocket-protocol": "isosocket.one, isosocket.two",
    }),
    "chooses-one-of-the-subprotocols-in-two-fields": opens(AS_IN_HTTP1, {
      "sec-websocket-protocol": ["isosocket.one", "isosocket.two"],
    }),
    "passes-over-an-unknown-extension": opens(AS_IN_HTTP1, {
      "sec-websocket-extensions": "isosocket-judge; level=9",
    }),
    "takes-a-cookie": opens(OTHER_FIELDS, { cookie: ["one=1", "two=2"] }),
    "takes-a-field-that-nobody-knows": opens(OTHER_FIELDS, { "x-isosocket-judge": "yes" }),
  }),

  ...section("9113:8.2.2", {
    // "any message containing connection-specific header fields MUST be treated as malformed"
    "refuses-an-upgrade-field": refuses(NO_HOP, { upgrade: "websocket" }),
    "refuses-a-connection-field": refuses(NO_HOP, { connection: "Upgrade" }),
    "refuses-a-transfer-encoding": refuses(NO_HOP, { "transfer-encoding": "chunked" }),
  }),

  ...section("9113:8.3", {
    "refuses-two-protocols": refuses(PSEUDO, { ":protocol": ["websocket", "websocket"] }),
    "refuses-two-paths": refuses(PSEUDO, { ":path": ["/", "/"] }),
    "refuses-an-unknown-pseudo-header": refuses(PSEUDO, { ":isosocket": "1" }),
  }),

  ...section("9113:8.3.1", {
    // ":path … MUST NOT be empty for http or https URIs"
    "refuses-an-empty-path": refuses(SCHEME_AND_PATH, { ":path": "" }),
    "takes-a-host-that-is-the-authority": opens(OTHER_FIELDS, { host: "{host}" }, should),
  }),

  ...section("9113:8.5", {
    "refuses-a-plain-connect-with-scheme-and-path": refuses(PLAIN, { ":protocol": null }),
    // A proxy may tunnel to where it says; to ".invalid" it cannot (RFC 6761, 6.4).
    "opens-no-tunnel-to-nowhere": refuses(PLAIN, {
      ":protocol": null,
      ":scheme": null,
      ":path": null,
      ":authority": "isosocket.invalid:80",
    }),
  }),
];
