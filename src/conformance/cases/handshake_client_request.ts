/** The request that clients send: RFC 6455 sections 4.1 and 9.1. @module */

import {
  type Case,
  type Draft,
  expect,
  expectRequest,
  must,
  respond,
  section,
  send,
} from "../case.ts";
import type { Step } from "../step.ts";
import { text } from "../wire/frame.ts";
import type { RequestRule } from "../wire/handshake.ts";

const hello: readonly Step[] = [send(text("hello")), expect(text("hello"))];

/** Rules for the request, each with the name of its case and the requirement. */
const RULES: readonly [RequestRule, string, string][] = [
  ["method", "sends-get", "The request is a GET"],
  ["version", "sends-http-1.1", "The version of HTTP is 1.1 or higher"],
  ["target", "sends-a-path", "The target is the path and query of the address"],
  [
    "host",
    "sends-one-host",
    "Host names the server, with its port where that is not the usual one",
  ],
  ["upgrade", "asks-for-websocket", "Upgrade contains websocket"],
  ["connection", "asks-for-an-upgrade", "Connection contains Upgrade"],
  ["key", "sends-a-key", "The key is 16 bytes in base64, and comes once"],
  ["fresh-key", "sends-another-key-each-time", "The key is chosen by chance for each connection"],
  ["version-13", "sends-version-13", "Sec-WebSocket-Version is 13"],
  ["protocols", "offers-each-subprotocol-once", "Subprotocols are tokens, and none comes twice"],
];

const rules = RULES.map(([rule, name, requirement]): [string, Draft] => [
  name,
  must(requirement, expectRequest(rule), respond(), ...hello),
]);

/** Cases about the request of clients. */
export const handshakeClientRequest: Case[] = [
  ...section("4.1", Object.fromEntries(rules)),

  ...section("9.1", {
    "offers-extensions-that-follow-the-grammar": must(
      "An offer of extensions follows the grammar",
      expectRequest("extensions"),
      respond(),
      ...hello,
    ),
  }),
];
