/** The opening handshake, as a server sees it: RFC 6455, 4.2. @module */

/** The characters of a token (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** 16 bytes of base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** A list of extensions and their parameters (RFC 6455, 9.1). Quoted, a value is a token still. */
const EXTENSIONS = /* @__PURE__ */ (() => {
  const token = TOKEN.source.slice(1, -1);
  const parameter = `[ \\t]*;[ \\t]*${token}(?:[ \\t]*=[ \\t]*(?:${token}|"${token}"))?`;
  const extension = `[ \\t]*(?:${token}(?:${parameter})*)?[ \\t]*`; // lists may have empty elements
  return new RegExp(`^${extension}(?:,${extension})*$`);
})();

/** A host and perhaps a port (RFC 9110, 7.2), as far as `URL` does not look: it takes more. */
const HOST = /^[^\s/?#@\\,]+$/;

/** Headers that belong to the handshake or to the connection: what a user sets there is refused. */
const OWN_HEADERS =
  /^(?:sec-websocket-.*|connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

/** What may stand in a header. Other bytes are opaque (RFC 9110, 5.5), and runtimes differ there. */
const VALUE = /^[\t -~]*$/;

/** What is forbidden in a header. Deno ends the process for it, Bun sends it, Node hangs up. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROL = /[\0-\x08\n-\x1f\x7f]/;

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
  if (!lists(headers, "upgrade", "websocket")) {
    refuse('the Upgrade header must have "websocket"', 426, required);
  }
  if (!lists(headers, "connection", "upgrade")) {
    refuse('the Connection header must have "Upgrade"');
  }
  if (!isHost(headers.get("host") ?? "")) refuse("there must be one Host header, with a host");
  const hasBody = Number(headers.get("content-length") ?? 0) !== 0;
  if (hasBody || headers.has("transfer-encoding")) refuse("the request must have no body");
  const version = headers.get("sec-websocket-version");
  if (version !== "13") {
    const given = version === null ? "missing" : quote(version);
    refuse(`Sec-WebSocket-Version is ${given}, and it must be 13`, 426, required);
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

/** Tells if a text is a host, perhaps with a port. */
export function isHost(text: string): boolean {
  return HOST.test(text) && URL.canParse(`http://${text}`);
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

/**
 * Checks a response of a handler: what every runtime can send.
 *
 * @returns The response, as one of the platform's: Oak's from npm are of another class.
 * @throws {TypeError} If it is none, or has control characters in a header.
 */
export function checkResponse(given: unknown): Response {
  const response = isForeign(given) ? copyOf(given) : given;
  if (!(response instanceof Response) || response.type === "error") {
    throw new TypeError("Cannot answer: the handler must return a Response, and not an error one");
  }
  for (const [name, value] of response.headers) {
    if (CONTROL.test(value)) {
      throw new TypeError(`Cannot answer: the header "${name}" must have no control characters`);
    }
  }
  return response;
}

/** Whether a response is of a class that a package brings, for instance that of npm's undici. */
function isForeign(response: unknown): response is Response {
  return !(response instanceof Response) &&
    Object.prototype.toString.call(response) === "[object Response]";
}

/** What stands in a response, and in headers that it lacks, as a response of the platform. */
export function copyOf(response: Response, missing?: Headers): Response {
  const { body, status, statusText } = response;
  const headers = new Headers([...response.headers]);
  for (const [name, value] of missing ?? []) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return new Response(body, { status, statusText, headers });
}
