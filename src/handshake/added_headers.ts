/** Headers that a program adds to a handshake, or to the answer to one. @module */

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
  const headers = new Headers(init); // refuses CR, LF and NUL by itself
  for (const [name, value] of headers) {
    if (OWN_HEADERS.test(name)) {
      throw new TypeError(`Cannot set the header "${name}": it belongs to the handshake`);
    }
    checkHeaderValue(name, value);
  }
  return headers;
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
