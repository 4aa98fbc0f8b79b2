/**
 * The opening handshake of both sides: requests and responses written as cases want them, and
 * checks of the peer's.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { parseExtensions } from "./extensions.ts";
import { bytesOf, type Item, type Payload } from "./frame.ts";
import { type Head, lists, valueOf } from "./head.ts";

/**
 * Changes to the headers of a correct head. A string replaces a value, `null` removes the header, a
 * list writes it once per entry. Names are written in the case given here.
 */
export type Headers = Readonly<Record<string, string | null | readonly string[]>>;

/**
 * Differences of a request from a correct one. In `target`, `headers` and `raw`, the placeholders
 * `{target}`, `{host}` and `{key}` are replaced by the values of a correct request.
 */
export interface RequestSpec {
  /** Method. Default: GET. */
  readonly method?: string;

  /** Request target. Default: `{target}`, the path and query of the address. */
  readonly target?: string;

  /** Version of HTTP. Default: `HTTP/1.1`. */
  readonly version?: string;

  /** Changes to the headers. */
  readonly headers?: Headers;

  /** Octets behind the head. */
  readonly body?: Payload;

  /** The whole request as it goes on the wire, instead of everything above. */
  readonly raw?: Payload;

  /** Line end of the head. Default: CR LF. */
  readonly eol?: string;

  /** Frames in the same packet, before any response. */
  readonly early?: readonly Item[];

  /** Number of octets to write at a time. Default: all. */
  readonly chop?: number;

  /** Offsets at which the octets are cut and flushed, counted from the end where negative. */
  readonly cuts?: readonly number[];

  /** Milliseconds between those writes. Default: none. */
  readonly every?: number;
}

/**
 * Differences of a response from a correct 101. In `headers` and `raw`, the placeholder `{accept}`
 * is replaced by the Sec-WebSocket-Accept for the client's key.
 */
export interface ResponseSpec {
  /** Status code. Default: 101. */
  readonly status?: number;

  /** Reason phrase. Default: that of the status. */
  readonly phrase?: string;

  /** Version of HTTP. Default: `HTTP/1.1`. */
  readonly version?: string;

  /** Changes to the headers. */
  readonly headers?: Headers;

  /** Octets behind the head. */
  readonly body?: Payload;

  /** The whole response as it goes on the wire, instead of everything above. */
  readonly raw?: Payload;

  /** Line end of the head. Default: CR LF. */
  readonly eol?: string;

  /** Frames in the same packet. */
  readonly early?: readonly Item[];

  /** Number of octets to write at a time. Default: all. */
  readonly chop?: number;

  /** Offsets at which the octets are cut and flushed, counted from the end where negative. */
  readonly cuts?: readonly number[];

  /** Milliseconds between those writes. Default: none. */
  readonly every?: number;
}

/** A requirement on the client's request (4.1). */
export type RequestRule =
  | "method" // GET
  | "version" // HTTP/1.1
  | "target" // a path, not empty, no fragment
  | "host" // Host, once
  | "upgrade" // Upgrade contains websocket
  | "connection" // Connection contains Upgrade
  | "key" // 16 bytes in base64, once
  | "fresh-key" // not the key of this client's other connections
  | "version-13" // Sec-WebSocket-Version: 13, once
  | "protocols" // tokens, none twice
  | "extensions"; // well-formed

/** Returns the key of a case: always the same, so that a report replays byte for byte. */
export function keyFor(id: string): string {
  return createHash("sha1").update(id).digest().subarray(0, 16).toString("base64");
}

