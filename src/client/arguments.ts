/** Checks a client's address, subprotocols (by the WHATWG WebSockets standard) and headers. @module */

import { redactText } from "../core/credentials.ts";
import { checkHeaders } from "../handshake/added_headers.ts";
import { isToken } from "../handshake/header_grammar.ts";

/**
 * Parses the address of a WebSocket.
 *
 * @returns The absolute address, with the scheme `ws:` or `wss:`.
 * @throws {DOMException} `SyntaxError` if it is not the address of a WebSocket.
 */
export function parseUrl(url: string | URL): string {
  const { document, location } = globalThis as {
    document?: { baseURI: string };
    location?: { href: string };
  };
  const shown = redactText(`${url}`);
  let parsed: URL;
  try {
    parsed = new URL(url, document?.baseURI ?? location?.href);
  } catch {
    throw syntaxError(`Cannot connect to "${shown}": it is not a URL, as ws://host:8080/path is`);
  }
  if (parsed.protocol === "http:") parsed.protocol = "ws:";
  if (parsed.protocol === "https:") parsed.protocol = "wss:";
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    throw syntaxError(
      `Cannot connect to "${shown}": the scheme must be ws, wss, http or https, and is ${
        parsed.protocol.slice(0, -1)
      }`,
    );
  }
  if (parsed.hash !== "" || parsed.href.endsWith("#")) {
    throw syntaxError(`Cannot connect to "${shown}": the URL must have no fragment`);
  }
  return parsed.href;
}

/**
 * Converts to WebIDL's `sequence<DOMString>`, in its order: each name before the next is asked for.
 *
 * @returns The names; `undefined` for what is no iterable object.
 * @throws {TypeError} If it cannot be iterated, or a name has no text.
 */
export function toStrings(value: unknown): string[] | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return undefined;
  }
  const method = (value as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (method === undefined || method === null) return undefined;
  const iterator = method.call(value); // a loop would close it, and read the method again
  const { next } = iterator;
  const names: string[] = [];
  for (;;) {
    const result = next.call(iterator);
    if (Object(result) !== result) {
      throw new TypeError(`Cannot iterate: ${result} is not an object`);
    }
    if (result.done) return names;
    names.push(`${result.value}`); // unlike String(), not for symbols
  }
}

/**
 * Parses the subprotocols to offer.
 *
 * @throws {DOMException} `SyntaxError` if a name is not a token, or is listed twice, in whatever case.
 */
export function parseProtocols(protocols: string | Iterable<string>): string[] {
  const list = toStrings(protocols) ?? [`${protocols}`];
  const seen = new Set<string>();
  for (const name of list) {
    if (!isToken(name)) {
      const hint = name === `${{}}` ? ", and connect() is what takes options" : "";
      throw syntaxError(`Cannot offer the subprotocol "${name}": it must be a token${hint}`);
    }
    const lower = name.toLowerCase();
    if (seen.has(lower)) throw syntaxError(`Cannot offer the subprotocol "${name}" twice`);
    seen.add(lower);
  }
  return list;
}

/**
 * Parses additional headers of the handshake.
 *
 * @returns The headers by their names in lower case; `undefined` if there are none.
 * @throws {TypeError} If a header may not be set by a program, or a value is not ASCII.
 */
export function parseHeaders(init: HeadersInit): Record<string, string> | undefined {
  const headers = [...checkHeaders(init)];
  return headers.length === 0 ? undefined : Object.fromEntries(headers);
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
