/**
 * What servers say to each other of who is there: JSON behind the header of all messages, whose number
 * counts the changes of the server.
 *
 * @module
 */

/** Maximum length of names, in UTF-16 units. */
export const MAX_TOPIC = 1024;
export const MAX_KEY = 256;

/** Maximum length of what comes beside a name, as JSON: the limit of `maxMeta`, too. */
export const MAX_META = 65_536;

/** Maximum number of entries of one server. */
export const MAX_ENTRIES = 100_000;

/** One socket's presence in one topic. */
export interface Entry {
  /** Number of the entry, among those of its server. */
  readonly ref: number;
  readonly topic: string;
  readonly key: string;
  readonly meta: unknown;
  /** `meta` as JSON. */
  readonly metaText: string;
  /** All of it as JSON. */
  readonly text: string;
}

/** Change of an entry: what it is now, or the number of one that is no longer. */
export type Change = Entry | number;

/** What one server says. */
export type Message =
  /** Something has changed. */
  | { readonly type: "change"; readonly changes: readonly Change[] }
  /** A part of all entries. Parts of one state have the same number in their headers. */
  | {
    readonly type: "state";
    readonly part: number;
    readonly parts: number;
    readonly entries: readonly Entry[];
  }
  /** The server is there. Others compare what they know, and answer by theirs if they are asked to. */
  | {
    readonly type: "heartbeat";
    readonly size: number;
    readonly digest: number;
    readonly answer: boolean;
  }
  /** A server is asked for its state. */
  | { readonly type: "ask"; readonly node: string }
  /** The server ends, and with it all of its entries. */
  | { readonly type: "end" };

/** Makes an entry. */
export function entryOf(ref: number, topic: string, key: string, metaText: string): Entry {
  const text = `[${ref},${JSON.stringify(topic)},${JSON.stringify(key)},${metaText}]`;
  return { ref, topic, key, meta: JSON.parse(metaText), metaText, text };
}

/** Returns 32 bits that follow from an entry (FNV-1a): the sum of all is the digest of a server. */
export function hashOf({ text }: Entry): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(value: unknown, limit: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= limit;
}

function checkEntry(value: unknown): Entry {
  if (Array.isArray(value) && value.length === 4) {
    const [ref, topic, key, meta] = value;
    const metaText = JSON.stringify(meta);
    if (
      isCount(ref) && isName(topic, MAX_TOPIC) && isName(key, MAX_KEY) &&
      metaText.length <= MAX_META
    ) return entryOf(ref, topic, key, metaText);
  }
  throw new SyntaxError("Cannot read a message: it has no entry where one is due");
}

/**
 * Reads a message.
 *
 * @throws {SyntaxError} If it is none.
 */
export function readMessage(text: string): Message {
  const message: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  const { type, changes, entries, part, parts, size, digest, answer, node } = message;
  if (type === "change" && Array.isArray(changes)) {
    return { type, changes: changes.map((it) => isCount(it) ? it : checkEntry(it)) };
  }
  if (type === "state" && Array.isArray(entries) && isCount(part) && isCount(parts)) {
    return { type, part, parts, entries: entries.map(checkEntry) };
  }
  if (type === "heartbeat" && isCount(size) && isCount(digest)) {
    return { type, size, digest, answer: answer === true };
  }
  if (type === "ask" && typeof node === "string") return { type, node };
  if (type === "end") return { type };
  throw new SyntaxError("Cannot read a message: its type is unknown");
}

/** Distributes texts over messages of a size. A text that is longer has a message of its own. */
export function partsOf(texts: Iterable<string>, size: number): string[] {
  const parts: string[] = [];
  let part = "";
  for (const text of texts) {
    if (part !== "" && 3 * (part.length + text.length) > size) { // a UTF-16 unit is up to 3 bytes
      parts.push(part);
      part = "";
    }
    part += part === "" ? text : `,${text}`;
  }
  return part === "" ? parts : [...parts, part];
}
