/** Requests of the HTTP fuzzer, and the expected answers. @module */

import { Buffer } from "node:buffer";
import {
  type Field,
  handshake,
  inAnyOrder,
  key,
  ofPage,
  together,
  type Validity,
} from "./http_fields.ts";
import { host, requestTarget } from "./http_targets.ts";
import type { Random } from "./random.ts";

/** A request, and the expected answer. */
export interface FuzzRequest {
  readonly bytes: Buffer;
  readonly method: string;
  /** Unique text, which the answer repeats. */
  readonly nonce: string;
  /** Behaviour of the server. */
  readonly manner: string;
  readonly isHandshake: boolean;
  /** Description. */
  readonly tag: string;
  /** Whether it must be answered with `statuses`, must be refused, or may be either. */
  readonly validity: Validity;
  /** Statuses of the answer, unless the request is refused. */
  readonly statuses: readonly number[];
  /** Path and query that a handler must get; `undefined` if they cannot be predicted. */
  readonly path: string | undefined;
  /** Number of bytes of the body that a handler must get; `undefined` if it cannot be predicted. */
  readonly length: number | undefined;
  /** Whether the answer may be truncated. */
  readonly mayEnd: boolean;
  /** Whether it must be the last request on its connection. */
  readonly isLast: boolean;
}

/** Parameters of a request. */
export interface RequestContext {
  readonly entry: string;
  readonly port: number;
  readonly nonce: string;
  readonly random: Random;
  readonly mayBeWrong: boolean;
}

/** Entries at which the program's own `node:http` listener answers pages. */
export const ATTACHED = ["attach", "through", "again"];

/** Statuses by behaviour: of correct pages, and of programs with bugs. */
const PLAIN: Readonly<Record<string, readonly number[]>> = {
  page: [200],
  wait: [200],
  long: [200],
  slow: [200],
  read: [200],
  fails: [200, 500],
  "fails-first": [200, 500],
};
const BUGS: Readonly<Record<string, readonly number[]>> = {
  throw: [500],
  reject: [500],
  refuse: [401],
  used: [500],
  locked: [500],
  nothing: [500],
  error: [500],
  empty: [204],
};
const SOCKETS: Readonly<Record<string, readonly number[]>> = {
  socket: [101],
  late: [101],
  pipe: [101],
  loop: [101],
  returns: [101],
};
const SOCKET_BUGS: Readonly<Record<string, readonly number[]>> = {
  caught: [101, 500],
  other: [403],
  bug: [500],
};
/** Statuses by behaviour of a Node app. */
const APP: Readonly<Record<string, readonly number[]>> = {
  throw: [500],
  reject: [500],
  destroys: [500],
  head999: [500, 999],
};

function mannersOf(
  entry: string,
  isHandshake: boolean,
): Readonly<Record<string, readonly number[]>> {
  if (entry === "crowded") return { count: [200] };
  const sockets = isHandshake ? SOCKETS : {};
  if (entry === "through") return isHandshake ? { ...PLAIN, ...APP, ...sockets } : PLAIN;
  if (!isHandshake) return ATTACHED.includes(entry) ? PLAIN : { ...PLAIN, ...BUGS };
  return { ...PLAIN, ...BUGS, ...sockets, ...SOCKET_BUGS };
}

function pickManner(
  entry: string,
  isHandshake: boolean,
  random: Random,
): [string, readonly number[]] {
  const manners = mannersOf(entry, isHandshake);
  const preferred = isHandshake ? ["socket", "late", "pipe", "loop", "long"] : ["page", "wait"];
  const known = preferred.filter((it) => it in manners);
  const manner = known.length > 0 && random.chance(isHandshake ? 0.55 : 0.4)
    ? random.pick(known)
    : random.pick(Object.keys(manners));
  return [manner, manners[manner]!];
}

interface RequestParts {
  readonly context: RequestContext;
  readonly method: string;
  readonly manner: string;
  readonly statuses: readonly number[];
  readonly fields: readonly Field[];
  readonly kinds: readonly string[];
  readonly isHandshake: boolean;
  readonly body?: Body;
}

