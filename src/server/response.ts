/** Checks the responses of handlers, and creates those of the server itself. @module */

import { kindOf } from "../core/checks.ts";
import { Socket } from "../core/socket.ts";
import { quote, UpgradeError } from "../handshake/upgrade_error.ts";

/** Characters forbidden in a header. Deno ends the process for one, Bun sends it, Node hangs up. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROL = /[\0-\x08\n-\x1f\x7f]/;

/** Statuses of responses that have no body (Fetch, 2.2.3). */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Valid reason phrase (RFC 9112, 4). Bun creates responses with other characters in it. */
const REASON = /^[\t -~\x80-\xff]*$/;

/** Returns what a handler has returned instead of a response, and what it should. */
function insteadOfResponse(given: unknown, isUpgraded: boolean): string {
  if (isUpgraded) {
    const must = "must return the response that upgrade() gave";
    if (given === undefined) return `${must}, and returned nothing: is a "return" missing?`;
    if (given instanceof Socket) return `${must}, and returned the socket`;
    if (Object(given) === given && Object.hasOwn(given as object, "socket")) {
      return `${must}, and returned all that it gave: its property "response" is meant`;
    }
    return `${must}, and returned ${kindOf(given)}`;
  }
  if (given === undefined) {
    return 'must return a Response, and returned nothing: is a "return" missing?';
  }
  if (typeof given === "string") {
    return "must return a Response, and returned a string: new Response(text) makes one";
  }
  if (given instanceof UpgradeError) {
    return "must return a Response, and returned an UpgradeError: it is to be thrown";
  }
  return given instanceof Response
    ? "must return a Response that is not an error one"
    : `must return a Response, and returned ${kindOf(given)}`;
}

/**
 * Checks that the response of a handler is one that every runtime can send.
 *
 * @param isBodyLocked Reports whether the body of a response has a reader: see `RuntimeRequest`.
 * @param isUpgraded Whether the handler has called `upgrade()`.
 * @returns The response, as the platform's class: those of Oak from npm are of another one.
 * @throws {TypeError} If it is not a response, its body is used or being read, or its head has
 * control characters.
 */
export function checkResponse(
  given: unknown,
  isBodyLocked: (response: Response) => boolean,
  isUpgraded = false,
): Response {
  const isResponse = given instanceof Response || isForeign(given);
  if (!isResponse || given.type === "error") {
    throw new TypeError(`Cannot answer: the handler ${insteadOfResponse(given, isUpgraded)}`);
  }
  if (given.bodyUsed || isBodyLocked(given)) {
    throw new TypeError(
      "Cannot answer: the body of the Response is read already, and it must be left to the server",
    );
  }
  if (given.status < 200) { // interim responses (RFC 9110, 15.2), which Bun's Response allows
    throw new TypeError(`Cannot answer with status ${given.status}: it must be 200 or more`);
  }
  if (NO_BODY.has(given.status) && given.body !== null) { // Bun would read an endless one
    throw new TypeError(`Cannot answer with status ${given.status} and a body: it must have none`);
  }
  if (!REASON.test(given.statusText)) {
    throw new TypeError(`Cannot answer: the statusText ${quote(given.statusText)} must be Latin-1`);
  }
  const response = given instanceof Response ? given : copyOf(given);
  for (const [name, value] of response.headers) {
    if (CONTROL.test(value)) {
      throw new TypeError(`Cannot answer: the header "${name}" must have no control characters`);
    }
  }
  return response;
}

/** Reports whether a response is of a package's own class, for instance that of npm's undici. */
function isForeign(response: unknown): response is Response {
  return !(response instanceof Response) &&
    Object.prototype.toString.call(response) === "[object Response]";
}

/** Copies a response to the platform's class, with further headers where it lacks them. */
export function copyOf(response: Response, missing?: Headers): Response {
  const { body, status, statusText } = response;
  const headers = new Headers([...response.headers]);
  for (const [name, value] of missing ?? []) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return new Response(body, { status, statusText, headers });
}

/** Creates a plain text response, as short as its status. */
export function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
