/** Why connections fail, as far as runtimes tell. @module */

/**
 * What the runtime tells of a connection that was not established: the `cause` of the `error` of an
 * `error` event. `message` has the runtime's own words. A browser tells a page nothing, lest it look
 * around in somebody's network, and Node's own `WebSocket` hardly knows more: then there may be no
 * cause. The members are there as far as they are known: all with the engine `ws`, `status` and `code`
 * on Bun, `status` on Deno, but not over TLS.
 *
 * @example
 * ```ts
 * import { connect, type ConnectFailure, serve } from "@isosocket/isosocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ port: 0, hostname: "127.0.0.1" }, () => {
 *   return new Response("Who are you?", { status: 401 });
 * });
 *
 * const socket = connect(server.url, { engine: "ws" });
 * const { error } = await new Promise<ErrorEvent>((resolve) => {
 *   socket.addEventListener("error", resolve as EventListener);
 * });
 * assertEquals((error.cause as ConnectFailure).status, 401);
 * ```
 */
export interface ConnectFailure extends Error {
  /** The status of the answer that refused the handshake, for instance 401. */
  readonly status?: number;
  /** What the system or TLS calls it: `"ECONNREFUSED"`, `"DEPTH_ZERO_SELF_SIGNED_CERT"`. */
  readonly code?: string;
  /** How long the server asks to be left alone (`Retry-After`), in milliseconds. */
  readonly retryAfter?: number;
}

/** A status where Deno, Bun and `ws` tell it: at the end of a sentence. */
const STATUS = /(?:status code|server response): ([2-5]\d\d)$/;

/** Makes it out of what a runtime says, which keeps its own words. */
export function failureOf(error: Error & { code?: unknown }): ConnectFailure {
  const told = typeof error.code === "number" ? new Error(error.message) : error; // a DOMException
  const status = STATUS.exec(told.message)?.[1];
  return status === undefined ? told as ConnectFailure : Object.assign(told, { status: +status });
}

/** An error of the platform's that has a cause, if there is one. */
export function exception(message: string, name: string, cause?: unknown): DOMException {
  const error = new DOMException(message, name);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
  return error;
}

/** A connection that did not come about: one shape for all runtimes; what they tell is the cause. */
export function notEstablished(cause: unknown): Error {
  const message = "The connection was not established";
  if (cause === undefined) return new Error(message);
  return new Error(cause instanceof Error ? `${message}: ${cause.message}` : message, { cause });
}
