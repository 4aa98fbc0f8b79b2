/**
 * What a server and a client say to each other to recover topics, behind a subprotocol of its own.
 *
 * A client's first message says how far it has come in which topics. A server's messages are those of
 * the program, as they are, but for those that begin with the mark, U+0001:
 *
 * ```text
 * mark m <offset> <topic as JSON> LF <message>            a message of a topic
 * mark s [topic, epoch, offset, recovered or null]        the state of a topic
 * mark e <message>                                        the program's, which begins with the mark
 * ```
 *
 * The header of a message is the same for all clients, so that its frame is encoded once.
 *
 * @module
 */

/** Subprotocol of this, for programs that have no other. */
export const RECOVER_PROTOCOL = "isosocket.recover.v1";

/** Returns the subprotocol that stands for one of a program, and for this. */
export function recovering(protocol: string): string {
  return protocol === "" ? RECOVER_PROTOCOL : `${protocol}+${RECOVER_PROTOCOL}`;
}

/** Returns the subprotocol of the program, if one stands for it and for this; else `undefined`. */
export function recoveredFrom(protocol: string): string | undefined {
  if (protocol === RECOVER_PROTOCOL) return "";
  const suffix = `+${RECOVER_PROTOCOL}`;
  return protocol.endsWith(suffix) ? protocol.slice(0, -suffix.length) : undefined;
}

/** What messages begin with that are not the program's as they are. */
export const MARK = "\x01";
/** The same as a byte. */
export const MARK_BYTE = 1;

/** Kinds of what follows the mark. */
export const MESSAGE = "m", STATE = "s", ESCAPED = "e", HELLO = "h";

/** Maximum number of topics in a client's first message. */
export const MAX_TOPICS = 256;

/** Maximum length of that message. */
export const MAX_HELLO = 65_536;

/** Maximum length of an epoch. */
export const MAX_EPOCH = 64;

/** State of a topic, or how far a client has come in it. */
export type TopicState = readonly [
  topic: string,
  epoch: string,
  offset: number,
  recovered?: boolean | null,
];

/** Returns whether this is how far somebody has come in a topic. The epoch is empty if nobody knows. */
export function isPosition(topic: unknown, epoch: unknown, offset: unknown): boolean {
  return typeof topic === "string" && typeof epoch === "string" && epoch.length <= MAX_EPOCH &&
    Number.isSafeInteger(offset) && (offset as number) >= 0;
}
