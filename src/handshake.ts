/** The opening handshake, as a server sees it: RFC 6455, 4.2. @module */

/** The characters of a token (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** 16 bytes of base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** A list of extensions and their parameters (RFC 6455, 9.1). Quoted, a value is a token still. */
const EXTENSIONS = (() => {
  const token = TOKEN.source.slice(1, -1);
  const parameter = `[ \\t]*;[ \\t]*${token}(?:[ \\t]*=[ \\t]*(?:${token}|"${token}"))?`;
  const extension = `[ \\t]*(?:${token}(?:${parameter})*)?[ \\t]*`; // lists may have empty elements
  return new RegExp(`^${extension}(?:,${extension})*$`);
})();

/** Headers that belong to the handshake or to the connection: what a user sets there is refused. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Why a handshake was refused: it is malformed; its origin is not allowed; there is no room; the
 * server is closing; the handler would not have it.
 */
export type RefusalReason = "handshake" | "origin" | "full" | "closing" | "handler";

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
  /** Why, in a word: what {@linkcode Stats.refused} counts by. */
  readonly reason: RefusalReason;
  readonly #headers: Record<string, string>;

  /**
   * Makes an error.
   *
   * @param message What is wrong with the request: the body of the answer.
   * @param status The status of the answer.
   * @param headers Further headers of the answer.
   * @param reason Why, in a word.
   */
  constructor(
    message: string,
    status: number,
    headers: Record<string, string> = {},
    reason: RefusalReason = "handler",
  ) {
    super(message);
    this.name = "UpgradeError";
    this.status = status;
    this.reason = reason;
    this.#headers = headers;
  }

  /** A new response that says what is wrong, for a handler that catches this error. */
  get response(): Response {
    const headers = { "content-type": "text/plain; charset=utf-8", ...this.#headers };
    return new Response(`${this.message}\n`, { status: this.status, headers });
  }
}

/** What a valid handshake says. */
export interface Handshake {
  /** `Sec-WebSocket-Key`: new for each connection. */
  readonly key: string;
  /** The subprotocols that the client offers, in its order. */
  readonly offered: readonly string[];
}

/** The elements of a list in a header (RFC 9110, 5.6.1), without the empty ones. */
function list(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((item) => item.trim()).filter((item) =>
    item !== ""
  );
}

function lists(headers: Headers, name: string, wanted: string): boolean {
  return list(headers, name).some((item) => item.toLowerCase() === wanted);
}

/**
 * Checks that a request is a WebSocket handshake (RFC 6455, 4.2.1).
 *
 * @param httpVersion As far as the runtime tells it.
 * @throws {UpgradeError} If it is none, or a malformed one.
 */
export function checkHandshake(request: Request, httpVersion: string | undefined): Handshake {
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
  if (!lists(headers, "upgrade", "websocket")) {
    refuse('the Upgrade header must have "websocket"', 426, required);
  }
  if (!lists(headers, "connection", "upgrade")) {
    refuse('the Connection header must have "Upgrade"');
  }
  const host = headers.get("host");
  if (!host || host.includes(",")) refuse("there must be one Host header");
  const hasBody = Number(headers.get("content-length") ?? 0) !== 0;
  if (hasBody || headers.has("transfer-encoding")) refuse("the request must have no body");
  const version = headers.get("sec-websocket-version");
  if (version !== "13") {
    refuse(`Sec-WebSocket-Version is ${version ?? "missing"}, and it must be 13`, 426, required);
  }
  const key = headers.get("sec-websocket-key") ?? "";
  if (!KEY.test(key)) refuse("Sec-WebSocket-Key must be 16 bytes in base64");
  const offered = list(headers, "sec-websocket-protocol");
  const malformed = headers.has("sec-websocket-protocol") && offered.length === 0;
  if (malformed || !offered.every((name) => TOKEN.test(name))) {
    refuse("Sec-WebSocket-Protocol must be a list of tokens");
  }
  if (new Set(offered).size !== offered.length) {
    refuse("Sec-WebSocket-Protocol must not name a subprotocol twice");
  }
  if (!EXTENSIONS.test(headers.get("sec-websocket-extensions") ?? "")) {
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

/** Tells if a name can be a subprotocol's. */
export function isToken(name: string): boolean {
  return TOKEN.test(name);
}

/**
 * Checks headers that a user wants in the answer to a handshake.
 *
 * @throws {TypeError} For a header that the handshake owns, or one that HTTP does not allow.
 */
export function checkHeaders(init: HeadersInit | undefined): Headers {
  const headers = new Headers(init); // refuses CR, LF and NUL by itself
  for (const name of headers.keys()) {
    if (OWN_HEADERS.has(name)) {
      throw new TypeError(`Cannot set the header "${name}": it belongs to the handshake`);
    }
  }
  return headers;
}

/** Copies the headers of a response that may stand in an answer to a handshake. */
export function addHeaders(headers: Headers, from: Headers, except: string): void {
  for (const [name, value] of from) {
    if (!OWN_HEADERS.has(name) && name !== except) headers.append(name, value);
  }
}
