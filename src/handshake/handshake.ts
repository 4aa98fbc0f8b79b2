/** The opening handshake, as a server sees it: RFC 6455, 4.2. @module */

import { isToken, listOf, readExtensions } from "./header_grammar.ts";

export { isToken };

/** 16 bytes of base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/**
 * A host and perhaps a port (RFC 9110, 7.2; RFC 3986, 3.2.2). Of what the grammar allows, a comma is
 * left out, since several headers are joined by it, and so is `%`: `URL` decodes it, and others that
 * look at a host, for instance proxies, do not.
 */
const HOST = /^(?:\[[\da-f:.]+\]|[\w\-.~!$&'()*+;=]+)(?::\d*)?$/i;

/** Characters of the longest name in DNS, and of a port. */
const MAX_HOST = 255 + ":65535".length;

/** Headers that belong to the handshake or to the connection: what a user sets there is refused. */
const OWN_HEADERS =
  /^(?:sec-websocket-.*|connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

/** What may stand in a header. Other bytes are opaque (RFC 9110, 5.5), and runtimes differ there. */
const VALUE = /^[\t -~]*$/;

/** How much of a peer's words is repeated to it. */
const MAX_QUOTE = 200;

/**
 * Why a handshake was refused: it is malformed; its origin is not allowed; there is no room; the
 * server is closing; the handler would not have it; the handler took longer than `upgradeTimeout`.
 */
export type RefusalReason = "handshake" | "origin" | "full" | "closing" | "handler" | "timeout";

/**
 * A request that cannot become a WebSocket. {@linkcode UpgradeError.response} is the answer that it
 * should get; `serve()` gives it by itself.
 *
 * Not for failures of an accepted socket: those are `error` events.
 *
 * @example
 * ```ts
 * import { UpgradeError } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new UpgradeError("Cannot upgrade: the method is POST", 405, { allow: "GET" });
 * assertEquals(error.response.status, 405);
 * ```
 */
export class UpgradeError extends Error {
  /** The status of the answer: 400, 403, 405, 426 or 503, or what a handler chose. */
  readonly status: number;
  /** Further headers of the answer. Express, Fastify and h3 look for them here. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why, in a word: what {@linkcode Stats.refused} counts by. */
  readonly reason: RefusalReason;

  /**
   * Makes an error.
   *
   * @param message What is wrong with the request: the body of the answer.
   * @param status The status of the answer: 400 to 599.
   * @param headers Further headers of the answer.
   * @param reason Why, in a word.
   * @throws {RangeError} For another status.
   * @throws {TypeError} For a header that HTTP does not allow, or whose value is not ASCII.
   */
  constructor(
    message: string,
    status: number,
    headers: Record<string, string> = {},
    reason: RefusalReason = "handler",
  ) {
    super(message);
    this.name = "UpgradeError";
    if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw new RangeError(`Cannot refuse with status ${status}: it must be between 400 and 599`);
    }
    for (const [name, value] of new Headers(headers)) checkValue(name, value);
    this.status = status;
    this.headers = { ...headers };
    this.reason = reason;
  }

  /** A new response that says what is wrong, for a handler that catches this error. */
  get response(): Response {
    const headers = new Headers(this.headers);
    if (!headers.has("content-type")) headers.set("content-type", "text/plain; charset=utf-8");
    return new Response(`${this.message}\n`, { status: this.status, headers });
  }

  /** The same, by the name that Hono asks for it. */
  getResponse(): Response {
    return this.response;
  }
}

/** Whether what was thrown is one. A proxy may throw when it is asked for its class. */
export function isUpgradeError(error: unknown): error is UpgradeError {
  try {
    return error instanceof UpgradeError;
  } catch {
    return false;
  }
}

/** What a valid handshake says. */
export interface Handshake {
  /** `Sec-WebSocket-Key`: new for each connection. */
  readonly key: string;
  /** The subprotocols that the client offers, in its order. */
  readonly offered: readonly string[];
}

function lists(headers: Headers, name: string, wanted: string): boolean {
  return listOf(headers, name).some((item) => item.toLowerCase() === wanted);
}

/** Tells if a request asks for a WebSocket, however malformed the rest of it is (RFC 9110, 7.8). */
export function asksForWebSocket(
  { method, headers }: Pick<Request, "method" | "headers">,
): boolean {
  return method === "GET" && lists(headers, "upgrade", "websocket");
}

/**
 * Checks that a request is a WebSocket handshake (RFC 6455, 4.2.1).
 *
 * @param httpVersion As far as the runtime tells it.
 * @throws {UpgradeError} If it is none, or a malformed one.
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
    refuse('the Upgrade header must have "websocket"', 426, required);
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
 * Chooses a subprotocol: the first of the server's that the client offers. Upper and lower case are
 * different (RFC 6455, 4.2.2).
 *
 * @returns The name, or `""` for none.
 */
export function chooseProtocol(own: readonly string[], offered: readonly string[]): string {
  return own.find((name) => offered.includes(name)) ?? "";
}

/** Whether a request may have a body: a length of 0 is none, however often it is said. */
function hasBody(headers: Headers): boolean {
  if (headers.has("transfer-encoding")) return true;
  const lengths = headers.get("content-length")?.split(",") ?? []; // RFC 9110, 8.6
  return !lengths.every((length) => /^0+$/.test(length.trim()));
}

/** Tells if a text is a host, perhaps with a port. */
export function isHost(text: string): boolean {
  return text.length <= MAX_HOST && HOST.test(text) && URL.canParse(`http://${text}`);
}

/** A peer's words for an answer: short, and without what a terminal or a log would obey. */
export function quote(text: string): string {
  const cut = text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}...` : text;
  return JSON.stringify(cut).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Checks headers that a user wants in a handshake, or in the answer to one.
 *
 * @throws {TypeError} For a header that the handshake or the connection owns, for one that HTTP does
 * not allow, and for a value that is not ASCII.
 */
export function checkHeaders(init: HeadersInit | undefined): Headers {
  const headers = new Headers(init); // refuses CR, LF and NUL by itself
  for (const [name, value] of headers) {
    if (OWN_HEADERS.test(name)) {
      throw new TypeError(`Cannot set the header "${name}": it belongs to the handshake`);
    }
    checkValue(name, value);
  }
  return headers;
}

function checkValue(name: string, value: string): void {
  if (VALUE.test(value)) return;
  throw new TypeError(
    `Cannot set the header "${name}": its value must be ASCII without control characters`,
  );
}

/**
 * Copies the headers of a response that may stand in an answer to a handshake.
 *
 * @throws {TypeError} For a value that is not ASCII.
 */
export function addHeaders(headers: Headers, from: Headers, except: string): void {
  for (const [name, value] of from) {
    if (OWN_HEADERS.test(name) || name === except) continue;
    checkValue(name, value);
    headers.append(name, value);
  }
}