function assemble(parts: RequestParts): FuzzRequest {
  const { context, method, manner, statuses, fields, kinds, isHandshake, body } = parts;
  const { entry, port, nonce, random, mayBeWrong } = context;
  const to = requestTarget(manner, random, mayBeWrong ? 0.08 : 0);
  const named = host(port, random, mayBeWrong ? 0.12 : 0);
  const version = mayBeWrong && random.chance(0.04)
    ? random.pick([
      "HTTP/1.0",
      "HTTP/1.0",
      "HTTP/2.0",
      "HTTP/1.2",
      "HTTP/9.9",
      "http/1.1",
      "HTTP/1",
      "x",
    ])
    : "HTTP/1.1";
  const isUpgraded = isHandshake && (manner in SOCKETS || manner in SOCKET_BUGS);
  const isUnnamed = /:[ \t]*\r/.test(named.lines);
  const validities: Validity[] = [
    to.validity,
    // A handshake must name a host (RFC 6455, 4.1); whether an empty one is valid is open.
    isUnnamed && isHandshake ? "open" : named.validity,
    version === "HTTP/1.1" ? "fine" : "open",
    // Faults of a handshake do not matter to a handler that does not upgrade.
    ...fields.map(({ validity }) => isUpgraded || validity === "open" ? validity : "fine"),
    body?.validity ?? "fine",
  ];
  let validity = together(validities);
  const isTheirs = ATTACHED.includes(entry) && !isHandshake;
  if (isTheirs && validity === "bad") validity = "open";
  const lines = inAnyOrder([
    named.lines,
    `X-Nonce: ${nonce}\r\n`,
    ...fields.map((it) => it.lines),
    ...(body === undefined ? [] : [body.lines]),
  ], random);
  const lead = mayBeWrong && random.chance(0.02)
    ? random.pick(["\r\n", "\r\n\r\n", "\n", " "])
    : "";
  const head = `${lead}${method} ${to.text} ${version}\r\n${lines.join("")}\r\n`;
  const tags = [
    ...kinds,
    ...(to.validity === "fine" ? [] : ["target"]),
    ...(named.validity === "fine" ? [] : ["host"]),
    ...(isUnnamed ? ["empty host"] : []),
    ...(version === "HTTP/1.1" ? [] : ["version"]),
    ...(body === undefined ? [] : [body.kind]),
  ];
  const shown = method.length > 10 ? "LONG" : method;
  const isRefused = validity !== "fine" || lead !== "";
  return {
    bytes: Buffer.concat([Buffer.from(head, "latin1"), body?.bytes ?? Buffer.alloc(0)]),
    method,
    nonce,
    manner,
    isHandshake,
    tag: `${isHandshake ? "handshake" : shown} ${manner}${
      tags.length > 0 ? `(${tags.join(" ")})` : ""
    }`,
    validity: lead === "" ? validity : "open",
    statuses,
    // If the target selects another behaviour, the answer need not be that of `manner`.
    path: to.path,
    length: manner === "read" && validity === "fine" ? body?.length ?? 0 : undefined,
    mayEnd: manner.startsWith("fails") || manner === "head999" || manner === "destroys",
    isLast: isRefused || isHandshake || manner.startsWith("fails"),
  };
}

interface Body {
  readonly kind: string;
  readonly lines: string;
  readonly bytes: Buffer;
  readonly validity: Validity;
  readonly length: number;
}

/** Makes a body that looks like a request. */
function content(random: Random): Buffer {
  const hidden = "GET /page HTTP/1.1\r\nHost: hidden\r\nX-Nonce: hidden\r\n\r\n";
  return Buffer.from(hidden.repeat(random.pick([0, 1, 1, 3, 2000])));
}

function chunked(bytes: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(bytes.length));
    const extension = random.chance(0.1) ? random.pick([";a=b", ';a="b"', ";a"]) : "";
    const size = (end - at).toString(16);
    parts.push(Buffer.from(`${random.chance(0.5) ? size : size.toUpperCase()}${extension}\r\n`));
    parts.push(bytes.subarray(at, end), Buffer.from("\r\n"));
    at = end;
  }
  const trailer = random.chance(0.2) ? "X-Trailer: a\r\n" : "";
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

