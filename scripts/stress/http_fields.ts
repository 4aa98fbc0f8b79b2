/** Parts of HTTP requests, right and wrong, each with its validity. @module */

import type { Random } from "./random.ts";

/**
 * Validity of a part of a request: a server must accept what is `fine`, must refuse what is `bad`, and
 * may do either with what is `open`.
 */
export type Validity = "fine" | "open" | "bad";

/** A header: complete lines, each with its line break. */
export interface Field {
  readonly lines: string;
  readonly validity: Validity;
}

/** Returns the validity of several parts together: `open`, if one of them is. */
export function together(validities: readonly Validity[]): Validity {
  return validities.includes("open") ? "open" : validities.includes("bad") ? "bad" : "fine";
}

/** Number of bytes from which on a server may refuse a head for its size. */
export const LONG = 6000;

/** Numbers of repetitions: few, enough to show exponential time, and very many. */
const REPETITIONS = [0, 0, 1, 2, 5, 34, 34, 300, 10_000];
const SEPARATORS = [",", ", ", ", ", " ,", ",\t", " , ", ",,"];
const BLANKS = ["", " ", " ", "\t", "  \t ", " ".repeat(300), " \t".repeat(2000)];

/** Returns a name in random upper and lower case. */
function inCase(name: string, random: Random): string {
  if (random.chance(0.6)) return name;
  const upper = random.chance(0.5);
  if (random.chance(0.5)) return upper ? name.toUpperCase() : name.toLowerCase();
  return [...name].map((it) => random.chance(0.5) ? it.toUpperCase() : it.toLowerCase()).join("");
}

/** Makes a header of one line. */
export function field(name: string, value: string, validity: Validity, random: Random): Field {
  const before = random.chance(0.8) ? " " : random.pick(BLANKS);
  const after = random.chance(0.9) ? "" : random.pick(BLANKS);
  const lines = `${inCase(name, random)}:${before}${value}${after}\r\n`;
  return { lines, validity: lines.length > LONG ? "open" : validity };
}

/** Makes a list: a first element, another one many times, and a last one. */
function list(
  first: string,
  between: readonly string[],
  lasts: readonly string[],
  random: Random,
): string {
  const separator = random.pick(SEPARATORS);
  const filler = random.chance(0.6) ? "" : random.pick(between);
  const middle = (separator + filler).repeat(random.pick(REPETITIONS));
  const all = `${first}${middle}${separator}${random.pick(lasts)}`;
  return all.length > 61_000 ? all.slice(-61_000) : all;
}

const DEFLATE = "permessage-deflate";

/** Makes `Sec-WebSocket-Extensions`: a list of extensions, or nearly one (RFC 6455, 9.1). */
function extensions(random: Random): Field {
  const fine = ["a", DEFLATE, `${DEFLATE}; client_max_window_bits`, 'x ; a="b"', "x;y=z", ""];
  const bad = ["@", "a;", 'a="', '"a"', "a;b=", "a b", 'a;b="', "a;b=c d", "\u00e9"];
  const isFine = random.chance(0.4);
  const first = random.pick(["a", DEFLATE, "a; b=c"]);
  const value = list(first, fine, isFine ? fine : bad, random);
  return field("Sec-WebSocket-Extensions", value, isFine ? "fine" : "bad", random);
}

