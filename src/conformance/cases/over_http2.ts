/**
 * The cases that judge a server's WebSockets over HTTP/2: those of RFC 8441, and all of RFC 6455 and
 * RFC 7692 that begin where the opening handshake is done.
 *
 * @module
 */

import type { Case } from "../case.ts";
import type { Step } from "../step.ts";
import { http2Data } from "./http2_data.ts";
import { http2Handshake } from "./http2_handshake.ts";
import { http2Sockets } from "./http2_sockets.ts";
import { cases } from "./mod.ts";

/** Steps about the octets of HTTP/1.1, of servers or of clients. */
const OF_HTTP1: readonly Step["do"][] = ["respond", "expect-request", "expect-give-up"];

/** Whether a case can be played over HTTP/2, where the handshake is another. */
function isPlayable({ steps, judges, section }: Case): boolean {
  if (!judges.includes("server") || steps.some((step) => OF_HTTP1.includes(step.do))) return false;
  const [first] = steps;
  if (first?.do !== "request") return true;
  // RFC 8441, 5: extensions are negotiated as they are in HTTP/1.1.
  const { do: _, headers = {}, ...rest } = first;
  return section.startsWith("7692:") && Object.keys(rest).length === 0 &&
    Object.keys(headers).every((name) => /^sec-websocket-extensions$/i.test(name));
}

/** All cases for WebSockets over HTTP/2, those of RFC 8441 first. */
export const casesOverHttp2: readonly Case[] = [
  ...http2Handshake,
  ...http2Sockets,
  ...http2Data,
  ...cases.filter(isPlayable),
];
