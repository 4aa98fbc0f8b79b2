/** Headers that a program adds to a handshake, or to the answer to one. @module */

import { kindOf } from "../core/checks.ts";
import { isToken } from "./header_grammar.ts";

/** Headers of the handshake and of the connection, which a program cannot set. */
const OWN_HEADERS =
  /^(?:sec-websocket-.*|connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

/**
 * Characters that a value may have. Other bytes are opaque (RFC 9110, 5.5), and runtimes differ in
 * what they do with them.
 */
const VALUE = /^[\t -~]*$/;

/**
 * Checks headers that a program adds to a handshake, or to the answer to one.
 *
 * @throws {TypeError} If a header belongs to the handshake or the connection, is not allowed in
 * HTTP, or has a value that is not ASCII.
 */
export function checkHeaders(init: HeadersInit | undefined): Headers {
  if (init !== undefined) checkTexts(init);
  const headers = new Headers(init);
  for (const [name, value] of headers) {
    if (OWN_HEADERS.test(name)) {
      throw new TypeError(`Cannot set the header "${name}": it belongs to the handshake`);
    }
    checkHeaderValue(name, value);
  }
  return headers;
}

/**
 * Checks headers as a program gave them. `Headers` makes text of all that it is given: a variable that
 * is not set would be sent as "undefined", a list of cookies as one. And what it refuses, it prints,
 * though it may be a token.
 */
function checkTexts(init: HeadersInit): void {
  if (Object(init) !== init) {
    throw new TypeError(`Cannot set headers: they must be an object, and are ${kindOf(init)}`);
  }
  const entries: readonly unknown[] = Symbol.iterator in init ? [...init] : Object.entries(init);
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw new TypeError("Cannot set headers: in a list, each must be a name and a value");
    }
    const [name, value] = entry as [unknown, unknown];
    if (!isToken(`${name}`)) {
      throw new TypeError(`Cannot set the header ${JSON.stringify(name)}: it must be a token`);
    }
    if (Object(value) === value || value === undefined || value === null) {
      throw new TypeError(
        `Cannot set the header "${name}": its value must be a string, and is ${kindOf(value)}`,
      );
    }
    checkHeaderValue(`${name}`, `${value}`.trim());
  }
}

/**
 * Checks the value of one header.
 *
 * @throws {TypeError} If it is not ASCII, or has control characters.
 */
export function checkHeaderValue(name: string, value: string): void {
  if (VALUE.test(value)) return;
  throw new TypeError(
    `Cannot set the header "${name}": its value must be ASCII without control characters`,
  );
}

/**
 * Appends the headers of a response to those of a 101, without those of the handshake and of the
 * connection.
 *
 * @param except A further header to leave out.
 * @throws {TypeError} If a value is not ASCII.
 */
export function addHeaders(headers: Headers, from: Headers, except: string): void {
  for (const [name, value] of from) {
    if (OWN_HEADERS.test(name) || name === except) continue;
    checkHeaderValue(name, value);
    headers.append(name, value);
  }
}
