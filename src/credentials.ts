/** What an address says of the user: sent to the server, and hidden in what is printed. @module */

import type { Call } from "./dial.ts";

/**
 * Takes the user and the password out of the address of a call, and puts them into its headers as
 * Basic credentials (RFC 7617), unless the program gives an `authorization` header of its own.
 */
export function authorized(call: Call): Call {
  const url = new URL(call.url);
  const { username, password } = url;
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

/** Whether the address of a call names a user, or has a password. */
export function hasCredentials({ url }: Call): boolean {
  return /^[^/]*\/\/[^/?]*@/.test(url);
}

/** The password in an address, as `URL` writes it, and what stands before. */
const PASSWORD = /^([a-z]+:\/\/[^:@/?]*:)[^@/?]*@/;

/** An address as it may be printed: `ws://user:***@host/`. */
export function redact(url: string): string {
  return url.replace(PASSWORD, "$1***@");
}

/** The same for what is no address, or not yet: all from the first colon on that may be a password. */
export function redactText(text: string): string {
  return text.replace(/^((?:[a-z]+:)?[/\\]*[^:@/\\]*:)[^]*@/i, "$1***@");
}
