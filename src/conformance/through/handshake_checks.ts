/** Checks of what a proxy makes of the opening handshake: RFC 6455 sections 4 and 9. @module */

import { ExpectationFailed } from "../player/context.ts";
import { statusOf, valueOf } from "../wire/head.ts";
import { type Check, openTunnel } from "./check.ts";
import { compareFields } from "./differences.ts";

const REQUEST = "What makes a request a handshake reaches the server as it was sent";
const ANSWER = "What makes an answer a handshake reaches the client as it was sent";
const OTHERS = "Fields that a proxy does not know pass through it";
const HOST = "The server is told the host that the client has asked for";
const REFUSAL = "A refusal of the server reaches the client";

/** Fields of a request whose change makes it another handshake. */
const HANDSHAKE = [
  "upgrade",
  "connection",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "sec-websocket-accept",
];

const OFFER = "permessage-deflate; client_max_window_bits";

const FIELDS = {
  "Origin": "https://judge.example",
  "Cookie": "judge=1; other=2",
  "Authorization": "Bearer judge",
  "X-Isosocket-Judge": "one, two",
};

/** Returns some entries of a map. */
function those(
  fields: ReadonlyMap<string, readonly string[]>,
  isWanted: (name: string) => boolean,
): Map<string, readonly string[]> {
  return new Map([...fields].filter(([name]) => isWanted(name)));
}

/** Checks of the opening handshake. */
export const handshakeChecks: readonly Check[] = [
  {
    id: "4.1/passes-the-request",
    section: "4.1",
    level: "must",
    requirement: REQUEST,
    async run(context): Promise<void> {
      const { sent, request } = await openTunnel(context, {
        "Sec-WebSocket-Protocol": "judge.one, judge.two",
        "Sec-WebSocket-Extensions": OFFER,
      });
      const { changed } = compareFields(
        those(sent.headers, (name) => HANDSHAKE.includes(name)),
        request,
      );
      const [first] = changed;
      if (first !== undefined) throw new ExpectationFailed("the same request", changed.join("; "));
      const [before, after] = [sent.line, request.line];
      if (before !== after) throw new ExpectationFailed(before, after);
    },
  },
  {
    id: "4.1/passes-the-host",
    section: "4.1",
    level: "should",
    requirement: HOST,
    async run(context): Promise<void> {
      const { sent, request } = await openTunnel(context);
      const [before, after] = [valueOf(sent, "host"), valueOf(request, "host")];
      if (before !== after) throw new ExpectationFailed(`Host: ${before}`, `Host: ${after}`);
    },
  },
  {
    id: "4.1/passes-other-fields",
    section: "4.1",
    level: "should",
    requirement: OTHERS,
    async run(context): Promise<void> {
      const { sent, request } = await openTunnel(context, FIELDS);
      const own = those(sent.headers, (name) => !HANDSHAKE.includes(name) && name !== "host");
      const { changed, added } = compareFields(own, request);
      const news = added.filter((name) => !HANDSHAKE.includes(name) && name !== "host");
      if (news.length > 0) context.fact(`It adds ${news.join(", ")} to the request`);
      if (changed.length > 0) throw new ExpectationFailed("the same fields", changed.join("; "));
    },
  },
  {
    id: "4.2.2/passes-the-answer",
    section: "4.2.2",
    level: "must",
    requirement: ANSWER,
    async run(context): Promise<void> {
      const { answered, response } = await openTunnel(
        context,
        { "Sec-WebSocket-Protocol": "judge.one, judge.two", "Sec-WebSocket-Extensions": OFFER },
        { headers: { "Sec-WebSocket-Protocol": "judge.two" } },
        "permessage-deflate; client_max_window_bits=12",
      );
      const { changed } = compareFields(
        those(answered.headers, (name) => HANDSHAKE.includes(name)),
        response,
      );
      if (changed.length > 0) throw new ExpectationFailed("the same answer", changed.join("; "));
    },
  },
  {
    id: "4.2.2/passes-other-fields-of-the-answer",
    section: "4.2.2",
    level: "should",
    requirement: OTHERS,
    async run(context): Promise<void> {
      const { answered, response } = await openTunnel(context, {}, {
        headers: { "Set-Cookie": ["one=1", "two=2"], "X-Isosocket-Judge": "three" },
      });
      const { changed, added } = compareFields(
        those(answered.headers, (name) => !HANDSHAKE.includes(name)),
        response,
      );
      const news = added.filter((name) => !HANDSHAKE.includes(name));
      if (news.length > 0) context.fact(`It adds ${news.join(", ")} to the answer`);
      if (changed.length > 0) throw new ExpectationFailed("the same fields", changed.join("; "));
    },
  },
  ...[401, 403, 426, 503].map((status): Check => ({
    id: `4.2.2/passes-a-refusal-with-${status}`,
    section: "4.2.2",
    level: "should",
    requirement: REFUSAL,
    async run(context): Promise<void> {
      const { client, response } = await openTunnel(context, {}, { status, body: "No." });
      if (statusOf(response) !== status) throw new ExpectationFailed(`${status}`, response.line);
      await client.until(() => client.received >= 3, context.timeout);
      const body = new TextDecoder().decode(client.octets);
      if (!body.includes("No.")) throw new ExpectationFailed("the body of the server", body);
    },
  })),
];
