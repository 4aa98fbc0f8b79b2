/** Headers, which browsers do not send for a program. @module */

/**
 * Refuses headers.
 *
 * @throws {DOMException} `NotSupportedError` if there are some.
 */
export function refuseHeaders(headers: HeadersInit | undefined): void {
  for (const _ of new Headers(headers)) {
    throw new DOMException(
      "Cannot connect with headers: a page sends none",
      "NotSupportedError",
    );
  }
}
