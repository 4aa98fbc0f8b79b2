/** Histories of channels in the memory of one process, for brokers that have no other place. @module */

import type { HistoryEntry, HistoryLimits, HistoryPlace, HistoryRange } from "./broker.ts";
import { randomName } from "./channels.ts";

/** Time for which the offset of a history is known after its messages are gone, in milliseconds. */
const DAY = 86_400_000;

/** Number of servers whose last number is known in one history: the one known longest goes. */
const MAX_NODES = 1000;

/** Number of histories that each call looks at, to forget those whose time is over. */
const LOOKED_AT = 2;

interface Log {
  readonly epoch: string;
  top: number;
  entries: { readonly offset: number; readonly message: string | Uint8Array }[];
  readonly numbers: Map<string, number>;
  /** Times at which the messages go, and the rest. */
  emptied: number;
  forgotten: number;
}

function lengthOf(message: string | Uint8Array): number {
  return message.length; // of text, at most: what is not ASCII takes more
}

/** Histories by their channels. */
export class ChannelLogs {
  readonly #logs: Map<string, Log> = new Map();
  readonly #now: () => number;

  /** Has no history yet. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Appends a message, whose memory is not copied.
   *
   * @throws {Error} If a message of the same server with this number, or a higher one, came already.
   */
  append(
    channel: string,
    message: string | Uint8Array,
    { size, ttl, node, number }: HistoryEntry,
  ): HistoryPlace {
    const log = this.#log(channel);
    if (number <= (log.numbers.get(node) ?? 0)) {
      throw new Error(`Cannot append message ${number} of ${node}: it came already`);
    }
    if (log.numbers.size >= MAX_NODES) log.numbers.delete(log.numbers.keys().next().value!);
    log.numbers.delete(node);
    log.numbers.set(node, number);
    const previous = log.top++;
    log.entries.push({ offset: log.top, message });
    if (log.entries.length > size) log.entries.splice(0, log.entries.length - size);
    log.emptied = this.#now() + ttl;
    log.forgotten = log.emptied + DAY;
    return { epoch: log.epoch, offset: log.top, previous };
  }

  /** Reads the newest messages of a history, and makes it if there is none. */
  read(channel: string, { after, messages, bytes }: HistoryLimits): HistoryRange {
    const { epoch, top, entries } = this.#log(channel);
    let first = entries.length;
    let size = 0;
    while (first > 0 && entries.length - first < messages) {
      const { offset, message } = entries[first - 1]!;
      size += lengthOf(message);
      if (offset <= after || size > bytes) break;
      first--;
    }
    const range = entries.slice(first);
    return { epoch, top, floor: range.length === 0 ? top : range[0]!.offset - 1, messages: range };
  }

  /** Forgets all histories. */
  clear(): void {
    this.#logs.clear();
  }

  /** Drops all messages but the newest ones, whose offsets go on. */
  trim(left: number): void {
    for (const log of this.#logs.values()) log.entries = left === 0 ? [] : log.entries.slice(-left);
  }

  #log(channel: string): Log {
    this.#sweep();
    const found = this.#logs.get(channel);
    const now = this.#now();
    if (found !== undefined && found.forgotten > now) {
      if (found.emptied <= now) found.entries = [];
      return found;
    }
    const made: Log = {
      epoch: randomName(),
      top: 0,
      entries: [],
      numbers: new Map(),
      emptied: 0,
      forgotten: now + DAY,
    };
    this.#logs.set(channel, made);
    return made;
  }

  /** Looks at the histories that were not looked at for the longest time. */
  #sweep(): void {
    const now = this.#now();
    const some = this.#logs.entries();
    for (let i = Math.min(LOOKED_AT, this.#logs.size); i > 0; i--) {
      const [channel, log] = some.next().value!;
      this.#logs.delete(channel);
      if (log.forgotten <= now) continue;
      if (log.emptied <= now) log.entries = [];
      this.#logs.set(channel, log);
    }
  }
}
