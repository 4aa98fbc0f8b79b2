/** Reads of a history for clients that return: one for all that have come about as far. @module */

import type { HistoryPosition, HistoryRange } from "../broker/broker.ts";
import { type HistoryStore, LIMITS } from "./feed.ts";
import type { MarkedPublication } from "./frames.ts";

/** Number of offsets that one read is for: those who are a few messages apart share it. */
const BUCKET = 64;

/** Number of messages that are kept for clients whose read is under way. */
const MAX_RECENT = 4096;

/** A message, encoded. */
export interface EncodedMessage {
  readonly offset: number;
  readonly publication: MarkedPublication;
}

/** What was read: a part of a history, encoded. */
interface EncodedRange extends Omit<HistoryRange, "messages"> {
  readonly messages: readonly EncodedMessage[];
}

/** Reads for the clients of one topic. */
export class SharedReads {
  readonly #store: HistoryStore;
  readonly #channel: string;
  readonly #encode: (message: string | Uint8Array, offset: number) => MarkedPublication | undefined;
  readonly #reads: Map<number, Promise<EncodedRange>> = new Map();
  /** Number of reads of which somebody still needs the messages that came meanwhile. */
  #pending = 0;
  /** Those messages. */
  #recent: EncodedMessage[] = [];

  /**
   * Makes an object without reads.
   *
   * @param encode Encodes a message; `undefined` for one that is not of this package.
   */
  constructor(
    store: HistoryStore,
    channel: string,
    encode: (message: string | Uint8Array, offset: number) => MarkedPublication | undefined,
  ) {
    this.#store = store;
    this.#channel = channel;
    this.#encode = encode;
  }

  /** Takes note of a message that is delivered to all others now. */
  delivered(message: EncodedMessage): void {
    if (this.#pending > 0 && this.#recent.length < MAX_RECENT) this.#recent.push(message);
  }

  /**
   * Finds what a client has missed.
   *
   * @param nowIn Returns the position of the topic; `undefined` if it is not known for the moment.
   * @param use Called once, unless the position is not known: with all messages from `since` to the
   * position, or with `undefined` if some are gone, or there are too many. What it does at once has
   * its place between two messages.
   */
  async find(
    since: HistoryPosition,
    nowIn: () => HistoryPosition | undefined,
    use: (missed: readonly MarkedPublication[] | undefined) => void,
  ): Promise<void> {
    let range: EncodedRange | undefined;
    try {
      range = await this.#read(since.offset - since.offset % BUCKET);
    } catch {
      // It is as good as gone.
    }
    const now = nowIn();
    if (now !== undefined) use(range && this.#missed(since, now, range));
  }

  #missed(
    since: HistoryPosition,
    now: HistoryPosition,
    { epoch, top, floor, messages }: EncodedRange,
  ): readonly MarkedPublication[] | undefined {
    if (since.epoch !== epoch || now.epoch !== epoch) return undefined;
    if (since.offset > top || since.offset < floor) return undefined;
    if (this.#recent.length >= MAX_RECENT) return undefined;
    const later = this.#recent.filter(({ offset }) => offset > top);
    const missed = [...messages, ...later].filter(({ offset }) =>
      offset > since.offset && offset <= now.offset
    );
    return missed.length > LIMITS.messages ? undefined : missed.map((it) => it.publication);
  }

  #read(after: number): Promise<EncodedRange> {
    const known = this.#reads.get(after);
    if (known !== undefined) return known;
    const read = this.#encoded(after);
    this.#reads.set(after, read);
    this.#pending++;
    const done = (): void => {
      this.#reads.delete(after);
      queueMicrotask(() => { // those who have waited for it go on before
        if (--this.#pending === 0) this.#recent = [];
      });
    };
    read.then(done, done);
    return read;
  }

  async #encoded(after: number): Promise<EncodedRange> {
    const range = await this.#store.read(this.#channel, { after, ...LIMITS });
    const messages = range.messages.flatMap(({ offset, message }) => {
      const publication = this.#encode(message, offset);
      return publication === undefined ? [] : [{ offset, publication }];
    });
    return { ...range, messages };
  }
}