function bodyOf(random: Random, mayBeWrong: boolean): Body {
  const bytes = content(random);
  const { length } = bytes;
  if (!mayBeWrong || random.chance(0.6)) {
    if (random.chance(0.5)) {
      const lines = `Content-Length: ${length}\r\n`;
      return { kind: "length", lines, bytes, validity: "fine", length };
    }
    const lines = "Transfer-Encoding: chunked\r\n";
    return { kind: "chunks", lines, bytes: chunked(bytes, random), validity: "fine", length };
  }
  const text = "a".repeat(random.pick([1, 5, 70_000]));
  const size = text.length;
  const [lines, sent] = random.pick(
    [
      [`Content-Length: ${size + 5}\r\n`, text],
      [`Content-Length: ${size}\r\nContent-Length: ${size + 1}\r\n`, text],
      [`Content-Length: +${size}\r\n`, text],
      ["Content-Length: -1\r\n", text],
      ["Content-Length: 1e9\r\n", text],
      ["Content-Length: 18446744073709551617\r\n", text],
      [`Content-Length: ${size}, ${size}\r\n`, text],
      [`Content-Length: ${size}\r\nTransfer-Encoding: chunked\r\n`, `1\r\na\r\n0\r\n\r\n`],
      ["Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"],
      ["Transfer-Encoding: x\r\n", text],
      ["Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n"],
      ["Transfer-Encoding: chunked\r\n", "7fffffff\r\na"],
      ["Transfer-Encoding: chunked\r\n", "-1\r\na\r\n0\r\n\r\n"],
      ["Transfer-Encoding: chunked\r\n", "0x1\r\na\r\n0\r\n\r\n"],
      ["Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n"],
      ["Transfer-Encoding: chunked\r\n", "1\na\n0\n\n"],
      ["Transfer-Encoding: chunked\r\n", `1;${"a".repeat(60_000)}\r\na\r\n0\r\n\r\n`],
      ["Transfer-Encoding: chunked\r\n", `${"1\r\na\r\n".repeat(10_000)}0\r\n\r\n`],
      ["Transfer-Encoding: chunked\r\n", `0\r\n${"X-Trailer: a\r\n".repeat(5000)}\r\n`],
    ] as const,
  );
  const bytesSent = Buffer.from(sent);
  return { kind: "wrong body", lines, bytes: bytesSent, validity: "open", length: 0 };
}

/** Makes an ordinary request. */
export function pageRequest(context: RequestContext): FuzzRequest {
  const { entry, random, mayBeWrong } = context;
  const [manner, statuses] = pickManner(entry, false, random);
  const usual = manner === "read"
    ? ["POST", "PUT"]
    : ["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "DELETE"];
  const odd = ["TRACE", "CONNECT", "get", "G@T", "PRI", "X".repeat(3000)];
  const isKnown = !mayBeWrong || random.chance(0.9);
  const method = random.pick(isKnown ? usual : odd);
  const fields = mayBeWrong ? ofPage(random) : [];
  const body = method === "POST" || method === "PUT" ? bodyOf(random, mayBeWrong) : undefined;
  const unknown: Field[] = isKnown ? [] : [{ lines: "", validity: "open" }];
  return assemble({
    context,
    method,
    manner,
    statuses,
    fields: [...fields, ...unknown],
    kinds: isKnown ? [] : ["method"],
    isHandshake: false,
    ...(body && { body }),
  });
}

/** Makes a handshake, mostly valid. */
export function fuzzedHandshake(context: RequestContext): FuzzRequest {
  const { entry, random } = context;
  const [manner, statuses] = pickManner(entry, true, random);
  if (entry === "crowded") {
    const fields: Field[] = [{
      lines: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Key: ${key(random)}\r\n`,
      validity: "fine",
    }];
    const whole = { ...context, mayBeWrong: false };
    return assemble({
      context: whole,
      method: "GET",
      manner,
      statuses,
      fields,
      kinds: [],
      isHandshake: true,
    });
  }
  const { fields, kinds } = handshake(random);
  const method = random.chance(0.03) ? random.pick(["POST", "HEAD", "PUT"]) : "GET";
  const odd: Field[] = method === "GET" ? [] : [{ lines: "", validity: "open" }];
  return assemble({
    context,
    method,
    manner,
    statuses,
    fields: [...fields, ...odd],
    kinds: method === "GET" ? kinds : [...kinds, "method"],
    isHandshake: true,
  });
}

/** Makes a request that offers another protocol, as some clients do in every request (RFC 9110, 7.8). */
export function h2cRequest(context: RequestContext): FuzzRequest {
  const { entry, random } = context;
  const [some, statuses] = pickManner(entry, false, random);
  const isPost = random.chance(0.7);
  const manner = isPost ? "read" : some;
  const offered = random.pick(["h2c", "h2c", "foo", "TLS/1.0, HTTP/2.0", "h2c, foo"]);
  const fields: Field[] = [{
    lines: `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${offered}\r\n` +
      "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n",
    validity: "fine",
  }];
  const body = isPost ? bodyOf(random, false) : undefined;
  return assemble({
    context: { ...context, mayBeWrong: false },
    method: isPost ? "POST" : "GET",
    manner,
    statuses: isPost ? [200] : statuses,
    fields,
    kinds: ["h2c"],
    isHandshake: false,
    ...(body && { body }),
  });
}
