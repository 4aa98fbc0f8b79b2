/** Targets and hosts of HTTP requests, valid and invalid. @module */

import { type Field, field, type Validity } from "./http_fields.ts";
import type { Random } from "./random.ts";

/** A request target, and the path that a handler must get. */
export interface RequestTarget {
  readonly text: string;
  readonly validity: Validity;
  /** Path and query of the target by the URL standard; `undefined` if it has none. */
  readonly path: string | undefined;
}

/** Returns a valid host. */
function plainHost(port: number, random: Random): string {
  return random.pick([`127.0.0.1:${port}`, "localhost", "a.example:80", "[::1]:8080", "A.example"]);
}

/** Makes `Host`, mostly valid (RFC 9112, 3.2). */
export function host(port: number, random: Random, wrong = 0.1): Field {
  if (!random.chance(wrong)) return field("Host", plainHost(port, random), "fine", random);
  const bad = [
    "x/hosts?",
    "x/hosts#",
    "x/hosts",
    "x?",
    "x#",
    "/hosts?",
    "x\\hosts?",
    "u@x",
    "u:p@x/hosts?",
    "a b",
    "a,b",
    "[::1",
    "[x]",
    "x:y",
    "x:80:80",
    "http://x/hosts?",
    "a\r\nHost: b",
    "a\r\nHost: a",
  ];
  const open = [
    "x:99999",
    "\u00e9",
    "%41",
    "%2f",
    "x".repeat(60_000),
    "a\x01",
    "x:",
    "*",
    "..",
    "|",
  ];
  const [value, validity] = random.pick([
    () => [random.pick(bad), "bad"] as const,
    () => [random.pick(bad), "bad"] as const,
    () => [random.pick(open), "open"] as const,
    () => ["", "fine"] as const,
  ])();
  return field("Host", value, validity, random);
}

function pathOf(text: string): string | undefined {
  if (!URL.canParse(`http://h${text}`)) return undefined;
  const { pathname, search } = new URL(`http://h${text}`);
  return pathname + search;
}

/**
 * Makes a request target (RFC 9112, 3.2).
 *
 * @param manner First segment of the path, which selects the server's behaviour.
 */
export function requestTarget(manner: string, random: Random, wrong = 0.1): RequestTarget {
  const plain = `/${manner}${random.pick(["", "/", "/a/b", "?x=1", "/%20?%00", "/admin"])}`;
  if (!random.chance(wrong)) return { text: plain, validity: "fine", path: pathOf(plain) };
  const kind = random.pick(["absolute", "absolute", "odd", "odd", "none"]);
  if (kind === "absolute") {
    const [before, validity] = random.pick(
      [
        ["http://other.example", "fine"],
        ["HTTP://other.example:8080", "fine"],
        ["http://[::1]:80", "fine"],
        ["https://other.example", "open"],
        ["ws://other.example", "open"],
        ["http://", "open"],
        ["http://u:p@other.example", "open"],
        ["http://a b", "open"],
        ["http://x?", "open"],
        ["http:", "open"],
        ["ftp://other.example", "open"],
        ["http://\\", "open"],
      ] as const,
    );
    const text = `${before}${plain}`;
    return { text, validity, path: validity === "fine" ? pathOf(plain) : undefined };
  }
  const text = kind === "none"
    ? random.pick(["*", "h:80", "a", "", "?", "#", ":80", "//", "a b", "@", "*/", "%2f"])
    : random.pick([
      "//[",
      "//h/admin",
      "/\\",
      "/\\h/admin",
      "///",
      `/${manner}/%00`,
      `/${manner}/%`,
      `/${manner}/../../a`,
      `/${manner}/%2e%2e/a`,
      `/${manner}/\u00e9`,
      `/${manner}/\xff`,
      `/${manner}#f`,
      `/${manner}?#`,
      `/${manner}/ a`,
      `/${manner}/"<>\\^\`{|}`,
      `/${manner}/\x7f`,
      `/${manner}/${"a/".repeat(1500)}`,
      `/${manner}/${"a".repeat(60_000)}`,
    ]);
  const path = text.startsWith("/") && /^[!-~]*$/.test(text) ? pathOf(text) : undefined;
  return { text, validity: "open", path };
}
