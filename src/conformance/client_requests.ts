/**
 * Requests to a judge that listens: what a client asks for, and whether it may.
 *
 * @module
 */

import { isIP } from "node:net";
import { page } from "./client_page.ts";
import { type Head, lists, valueOf } from "./wire/head.ts";
import { HeadReader } from "./wire/head_reader.ts";
import type { Transport, TransportEnd, TransportEvents } from "./wire/transport.ts";

/** Milliseconds that a connection may take to send a request. */
const REQUEST_TIMEOUT = 10_000;

/** Names and addresses by which a machine reaches itself. */
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Addresses that stand for all of a machine's own. */
const ANY: readonly string[] = ["0.0.0.0", "::"];

/** A response to a request that gets no WebSocket. */
export interface Refusal {
  /** Status code and reason phrase: `400 Bad Request`. */
  readonly status: string;

  /** Text for whoever reads the response. */
  readonly text: string;
}

/** Response to a request that means nothing here. */
export const BAD_REQUEST: Refusal = { status: "400 Bad Request", text: "Bad request\n" };

const FOREIGN: Refusal = {
  status: "403 Forbidden",
  text: "This page may not be judged: open the page of the judge itself, or allow the origin\n",
};

/**
 * The target of a request as a URL. Targets in absolute form are taken as well (9112, 3.2.2).
 *
 * @returns `undefined` if it is none: any byte but a blank can stand there.
 */
export function targetOf({ line }: Head): URL | undefined {
  const [, target = ""] = line.split(" ");
  // After a base, "//[" would name another host.
  const url = target.startsWith("/") ? `ws://judge${target}` : target;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Whether a request asks for a WebSocket. */
export function asksForSocket(head: Head): boolean {
  return lists(head, "upgrade", "websocket");
}

/** What decides who may ask for cases and report. */
export interface Access {
  /** Address on which the judge listens. */
  readonly host: string;

  /** Port on which the judge listens. */
  readonly port: number;

  /** Origins of pages that may be judged beside the judge's own. */
  readonly origins: readonly string[];
}

/**
 * Finds out whether a client may not ask for cases: any page that a browser shows can reach a judge
 * on its machine, start cases and end the run. So a page has to be the judge's own, or allowed.
 * Clients that are no browsers send no `Origin`, or the host that they connect to.
 *
 * @returns The refusal, or `undefined` if it may.
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

/** A name that somebody else lets point here is no name of ours: its pages are foreign. */
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

/** Answers plain HTTP with the page, or with a 404 elsewhere. */
export async function servePage(transport: Transport, path: string): Promise<void> {
  if (path === "/" || path === "/index.html") await respond(transport, "200 OK", "html", page);
  else await respond(transport, "404 Not Found", "plain", "Not found\n");
}

/** Answers with a refusal. */
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
