/**
 * The grammar of header values: tokens, lists and extensions (RFC 9110, 5.6; RFC 6455, 9.1).
 *
 * A peer writes these values, so each is read once from left to right: the time is in proportion to
 * the length, whatever it says.
 *
 * @module
 */

/** A token (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The same, from some index on. */
const TOKEN_AT = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/** Blanks that mean nothing (RFC 9110, 5.6.3). */
const BLANKS_AT = /[\t ]*/y;

/**
 * A host and an optional port (RFC 9110, 7.2; RFC 3986, 3.2.2). Of what the grammar allows, a comma is
 * left out, since several headers are joined by it, and so is `%`: `URL` decodes it, and others that
 * look at a host, for instance proxies, do not.
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

/** The elements of a list in a header, without the empty ones (RFC 9110, 5.6.1). */
export function listOf(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? "").split(",").map((element) => element.trim())
    .filter((element) => element !== "");
}

/** One element of `Sec-WebSocket-Extensions`. */
export interface Extension {
  /** For instance `"permessage-deflate"`. */
  readonly name: string;
  /** Names and values in turn; without a value, a parameter's is `undefined`. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/**
 * Reads a `Sec-WebSocket-Extensions` header (RFC 6455, 9.1).
 *
 * @returns The extensions, in their order; `undefined` if the header is malformed.
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

/** Reads a header from left to right, and never goes back. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#blanks();
  }

  get isDone(): boolean {
    return this.#at === this.#text.length;
  }

  /** Goes on behind a character and the blanks after it, if that character is next. */
  skips(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    this.#blanks();
    return true;
  }

  /** The token that is next; `undefined` if there is none. */
  token(): string | undefined {
    const token = this.#match(TOKEN_AT);
    if (token === "") return undefined;
    this.#blanks();
    return token;
  }

  /** A token, quoted or not, as it is without its quotes; `""` if there is none. */
  value(): string {
    if (this.#text[this.#at] !== '"') return this.token() ?? "";
    let value = "";
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] === '"') {
        this.#at = at + 1;
        this.#blanks();
        return isToken(value) ? value : "";
      }
      if (this.#text[at] === "\\") at++;
      value += this.#text[at] ?? "";
    }
    return "";
  }

  #blanks(): void {
    this.#match(BLANKS_AT);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [match] = pattern.exec(this.#text) ?? [""];
    this.#at += match.length;
    return match;
  }
}
