/** What is reported of a handshake that is refused, and the report to the console. @module */

import { asksForWebSocket } from "../handshake/handshake.ts";
import { quote, type RefusalReason, type UpgradeError } from "../handshake/upgrade_error.ts";

/**
 * A handshake that a server has refused.
 *
 * @example
 * ```ts
 * import { connect, type Refusal, serve, upgrade } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const refusals: Refusal[] = [];
 * const options = { port: 0, hostname: "127.0.0.1", maxConnections: 1 };
 * await using server = await serve({
 *   ...options,
 *   onRefuse: (refusal) => refusals.push(refusal),
 * }, (request) => upgrade(request).response);
 *
 * const first = connect(server.url);
 * await new Promise((resolve) => first.onopen = resolve);
 * const second = connect(`${server.url}chat?ticket=secret`);
 * await new Promise((resolve) => second.onclose = resolve);
 * assert.deepEqual(refusals.map(({ status, reason, path }) => [status, reason, path]), [
 *   [503, "full", "/chat"],
 * ]);
 * ```
 */
export interface Refusal {
  /** Reason, by which {@linkcode Stats.refused} counts. */
  readonly reason: RefusalReason;
  /** Status of the response, for instance 403. */
  readonly status: number;
  /** Sentence that says what is wrong: the body of the response. */
  readonly message: string;
  /**
   * The `Origin` header, as the client sent it; `undefined` if there was none. A client may send
   * anything: escape it before it goes to a terminal or into a page.
   */
  readonly origin: string | undefined;
  /** Path of the request without its query, in which secrets may be. As the client sent it, too. */
  readonly path: string;
  /** IP address of the client, as `RequestInfo` has it. */
  readonly remoteAddress: string | undefined;
}

/** The part of a request that a refusal reports. */
export type RefusedRequest = Pick<Request, "method" | "url" | "headers">;

/** Returns what is reported of a refusal. */
export function refusalOf(
  { reason, status, message }: UpgradeError,
  { url, headers }: RefusedRequest,
  remoteAddress: string | undefined,
): Refusal {
  const [path] = url.replace(/^\w+:\/\/[^/?#]*/, "").split(/[?#]/, 1);
  return {
    reason,
    status,
    message,
    origin: headers.get("origin") ?? undefined,
    path: path || "/",
    remoteAddress,
  };
}

/** Maximum number of lines on the console for one reason. */
const MAX_LINES = 20;

/** Queries, and users with passwords, that a message may repeat. */
const SECRETS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\?[^\s"?]*/g, "?…"],
  [/\/\/[^\s"/@]*@/g, "//…@"],
];

/**
 * Writes refusals to the console of the developer, whose browser says nothing. Anyone can cause any number
 * of them, so each origin is named once, each other reason is given once, and there are few lines.
 */
export class RefusalConsole {
  readonly #written: Map<RefusalReason, Set<string>> = new Map();

  /** Writes a refusal, if it is news to the developer. */
  warn({ reason, status, message, origin, path }: Refusal, request: RefusedRequest): void {
    if (reason === "handler" || reason === "closing") return; // which the program does by itself
    // A page that somebody looks for where a socket is, is answered with the same sentence.
    if (!request.headers.has("sec-websocket-key") && !asksForWebSocket(request)) return;
    let written = this.#written.get(reason);
    if (written === undefined) this.#written.set(reason, written = new Set());
    if (written.size === MAX_LINES) return;
    const key = reason === "origin" ? quote(origin ?? "") : message;
    if (written.has(key)) return;
    written.add(key);
    const last = written.size === MAX_LINES ? "; no more of this kind is written" : "";
    const why = SECRETS.reduce(
      (text, [pattern, instead]) => text.replace(pattern, instead),
      message.replace(/^Cannot upgrade: /, ""),
    );
    const line = `isosocket has refused a WebSocket for ${quote(path)} with ${status}: ${why} ` +
      `(written once; the option onRefuse changes it${last})`;
    console.warn(line.replace(/[^ -~…]/g, "?"));
  }
}
