/**
 * The grammar of header values: tokens, lists and extensions (RFC 9110, 5.6; RFC 6455, 9.1).
 *
 * These values come from a peer, so each is read once from left to right: the time is linear in the
 * length, whatever the content.
 *
 * @module
 */

/** A token (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The same, from an index on. */
const TOKEN_AT = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/** Optional whitespace (RFC 9110, 5.6.3). */
const WHITESPACE_AT = /[\t ]*/y;

/**
 * A host and an optional port (RFC 9110, 7.2; RFC 3986, 3.2.2). Of what the grammar allows, a comma
 * is left out, since several headers are joined by it, and so is `%`: `URL` decodes it, and others
 * that look at a host, for instance proxies, do not.
 */
const HOST = /^(?:\[[\da-f:.]+\]|[\w\-.~!$&'()*+;=]+)(?::\d*)?$/i;

/** Number of characters of the longest DNS name and of a port. */
const MAX_HOST = 255 + ":65535".length;

/** Reports whether a text is a token, as the name of a subprotocol must be. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Reports whether a text is a host, with or without a port. */
export function isHost(text: string): boolean {
  return text.length <= MAX_HOST && HOST.test(text) && URL.canParse(`http://${text}`);
}

/** Returns the elements of a header that is a list, without empty ones (RFC 9110, 5.6.1). */
export function listOf(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((element) => element.trim())
    .filter((element) => element !== "");
}

/** One element of `Sec-WebSocket-Extensions`. */
export interface Extension {
  /** Name, for instance `"permessage-deflate"`. */
  readonly name: string;
  /** Names and values of the parameters; `undefined` for a parameter without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/**
 * Reads a `Sec-WebSocket-Extensions` header (RFC 6455, 9.1).
 *
 * @returns The extensions in their order; `undefined` if the header is malformed.
 */
export function readExtensions(header: string): Extension[] | undefined {
  const reader = new Reader(header);
  const extensions: Extension[] = [];
  do {
    const name = reader.token();
    if (name === undefined) continue; // lists may have empty elements
    const parameters: [string, string | undefined][] = [];
    while (reader.skips(";")) {
      const parameter = reader.token();
      if (parameter === undefined) return undefined;
      const value = reader.skips("=") ? reader.value() : undefined;
      if (value === "") return undefined;
      parameters.push([parameter, value]);
    }
    extensions.push({ name, parameters });
  } while (reader.skips(","));
  return reader.isDone ? extensions : undefined;
}

/** Reads a header from left to right, without backtracking. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipWhitespace();
  }

  get isDone(): boolean {
    return this.#at === this.#text.length;
  }

  /** Skips a character and the whitespace after it, if that character is next. */
  skips(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    this.#skipWhitespace();
    return true;
  }

  /** Reads a token; returns `undefined` if there is none. */
  token(): string | undefined {
    const token = this.#match(TOKEN_AT);
    if (token === "") return undefined;
    this.#skipWhitespace();
    return token;
  }

  /** Reads a token, quoted or not, and returns it without its quotes; `""` if there is none. */
  value(): string {
    if (this.#text[this.#at] !== '"') return this.token() ?? "";
    let value = "";
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] === '"') {
        this.#at = at + 1;
        this.#skipWhitespace();
        return isToken(value) ? value : "";
      }
      if (this.#text[at] === "\\") at++;
      value += this.#text[at] ?? "";
    }
    return "";
  }

  #skipWhitespace(): void {
    this.#match(WHITESPACE_AT);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [match] = pattern.exec(this.#text) ?? [""];
    this.#at += match.length;
    return match;
  }
}
