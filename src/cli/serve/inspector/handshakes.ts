/**
 * Opening handshakes as the server sees them. A browser does not show a page the headers of its own
 * handshakes: the page fetches them from here, by the `trace` in the URL of its socket.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";

/** One of the two messages of a handshake. */
export interface HttpMessage {
  /** The first line. */
  readonly line: string;
  /** Names and values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, as text. */
  readonly body?: string;
}

/** Request and response of a handshake. */
export interface Handshake {
  /** The client's request. */
  readonly request: HttpMessage;
  /** The server's answer: 101, or a refusal. */
  readonly response: HttpMessage;
}

/** Maximum number of handshakes kept. */
const KEPT = 64;

/** Maximum length of a trace. */
const MAX_TRACE = 64;

/** Appended to the key of each handshake (RFC 6455, 1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Headers whose values are not shown: the cookies may belong to other servers on this host. */
const SECRET: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

/** Returns the `Sec-WebSocket-Accept` for a key (RFC 6455, 4.2.2). */
export async function acceptFor(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + GUID));
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

/** Returns the name of a header as RFC 6455 writes it: runtimes have it in lower case. */
function title(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
    .replace("Websocket", "WebSocket");
}

/** Keeps the last handshakes whose URL has a trace. */
export class Handshakes {
  readonly #seen = new Map<string, Handshake>();

  /**
   * Keeps a handshake, if its URL has a trace.
   *
   * @param request The request, before the runtime invalidates it.
   * @param httpVersion The version of HTTP; `undefined` if the runtime does not report it.
   * @param answer The negotiated subprotocol, or the refusal.
   */
  async note(
    request: Request,
    httpVersion: string | undefined,
    answer: string | Response,
  ): Promise<void> {
    const { pathname, search, searchParams } = new URL(request.url);
    const trace = searchParams.get("trace");
    if (trace === null || trace.length > MAX_TRACE) return;
    const headers = [...request.headers].map(([name, value]) =>
      [title(name), SECRET.has(name) ? "(not shown)" : value] as const
    );
    const line = `${request.method} ${pathname}${search} HTTP/${httpVersion ?? "1.1"}`;
    const response = typeof answer === "string"
      ? await agreed(request.headers.get("sec-websocket-key") ?? "", answer)
      : await refused(answer);
    this.#seen.set(trace, { request: { line, headers }, response });
    if (this.#seen.size > KEPT) this.#seen.delete(this.#seen.keys().next().value!);
  }

  /** Returns the handshake of a trace; `undefined` if it is unknown. */
  get(trace: string): Handshake | undefined {
    return this.#seen.get(trace);
  }
}

/** Returns the answer that RFC 6455, 4.2.2 requires. The runtime may add `Date` and the like. */
async function agreed(key: string, protocol: string): Promise<HttpMessage> {
  const headers: [string, string][] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", await acceptFor(key)],
  ];
  if (protocol !== "") headers.push(["Sec-WebSocket-Protocol", protocol]);
  return { line: "HTTP/1.1 101 Switching Protocols", headers };
}

async function refused(response: Response): Promise<HttpMessage> {
  const { status } = response;
  return {
    line: `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd(),
    headers: [...response.headers].map(([name, value]) => [title(name), value] as const),
    body: await response.text(),
  };
}
