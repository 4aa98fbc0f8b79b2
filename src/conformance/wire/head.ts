/**
 * Heads of HTTP/1.1 messages, read from the peer's octets.
 *
 * @module
 */

/** A head that was read: a request's or a response's. */
export interface Head {
  /** The first line: `GET / HTTP/1.1`, `HTTP/1.1 101 Switching Protocols`. */
  readonly line: string;

  /** Names in lower case; a header that came several times has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;

  /** How many octets it took. */
  readonly size: number;
}

/** The largest head that is read. */
export const MAX_HEAD = 64 * 1024;

const latin1 = new TextDecoder("latin1");

/**
 * Reads a head out of what has come so far.
 *
 * @returns The head; undefined if more has to come; a complaint if this can never be one.
 */
export function readHead(octets: Uint8Array): Head | string | undefined {
  const strange = strangeness(octets);
  if (strange) return strange;
  const text = latin1.decode(octets.subarray(0, MAX_HEAD));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return octets.length >= MAX_HEAD ? `Head larger than ${MAX_HEAD} bytes` : undefined;
  const [line, ...fields] = text.slice(0, end).split("\r\n");
  const headers = new Map<string, string[]>();
  for (const field of fields) {
    const colon = field.indexOf(":");
    if (colon < 1) return `Header without a colon: ${JSON.stringify(field.slice(0, 80))}`;
    const name = field.slice(0, colon).toLowerCase();
    headers.set(name, [...headers.get(name) ?? [], field.slice(colon + 1).trim()]);
  }
  return { line: line!, headers, size: end + 4 };
}

function strangeness(octets: Uint8Array): string | undefined {
  const begins = (...start: number[]): boolean =>
    octets.length >= start.length && start.every((octet, at) => octets[at] === octet);
  if (begins(0x15, 0x03) || begins(0x16, 0x03)) return "It speaks TLS: use wss://";
  if (begins(0, 0) && octets.length >= 9 && octets[3] === 0x04) return "It speaks HTTP/2";
  const start = latin1.decode(octets.subarray(0, 7));
  const plain = "HTTP/1.".startsWith(start) || /^[A-Z]{1,7}$|^[A-Z]+ /.test(start);
  if (plain || octets.length === 0) return undefined;
  return `It does not speak HTTP/1.1: ${JSON.stringify(latin1.decode(octets.subarray(0, 40)))}`;
}

/** All values of a header, joined as one list. */
export function valueOf(head: Head, name: string): string {
  return head.headers.get(name.toLowerCase())?.join(", ") ?? "";
}

/** Whether a header's list has this token, in any case. */
export function lists(head: Head, name: string, token: string): boolean {
  return valueOf(head, name).split(",").some((item) =>
    item.trim().toLowerCase() === token.toLowerCase()
  );
}

/** The status of a response, or NaN. */
export function statusOf(head: Head): number {
  return Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(head.line)?.[1]);
}
