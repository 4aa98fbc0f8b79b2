/**
 * The response that `upgrade()` returns, before the runtime's own upgrade. A handler or a framework
 * may copy it: a copy is recognised by a header, which carries the key of the handshake.
 *
 * @module
 */

/** Header that marks a placeholder. */
export const MARK = "isosocket-upgrade";

/** Creates the placeholder of a handshake. */
export function placeholderFor(key: string): Response {
  return new Response(null, { status: 204, headers: { [MARK]: key } });
}

/** Reports whether headers are those of a placeholder, of any handshake. */
export function isPlaceholder(headers: Headers): boolean {
  return headers.has(MARK);
}