/** Makes `Sec-WebSocket-Protocol`: a list of tokens, or nearly one. */
function protocols(random: Random): Field {
  const isFine = random.chance(0.4);
  const last = isFine ? ["b", "c", "chat.v1", ""] : ["a b", "a", "(", '"b"', "b;c", "\u00e9"];
  const value = list("a", [""], last, random);
  return field("Sec-WebSocket-Protocol", value, isFine ? "fine" : "bad", random);
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** Makes the key of a handshake (RFC 6455, 4.1). */
export function key(random: Random): string {
  return btoa(String.fromCharCode(...random.bytes(16)));
}

function wrongKey(random: Random): Field {
  const value = random.pick([
    "",
    "short",
    KEY.slice(0, -1),
    `${KEY}, ${KEY}`,
    `${KEY}\r\nSec-WebSocket-Key: ${KEY}`,
    "=".repeat(24),
    `"${KEY}"`,
    "A".repeat(10_000),
  ]);
  return field("Sec-WebSocket-Key", value, "bad", random);
}

function version(random: Random): Field {
  const value = random.pick(["", "8", "13, 8", "013", "13.0", "+13", "x", "1".repeat(2000)]);
  return field("Sec-WebSocket-Version", value, "bad", random);
}

function upgrade(random: Random): Field {
  const [value, validity] = random.pick(
    [
      ["WebSocket", "fine"],
      ["websocket", "fine"],
      ["WEBSOCKET", "fine"],
      ["h2c, websocket", "open"],
      ["websocket/13", "open"],
      ["websocket,".repeat(500), "open"],
      [", ".repeat(3000) + "websocket", "open"],
    ] as const,
  );
  return field("Upgrade", value, validity, random);
}

function connection(random: Random): Field {
  const isFine = random.chance(0.7);
  const value = isFine
    ? random.pick(["Upgrade", "upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade,keep-alive"])
    : list("keep-alive", ["a", "close"], ["Upgrade", "Upgrade\r\nConnection: close"], random);
  return field("Connection", value, isFine ? "fine" : "open", random);
}

/** Makes headers that the rules of a handshake do not mention, but servers read. */
function beside(random: Random): Field {
  const addresses = ["192.0.2.1", "[::1]:80", "::ffff:1.2.3.4", ":", "1", "", "256.1.1.1", "@"];
  const [name, value] = random.pick<() => readonly [string, string]>([
    () => ["X-Forwarded-For", list(random.pick(addresses), addresses, addresses, random)],
    () => ["X-Forwarded-For", `${random.pick(["1", ":", "a", "0:", "1."]).repeat(3000)}@`],
    () => ["X-Forwarded-Proto", list("https", ["http", "ws"], ["wss", "x", "https://"], random)],
    () => ["X-Forwarded-Host", list("a.example", ["b"], ["b/x?", "[::1", "c:99999"], random)],
    () => ["Cookie", `a=${"b; a=".repeat(random.pick([1, 20, 10_000]))}`],
    () => ["Accept", "*/*"],
    () => ["Cookie", "a\u00e9\u00ff=b"],
  ])();
  return field(name, value, value.includes("\u00e9") ? "open" : "fine", random);
}

/** Makes `Origin`: of the server's own pages, or another. */
function origin(random: Random): Field {
  const value = random.pick([
    "null",
    "http://evil.example",
    "http://",
    "http://[",
    "x".repeat(5000),
    "http://a, http://b",
    `http://${"a.".repeat(2000)}`,
    "http://127.0.0.1:1/x?",
  ]);
  return field("Origin", value, "bad", random);
}

/** Makes headers that are invalid in any request (RFC 9112, 5). */
function strange(random: Random): Field {
  const [lines, validity] = random.pick(
    [
      ["X-Folded: a\r\n b\r\n\tc\r\n", "open"],
      ["X-Blank : a\r\n", "open"],
      ["X-Control: a\x01b\r\n", "open"],
      ["X-Nul: a\0b\r\n", "open"],
      ["X-Return: a\rb\r\n", "open"],
      ["X-Feed: a\nb: c\r\n", "open"],
      [": a\r\n", "open"],
      ["no colon\r\n", "open"],
      [" X-First: a\r\n", "open"],
      ["\u00e9: a\r\n", "open"],
      [`X-Long: ${"a".repeat(60_000)}\r\n`, "open"],
      [`${"X".repeat(60_000)}: a\r\n`, "open"],
      ["X-Many: a\r\n".repeat(150), "open"],
      ["X-Many: a\r\n".repeat(5000), "open"],
      ["Expect: 100-continue\r\n", "open"],
      ["Expect: something\r\n", "open"],
      ["X-Bytes: \x80\xff\r\n", "open"],
      ["X-Empty:\r\n", "fine"],
    ] as const,
  );
  return { lines, validity };
}

/** Makes headers of a body for a request that must have none. */
function body(random: Random): Field {
  const [name, value, validity] = random.pick(
    [
      ["Content-Length", "0", "fine"],
      ["Content-Length", "0", "fine"],
      ["Content-Length", "5", "open"],
      ["Content-Length", "-1", "open"],
      ["Content-Length", "0, 0", "open"],
      ["Content-Length", "99999999999999999999", "open"],
      ["Transfer-Encoding", "chunked", "open"],
      ["Transfer-Encoding", "gzip, x", "open"],
    ] as const,
  );
  return field(name, value, validity, random);
}

/** Makes the headers of a handshake; returns also the kinds of their faults. */
export function handshake(random: Random): { readonly fields: Field[]; readonly kinds: string[] } {
  const kinds: string[] = [];
  const own = new Map<string, Field>([
    ["upgrade", field("Upgrade", "websocket", "fine", random)],
    ["connection", field("Connection", "Upgrade", "fine", random)],
    ["version", field("Sec-WebSocket-Version", "13", "fine", random)],
    ["key", field("Sec-WebSocket-Key", key(random), "fine", random)],
  ]);
  for (let changes = random.pick([0, 0, 0, 0, 1, 1, 1, 1, 2, 3]); changes > 0; changes--) {
    const kind = random.pick([
      "extensions",
      "extensions",
      "protocols",
      "key",
      "version",
      "upgrade",
      "connection",
      "beside",
      "beside",
      "origin",
      "body",
      "strange",
    ]);
    kinds.push(kind);
    const make = { extensions, protocols, version, upgrade, connection, beside, origin, body };
    if (kind === "key") own.set(kind, wrongKey(random));
    else if (kind === "strange") own.set(kind, strange(random));
    else own.set(kind, make[kind as keyof typeof make](random));
  }
  return { fields: inAnyOrder([...own.values()], random), kinds };
}

/** Makes the headers of a page's request, besides Host and those of the body. */
export function ofPage(random: Random): Field[] {
  const fields: Field[] = [];
  if (random.chance(0.3)) fields.push(beside(random));
  if (random.chance(0.1)) fields.push(strange(random));
  if (random.chance(0.1)) fields.push(field("Connection", "keep-alive", "fine", random));
  return fields;
}

/** Returns the same items in random order. */
export function inAnyOrder<T>(items: readonly T[], random: Random): T[] {
  return items.map((it) => [random.next(), it] as const).sort(([a], [b]) => a - b)
    .map(([, it]) => it);
}
