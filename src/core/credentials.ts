/** User and password in an address: sent to the server, and hidden in what is printed. @module */

import type { DialRequest } from "./dial.ts";

/**
 * Moves the user and the password, if there are some, from the address of a request to its headers,
 * as Basic credentials (RFC 7617), unless the program gives an `authorization`.
 */
export function authorized(call: DialRequest): DialRequest {
  const url = new URL(call.url);
  const { username, password } = url;
  if (username + password === "") return call;
  url.username = url.password = "";
  // A serialized address is ASCII, in which each %XX is a byte: so this has a character for each byte.
  const bytes = `${username}:${password}`.replace(
    /%([\da-f]{2})/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
  return {
    ...call,
    url: url.href,
    headers: { authorization: `Basic ${btoa(bytes)}`, ...call.headers },
  };
}

/** Returns an address, as `URL` writes it, without its password: `ws://user:***@host/`. */
export function redact(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/?]*:)[^@/?]*@/, "$1***@");
}

/** The same for a reference, which may lack its scheme: `//user:***@host/`. */
export function redactLocation(text: string): string {
  return text.replace(/(\/\/[^:@/?#]*:)[^/?#]*@/, "$1***@");
}

/** The same for text that may be no address: nothing that stands before an `@` is shown. */
export function redactText(text: string): string {
  return text.replace(/^[^]*@/, "***@");
}