/** Returns the Sec-WebSocket-Accept for a key (4.2.2). */
export function acceptFor(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Returns the fields of a head with the changes of a case, in order. */
export function changedFields(
  base: readonly (readonly [string, string])[],
  changes: Headers,
): [name: string, value: string][] {
  const left = new Map(Object.entries(changes));
  const fields: [string, string][] = [];
  const put = (name: string, value: string | null | readonly string[]): void => {
    for (const one of value === null ? [] : typeof value === "string" ? [value] : value) {
      fields.push([name, one]);
    }
  };
  for (const [name, value] of base) {
    const change = [...left.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
    if (change === undefined) {
      put(name, value);
    } else {
      put(change, left.get(change)!);
      left.delete(change);
    }
  }
  for (const [name, value] of left) put(name, value);
  return fields;
}

function joinHead(
  line: string,
  base: readonly (readonly [string, string])[],
  changes: Headers,
  eol: string,
): string {
  const fields = changedFields(base, changes).map(([name, value]) => `${name}: ${value}`);
  return [line, ...fields, "", ""].join(eol);
}

/** Replaces placeholders: see {@linkcode RequestSpec} and {@linkcode ResponseSpec}. */
function fillIn(text: string, known: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole);
}

function withBody(
  head: string,
  spec: RequestSpec | ResponseSpec,
  known: Readonly<Record<string, string>>,
): Uint8Array {
  if (spec.raw !== undefined && typeof spec.raw !== "string") return bytesOf(spec.raw);
  const text = fillIn(spec.raw ?? head, known);
  const start = Uint8Array.from(text, (character) => character.charCodeAt(0));
  if (spec.raw !== undefined) return start;
  const body = bytesOf(spec.body ?? "");
  const octets = new Uint8Array(start.length + body.length);
  octets.set(start);
  octets.set(body, start.length);
  return octets;
}

/** Values of a correct request. */
export interface RequestValues {
  /** Host header. */
  readonly host: string;

  /** Request target: path and query. */
  readonly target: string;

  /** Sec-WebSocket-Key header. */
  readonly key: string;

  /** Sec-WebSocket-Extensions header; "" for none. */
  readonly offer: string;

  /** Changes to the headers, for all requests of a run. */
  readonly headers: Headers;
}

/** Writes a request, correct except for the changes of a case. */
export function writeRequest(spec: RequestSpec, values: RequestValues): Uint8Array {
  const line = `${spec.method ?? "GET"} ${spec.target ?? values.target} ${
    spec.version ?? "HTTP/1.1"
  }`;
  const base: [string, string][] = [
    ["Host", values.host],
    ["User-Agent", "isosocket-judge"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", values.key],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (values.offer) base.push(["Sec-WebSocket-Extensions", values.offer]);
  const changes = { ...values.headers, ...spec.headers };
  const { host, target, key } = values;
  const known = { host, target, key };
  const head = joinHead(line, base, changes, spec.eol ?? "\r\n");
  if (typeof spec.raw !== "string") return withBody(head, spec, known);
  return withBody(head, { ...spec, raw: withFields(spec.raw, values.headers) }, known);
}

/** Adds the headers of all requests to a request that is written out, behind its first line. */
function withFields(raw: string, headers: Headers): string {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\r\n`)
  );
  return raw.replace(/^(?:\r\n)?[^\r\n]+\r\n(?=[^\r\n])/, (line) => line + fields.join(""));
}

const PHRASES: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  301: "Moved Permanently",
  302: "Found",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  426: "Upgrade Required",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Writes a response: a correct 101, except for the changes of a case. */
export function writeResponse(spec: ResponseSpec, request: Head, extensions: string): Uint8Array {
  const status = spec.status ?? 101;
  const phrase = spec.phrase ?? PHRASES[status] ?? "Unknown";
  const accept = acceptFor(valueOf(request, "sec-websocket-key"));
  const base: [string, string][] = status === 101
    ? [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", accept],
    ]
    : [["Content-Length", `${bytesOf(spec.body ?? "").length}`], ["Connection", "close"]];
  if (extensions) base.push(["Sec-WebSocket-Extensions", extensions]);
  const line = `${spec.version ?? "HTTP/1.1"} ${status} ${phrase}`;
  const head = joinHead(line, base, spec.headers ?? {}, spec.eol ?? "\r\n");
  return withBody(head, spec, { accept });
}

/** Returns what is wrong with a 101, as sentences; empty if it is correct (4.1). */
export function flawsOf101(head: Head, key: string, offered: readonly string[]): string[] {
  const flaws: string[] = [];
  if (!lists(head, "upgrade", "websocket")) {
    flaws.push(`Upgrade is ${JSON.stringify(valueOf(head, "upgrade"))}, not websocket`);
  }
  if (!lists(head, "connection", "upgrade")) {
    flaws.push(`Connection is ${JSON.stringify(valueOf(head, "connection"))}, without Upgrade`);
  }
  const accept = valueOf(head, "sec-websocket-accept");
  if (accept !== acceptFor(key)) {
    flaws.push(`Sec-WebSocket-Accept is ${JSON.stringify(accept)}, not ${acceptFor(key)}`);
  }
  const protocols = head.headers.get("sec-websocket-protocol") ?? [];
  if (protocols.length > 1 || (protocols.length === 1 && !offered.includes(protocols[0]!))) {
    flaws.push(`Subprotocol ${JSON.stringify(protocols.join(", "))} was not offered`);
  }
  return flaws;
}

const TOKENS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(\s*,\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** The checks of a client's request (4.1): each returns a complaint, or "" if the rule is kept. */
export const requestRules: Readonly<
  Record<RequestRule, (head: Head, usedKeys: ReadonlySet<string>) => string>
> = {
  method: ({ line }) => line.startsWith("GET ") ? "" : `The method is not GET: ${line}`,
  version: ({ line }) => {
    const minor = / HTTP\/1\.(\d)$/.exec(line)?.[1];
    return minor !== undefined && Number(minor) >= 1 ? "" : `It is not HTTP/1.1: ${line}`;
  },
  target: ({ line }) =>
    /^\S+ (\/|https?:\/\/)[^\s#]* /.test(line) ? "" : `The request target is wrong: ${line}`,
  host: (head) => once(head, "host", /\S/),
  upgrade: (head) => lists(head, "upgrade", "websocket") ? "" : "Upgrade lacks websocket",
  connection: (head) => lists(head, "connection", "upgrade") ? "" : "Connection lacks Upgrade",
  key: (head) => once(head, "sec-websocket-key", KEY),
  "fresh-key": (head, usedKeys) => {
    const key = valueOf(head, "sec-websocket-key");
    return usedKeys.has(key) ? `Key ${key} was used before` : "";
  },
  "version-13": (head) => once(head, "sec-websocket-version", /^13$/),
  protocols: (head) => {
    const value = valueOf(head, "sec-websocket-protocol");
    if (value === "") return head.headers.has("sec-websocket-protocol") ? "It is empty" : "";
    const names = value.split(",").map((name) => name.trim());
    if (!TOKENS.test(value)) return `Subprotocols are not tokens: ${value}`;
    return new Set(names).size === names.length ? "" : `Subprotocol offered twice: ${value}`;
  },
  extensions: (head) => {
    const value = valueOf(head, "sec-websocket-extensions");
    const absent = !head.headers.has("sec-websocket-extensions");
    return absent || parseExtensions(value) ? "" : `Extensions are malformed: ${value}`;
  },
};

function once(head: Head, name: string, pattern: RegExp): string {
  const values = head.headers.get(name) ?? [];
  if (values.length !== 1) return `${name} came ${values.length} times`;
  return pattern.test(values[0]!) ? "" : `${name} is ${JSON.stringify(values[0])}`;
}
