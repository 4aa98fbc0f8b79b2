/**
 * Requests to a judge of clients: parsed, refused, or answered with the page.
 *
 * @module
 */

import { isIP } from "node:net";
import { page } from "./client_page.ts";
import { type Head, lists, valueOf } from "./wire/head.ts";
import { HeadReader } from "./wire/head_reader.ts";
import type { Transport, TransportEnd, TransportEvents } from "./wire/transport.ts";

/** Milliseconds within which a connection has to send a request. */
const REQUEST_TIMEOUT = 10_000;

/** Names and addresses of the loopback interface. */
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Addresses that stand for all of the machine's addresses. */
const ANY: readonly string[] = ["0.0.0.0", "::"];

/** Response to a request that is refused. */
export interface Refusal {
  /** Status code and reason phrase: `400 Bad Request`. */
  readonly status: string;

  /** Body, for people. */
  readonly text: string;
}

/** Refusal of a request that the judge does not know. */
export const BAD_REQUEST: Refusal = { status: "400 Bad Request", text: "Bad request\n" };

/** Refusal of a page of another origin. */
const FOREIGN: Refusal = {
  status: "403 Forbidden",
  text: "This page may not be judged: open the page of the judge itself, or allow the origin\n",
};

/**
 * Returns the target of a request as a URL. Targets in absolute form are accepted, too (9112,
 * 3.2.2).
 *
 * @returns `undefined` if it is invalid: it can contain any byte but a space.
 */
export function targetOf({ line }: Head): URL | undefined {
  const [, target = ""] = line.split(" ");
  // Resolved against a base, "//[" would name another host.
  const url = target.startsWith("/") ? `ws://judge${target}` : target;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Whether a request asks for a WebSocket. */
export function asksForSocket(head: Head): boolean {
  return lists(head, "upgrade", "websocket");
}

/** Address of the judge, and the origins that it serves. */
export interface Access {
  /** Address on which the judge listens. */
  readonly host: string;

  /** Port on which the judge listens. */
  readonly port: number;

  /** Origins of pages that may be judged, besides the judge's own. */
  readonly origins: readonly string[];
}

/**
 * Checks the origin of a request: any page in a browser can reach a judge on the same machine,
 * start cases and end the run. So a page has to be the judge's own, or allowed. Clients that are
 * not browsers send no `Origin`, or the host that they connect to.
 *
 * @returns The refusal; `undefined` if the request is allowed.
 */
export function refusalOf(head: Head, { host, port, origins }: Access): Refusal | undefined {
  if (!head.headers.has("origin")) return undefined;
  const origin = valueOf(head, "origin").toLowerCase();
  if (origins.some((allowed) => allowed.toLowerCase() === origin)) return undefined;
  const authority = origin.replace(/^[a-z][a-z0-9+.-]*:\/\//, "");
  const isOwn = authority === valueOf(head, "host").toLowerCase() &&
    isOwnAuthority(authority, host, port);
  return isOwn ? undefined : FOREIGN;
}

/**
 * Whether an authority is the judge's own. Other names may point here, too: their pages are
 * foreign.
 */
function isOwnAuthority(authority: string, host: string, port: number): boolean {
  const [, name = "", number = "80"] = /^(\[[\da-f:.]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(authority) ??
    [];
  if (Number(number) !== port) return false;
  const bare = name.replace(/^\[|\]$/g, "");
  return bare === host.toLowerCase() || LOOPBACK.includes(name) ||
    (ANY.includes(host) && isIP(bare) !== 0);
}

/**
 * Reads the head of a request without consuming it.
 *
 * @returns The result of reading it, and a transport that begins with the same octets again.
 */
export function peek(
  transport: Transport,
): Promise<{ head: Head | string | undefined; again: Transport }> {
  return new Promise((resolve) => {
    const reader = new HeadReader();
    let events: TransportEvents | undefined;
    let ended: TransportEnd | undefined;
    const again: Transport = {
      ...transport,
      listen: (to) => {
        events = to;
        if (reader.octets.length > 0) events.data(reader.octets);
        if (ended !== undefined) events.end(ended);
      },
    };
    const settle = (): void => {
      clearTimeout(timer);
      resolve({ head: reader.head, again });
    };
    const timer = setTimeout(settle, REQUEST_TIMEOUT);
    transport.listen({
      data: (octets) => {
        if (events !== undefined) return events.data(octets);
        reader.push(octets);
        if (reader.head !== undefined) settle();
      },
      end: (how) => {
        ended = how;
        if (events !== undefined) events.end(how);
        else settle();
      },
    });
  });
}

/** Answers a plain HTTP request with the page, or with a 404 for other paths. */
export async function servePage(transport: Transport, path: string): Promise<void> {
  if (path === "/" || path === "/index.html") await respond(transport, "200 OK", "html", page);
  else await respond(transport, "404 Not Found", "plain", "Not found\n");
}

/** Sends a refusal. */
export async function refuse(transport: Transport, { status, text }: Refusal): Promise<void> {
  await respond(transport, status, "plain", text);
}

async function respond(
  transport: Transport,
  status: string,
  type: "html" | "plain",
  body: string,
): Promise<void> {
  const encoder = new TextEncoder();
  const response = [
    `HTTP/1.1 ${status}`,
    `Content-Type: text/${type}; charset=utf-8`,
    `Content-Length: ${encoder.encode(body).length}`,
    "Connection: close",
    "",
    body,
  ];
  transport.listen({ data: () => {}, end: () => {} });
  await transport.write(encoder.encode(response.join("\r\n")));
  transport.end();
}
