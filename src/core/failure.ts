/** Causes of failed connections, as far as runtimes report them. @module */

/**
 * Cause of a connection that was not established, as the runtime reports it: the `cause` of the
 * `error` of an `error` event. `message` is the runtime's own text. There may be no cause: a browser
 * reports nothing to a page, which could explore a network otherwise, and Node's own `WebSocket` hardly
 * reports more. The properties are set as far as they are known: all of them with the engine `tcp`,
 * which Deno and Node take by default, `status` and `code` on Bun.
 *
 * @example
 * ```ts
 * import { connect, type ConnectFailure, serve } from "@isosocket/isosocket";
 * import assert from "node:assert/strict";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, () => {
 *   return new Response("Who are you?", { status: 401 });
 * });
 *
 * const socket = connect(server.url, { engine: "tcp" });
 * const { cause } = await socket.opened.catch((error) => error);
 * const { status, body } = cause as ConnectFailure;
 * assert.deepEqual([status, body], [401, "Who are you?"]);
 * ```
 */
export interface ConnectFailure extends Error {
  /** Status of the response that refused the handshake, for instance 401. */
  readonly status?: number;
  /** Text behind that status, for instance `"Unauthorized"`; it may be empty. */
  readonly statusText?: string;
  /** Headers of that response. */
  readonly headers?: Headers;
  /** Body of that response as text, as far as it came in a second: 4 KiB of it at most. */
  readonly body?: string;
  /** Error code of the system or of TLS: `"ECONNREFUSED"`, `"DEPTH_ZERO_SELF_SIGNED_CERT"`. */
  readonly code?: string;
  /** Time before the next attempt that the server requests (`Retry-After`), in milliseconds. */
  readonly retryAfter?: number;
}

/**
 * The status where a `WebSocket` reports it, Deno's, Bun's, or a program's own, as that of the package
 * `ws`: at the end of a sentence.
 */
const STATUS = /(?:status code|server response): ([2-5]\d\d)$/;

/** Makes a {@linkcode ConnectFailure} of the error of a runtime, whose message is kept. */
export function failureOf(error: Error & { code?: unknown }): ConnectFailure {
  const failure = typeof error.code === "number" ? new Error(error.message) : error; // a DOMException
  const status = STATUS.exec(failure.message)?.[1];
  return status === undefined
    ? failure as ConnectFailure
    : Object.assign(failure, { status: +status });
}

/** Makes a `DOMException` with a cause, if there is one. */
export function exception(message: string, name: string, cause?: unknown): DOMException {
  const error = new DOMException(message, name);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
  return error;
}

/** Makes the error of a failed connection: the same on all runtimes, whose own error is the cause. */
export function notEstablished(cause: unknown): Error {
  const message = "The connection was not established";
  if (cause === undefined) return new Error(message);
  return new Error(cause instanceof Error ? `${message}: ${cause.message}` : message, { cause });
}
