/**
 * Heads of HTTP/1.1 messages, read from the peer's octets.
 *
 * @module
 */

/** The head of a request or a response. */
export interface Head {
  /** First line: `GET / HTTP/1.1`, `HTTP/1.1 101 Switching Protocols`. */
  readonly line: string;

  /** Values by name in lower case, one for each time that a header occurs. */
  readonly headers: ReadonlyMap<string, readonly string[]>;

  /** Number of octets, the empty line included; 0 in HTTP/2. */
  readonly size: number;

  /** In HTTP/2, the status of a response. */
  readonly status?: number;
}

/** Number of octets of the largest head that is read. */
export const MAX_HEAD = 64 * 1024;

const latin1 = new TextDecoder("latin1");

/**
 * Reads a head from the octets received so far.
 *
 * @returns The head; `undefined` if it is incomplete; the reason if this can never be a head.
 */
export function readHead(octets: Uint8Array): Head | string | undefined {
  const other = otherProtocol(octets);
  if (other !== undefined) return other;
  const text = latin1.decode(octets.subarray(0, MAX_HEAD));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) {
    return octets.length >= MAX_HEAD ? `a head larger than ${MAX_HEAD} bytes` : undefined;
  }
  const [line, ...fields] = text.slice(0, end).split("\r\n");
  const headers = new Map<string, string[]>();
  for (const field of fields) {
    const colon = field.indexOf(":");
    if (colon < 1) return `a header without a colon: ${JSON.stringify(field.slice(0, 80))}`;
    const name = field.slice(0, colon).toLowerCase();
    headers.set(name, [...headers.get(name) ?? [], field.slice(colon + 1).trim()]);
  }
  return { line: line!, headers, size: end + 4 };
}

/** Describes the protocol that octets belong to if it is not HTTP/1.1. */
export function otherProtocol(octets: Uint8Array): string | undefined {
  const begins = (...start: number[]): boolean =>
    octets.length >= start.length && start.every((octet, at) => octets[at] === octet);
  if (begins(0x15, 0x03) || begins(0x16, 0x03)) return "TLS (its address begins with wss://)";
  if (begins(0, 0) && octets.length >= 9 && octets[3] === 0x04) return "HTTP/2";
  const start = latin1.decode(octets.subarray(0, 7));
  const plain = "HTTP/1.".startsWith(start) || /^[A-Z]{1,7}$|^[A-Z]+ /.test(start);
  if (plain || octets.length === 0) return undefined;
  return `octets that are not HTTP/1.1: ${JSON.stringify(latin1.decode(octets.subarray(0, 40)))}`;
}

/** Returns all values of a header as one list; empty if it is absent. */
export function valueOf(head: Head, name: string): string {
  return head.headers.get(name.toLowerCase())?.join(", ") ?? "";
}

/** Whether a header's list contains this token, in any case. */
export function lists(head: Head, name: string, token: string): boolean {
  return valueOf(head, name).split(",").some((item) =>
    item.trim().toLowerCase() === token.toLowerCase()
  );
}

/** Returns the status of a response; NaN if the first line is malformed. */
export function statusOf(head: Head): number {
  return head.status ?? Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(head.line)?.[1]);
}
