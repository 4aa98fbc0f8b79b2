/** The error of a handshake that is refused, and the text that it may repeat. @module */

import { checkNumber } from "../core/checks.ts";
import { checkHeaderValue } from "./added_headers.ts";

/** Maximum number of characters of a peer's text that an answer repeats. */
const MAX_QUOTE = 200;

/**
 * Reason why a handshake was refused:
 *
 * - `"handshake"`: it is malformed.
 * - `"origin"`: its origin is not allowed.
 * - `"full"`: the server has no capacity for it.
 * - `"closing"`: the server is closing.
 * - `"handler"`: the handler refused it.
 * - `"timeout"`: the handler took longer than `upgradeTimeout`.
 */
export type RefusalReason = "handshake" | "origin" | "full" | "closing" | "handler" | "timeout";

/**
 * Error of a request that cannot become a WebSocket. Its {@linkcode UpgradeError.response} is the
 * answer, which `serve()` sends by itself.
 *
 * It is not used for failures of an accepted socket: those are `error` events.
 *
 * @example
 * ```ts
 * import { UpgradeError } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * const error = new UpgradeError("Cannot upgrade: the method is POST", 405, { allow: "GET" });
 * assert.equal(error.response.status, 405);
 * ```
 */
export class UpgradeError extends Error {
  /** Status of the response: 400, 403, 405, 426 or 503, or the one that a handler has chosen. */
  readonly status: number;
  /** Further headers of the response. Express, Fastify and h3 read them from this property. */
  readonly headers: Readonly<Record<string, string>>;
  /** Reason of the refusal, by which {@linkcode Stats.refused} counts. */
  readonly reason: RefusalReason;

  /**
   * Creates an error.
   *
   * @param message What is wrong with the request; the body of the response.
   * @param status Status of the response: 400 to 599.
   * @param headers Further headers of the response.
   * @param reason Reason of the refusal.
   * @throws {RangeError} If the status is out of range.
   * @throws {TypeError} If a header is not allowed in HTTP, or its value is not ASCII.
   */
  constructor(
    message: string,
    status: number,
    headers: Record<string, string> = {},
    reason: RefusalReason = "handler",
  ) {
    super(message);
    this.name = "UpgradeError";
    checkNumber("refuse with status", status);
    if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw new RangeError(`Cannot refuse with status ${status}: it must be between 400 and 599`);
    }
    for (const [name, value] of new Headers(headers)) checkHeaderValue(name, value);
    this.status = status;
    this.headers = { ...headers };
    this.reason = reason;
    if (reason === "handler") return;
    // Express sends and logs the stack of an error, and a client that only looks has caused this one.
    Object.defineProperty(this, "stack", {
      value: `${this.name}: ${message}`,
      configurable: true,
      writable: true,
    });
  }

  /** A new response with the message as its body, for a handler that catches this error. */
  get response(): Response {
    const headers = new Headers(this.headers);
    if (!headers.has("content-type")) headers.set("content-type", "text/plain; charset=utf-8");
    return new Response(`${this.message}\n`, { status: this.status, headers });
  }

  /** Returns {@linkcode UpgradeError.response}, under the name that Hono calls. */
  getResponse(): Response {
    return this.response;
  }
}

/**
 * Reports whether a thrown value is an `UpgradeError`. A proxy may throw when its class is asked
 * for.
 */
export function isUpgradeError(error: unknown): error is UpgradeError {
  try {
    return error instanceof UpgradeError;
  } catch {
    return false;
  }
}

/** Quotes a peer's text for an answer: cut off, with control characters and non-ASCII escaped. */
export function quote(text: string): string {
  const cut = text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}...` : text;
  return JSON.stringify(cut).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
