/** How long a server asks to be left alone, in HTTP. @module */

/**
 * Reads the header `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
 *
 * @param now The time by the client's clock, in milliseconds since 1970.
 * @returns Milliseconds from now on, 0 if that time has passed; `undefined` if it is neither.
 */
export function parseRetryAfter(
  value: string | null | undefined,
  now: number,
): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // 5.6.7: without a time zone it would be taken for local time.
  const then = / GMT$/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(then) ? undefined : Math.max(0, then - now);
}
