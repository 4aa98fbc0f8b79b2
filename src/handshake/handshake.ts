/**
 * The opening handshake at a server (RFC 6455, 4.2).
 *
 * A request is judged in this order; the first rule that it breaks decides the status of the
 * refusal:
 *
 * 1. {@linkcode readTarget} (request_target.ts): method, `Host` and request target are those of any
 *    valid request. 400
 * 2. The server has capacity for it, and is not closing (server/capacity.ts). 503
 * 3. {@linkcode checkHandshake}: method (405), HTTP version (400), `Upgrade` (426), `Connection`,
 *    `Host`, no body (400), `Sec-WebSocket-Version` (426), `-Key`, `-Protocol` and the grammar of
 *    `-Extensions` (400). A `permessage-deflate` offer is never a reason to refuse
 *    (compression.ts).
 * 4. {@linkcode checkOrigin} (origin.ts): its page may connect. 403
 *
 * The handler runs between 2 and 3: it calls `upgrade()`, which checks 2 again, 3 and 4. Each
 * refusal is an {@linkcode UpgradeError} (upgrade_error.ts).
 *
 * @module
 */

import { isHost, isToken, listOf, readExtensions } from "./header_grammar.ts";
import { quote, UpgradeError } from "./upgrade_error.ts";

/** 16 bytes in base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Content of a valid handshake. */
export interface Handshake {
  /** The `Sec-WebSocket-Key` header, which is new for each connection. */
  readonly key: string;
  /** Subprotocols that the client offers, in its order of preference. */
  readonly offered: readonly string[];
}

/** Reports whether a header that is a list has an element, whatever its case. */
function lists(headers: Headers, name: string, wanted: string): boolean {
  return listOf(headers, name).some((item) => item.toLowerCase() === wanted);
}

/**
 * Reports whether a request asks for a WebSocket (RFC 9110, 7.8), even if the rest of it is
 * malformed.
 */
export function asksForWebSocket(
  { method, headers }: Pick<Request, "method" | "headers">,
): boolean {
  return method === "GET" && lists(headers, "upgrade", "websocket");
}

/**
 * Checks that a request is a WebSocket handshake (RFC 6455, 4.2.1).
 *
 * @param httpVersion Version of HTTP, if the runtime exposes it.
 * @throws {UpgradeError} 405, 426 or 400 if it is not, or is malformed.
 */
export function checkHandshake(
  request: Pick<Request, "method" | "headers">,
  httpVersion: string | undefined,
): Handshake {
  const { method, headers } = request;
  const refuse = (what: string, status = 400, more?: Record<string, string>): never => {
    throw new UpgradeError(`Cannot upgrade: ${what}`, status, more, "handshake");
  };
  if (method !== "GET") {
    refuse(`the method is ${method}, and it must be GET`, 405, { allow: "GET" });
  }
  if (httpVersion !== undefined && Number(httpVersion) < 1.1) {
    refuse(`the version of HTTP is ${httpVersion}, and it must be 1.1`);
  }
  const required = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" };
  if (!asksForWebSocket(request)) {
    const isCut = headers.has("sec-websocket-key"); // it is no browser that looks for a page
    const why = isCut ? ", which a proxy may have removed" : "";
    refuse(`the Upgrade header must have "websocket"${why}`, 426, required);
  }
  if (!lists(headers, "connection", "upgrade")) {
    refuse('the Connection header must have "Upgrade"');
  }
  if (!isHost(headers.get("host") ?? "")) refuse("there must be one Host header, with a host");
  if (hasBody(headers)) refuse("the request must have no body");
  const version = headers.get("sec-websocket-version");
  if (version !== "13") {
    const given = version === null ? "missing" : quote(version);
    refuse(`Sec-WebSocket-Version is ${given}, and it must be 13`, 426, required);
  }
  const key = headers.get("sec-websocket-key") ?? "";
  if (!KEY.test(key)) refuse("Sec-WebSocket-Key must be 16 bytes in base64");
  const offered = listOf(headers, "sec-websocket-protocol");
  const malformed = headers.has("sec-websocket-protocol") && offered.length === 0;
  if (malformed || !offered.every(isToken)) {
    refuse("Sec-WebSocket-Protocol must be a list of tokens");
  }
  if (new Set(offered).size !== offered.length) {
    refuse("Sec-WebSocket-Protocol must not name a subprotocol twice");
  }
  if (readExtensions(headers.get("sec-websocket-extensions") ?? "") === undefined) {
    refuse("Sec-WebSocket-Extensions must be a list of extensions"); // 9.1
  }
  return { key, offered };
}

/**
 * Chooses a subprotocol: the first of the server's that the client offers. Names are case-sensitive
 * (RFC 6455, 4.2.2).
 *
 * @returns The name, or `""` for none.
 */
export function chooseProtocol(own: readonly string[], offered: readonly string[]): string {
  return own.find((name) => offered.includes(name)) ?? "";
}

/** Reports whether a request may have a body. A length of 0, even if repeated, is none. */
function hasBody(headers: Headers): boolean {
  if (headers.has("transfer-encoding")) return true;
  const lengths = headers.get("content-length")?.split(",") ?? []; // RFC 9110, 8.6
  return !lengths.every((length) => /^0+$/.test(length.trim()));
}
