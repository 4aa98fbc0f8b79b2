/** What an address says of the user: sent to the server, and hidden in what is printed. @module */

import type { DialRequest } from "./dial.ts";

/**
 * Takes the user and the password, if there are some, out of the address of a call, and puts them
 * into its headers as Basic credentials (RFC 7617), unless the program gives an `authorization`.
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

/** An address, as `URL` writes it, without its password: `ws://user:***@host/`. */
export function redact(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/?]*:)[^@/?]*@/, "$1***@");
}

/** The same for what may be no address: nothing that stands before an `@` is shown. */
export function redactText(text: string): string {
  return text.replace(/^[^]*@/, "***@");
}
