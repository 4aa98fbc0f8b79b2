/** The `Retry-After` header: how long a client has to wait before it tries again. @module */

/**
 * Reads a `Retry-After` header: seconds, or a date (RFC 9110, 10.2.3).
 *
 * @param now Current time by the client's clock, in milliseconds since 1970.
 * @returns Milliseconds from now on, 0 if that time has passed; `undefined` if it is neither.
 */
export function parseRetryAfter(
  value: string | null | undefined,
  now: number,
): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // 5.6.7: a date without a time zone would be parsed as local time.
  const then = / GMT$/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(then) ? undefined : Math.max(0, then - now);
}
