/** The sockets of one server that are present, and those that have just left. @module */

import type { Clock } from "../../core/clock.ts";
import { type Entry, entryOf, MAX_ENTRIES } from "./messages.ts";
import type { Entries } from "./roster.ts";

/** What the sockets of one server are present with. */
export class Residents {
  readonly #entries: Entries;
  readonly #clock: Clock;
  readonly #grace: number;
  readonly #changed: (ref: number, entry: Entry | undefined) => void;
  readonly #sockets: Map<object, Map<string, Entry>> = new Map();
  /** Entries whose sockets have closed, by topic and key, with what cancels the end of their grace. */
  readonly #lingering: Map<string, Map<Entry, () => void>> = new Map();
  #last = 0;

  /**
   * Has no socket yet.
   *
   * @param grace Time for which the entry of a socket that has closed stays, in milliseconds.
   * @param changed Called after each change of an entry.
   */
  constructor(
    entries: Entries,
    clock: Clock,
    grace: number,
    changed: (ref: number, entry: Entry | undefined) => void,
  ) {
    this.#entries = entries;
    this.#clock = clock;
    this.#grace = grace;
    this.#changed = changed;
  }

  /**
   * Adds a socket to a topic, in place of one with the same key that has just left.
   *
   * @throws {RangeError} If there are too many.
   */
  join(socket: object, topic: string, key: string, metaText: string): void {
    let topics = this.#sockets.get(socket);
    let old = topics?.get(topic);
    if (old !== undefined && old.key !== key) {
      this.leave(socket, topic);
      topics = this.#sockets.get(socket);
      old = undefined;
    }
    old ??= this.#takeBack(topic, key, metaText);
    if (old === undefined && this.#entries.size >= MAX_ENTRIES) {
      throw new RangeError(`Cannot join: ${MAX_ENTRIES} are present at this server already`);
    }
    const entry = old?.metaText === metaText
      ? old
      : entryOf(old?.ref ?? ++this.#last, topic, key, metaText);
    if (topics === undefined) this.#sockets.set(socket, topics = new Map());
    topics.set(topic, entry);
    if (entry === old) return;
    this.#entries.set(entry);
    this.#changed(entry.ref, entry);
  }

  /** Removes a socket from a topic, at once. */
  leave(socket: object, topic: string): void {
    const topics = this.#sockets.get(socket);
    const entry = topics?.get(topic);
    if (entry === undefined) return;
    topics!.delete(topic);
    if (topics!.size === 0) this.#sockets.delete(socket);
    this.#remove(entry);
  }

  /** Removes a socket from all topics, when the grace is over. */
  left(socket: object): void {
    const topics = this.#sockets.get(socket);
    if (topics === undefined) return;
    this.#sockets.delete(socket);
    for (const entry of topics.values()) this.#linger(entry);
  }

  /** Cancels all timers. */
  close(): void {
    for (const entries of this.#lingering.values()) entries.forEach((cancel) => cancel());
    this.#lingering.clear();
  }

  #linger(entry: Entry): void {
    if (this.#grace === 0) return this.#remove(entry);
    const name = nameOf(entry);
    let entries = this.#lingering.get(name);
    if (entries === undefined) this.#lingering.set(name, entries = new Map());
    entries.set(
      entry,
      this.#clock.after(this.#grace, () => {
        this.#forget(name, entry);
        this.#remove(entry);
      }),
    );
  }

  /** Returns an entry whose socket has closed: with the same meta, if there is one. */
  #takeBack(topic: string, key: string, metaText: string): Entry | undefined {
    const name = nameOf({ topic, key });
    const entries = [...this.#lingering.get(name)?.keys() ?? []];
    const found = entries.find((it) => it.metaText === metaText) ?? entries[0];
    if (found === undefined) return undefined;
    this.#lingering.get(name)!.get(found)!();
    this.#forget(name, found);
    return found;
  }

  #forget(name: string, entry: Entry): void {
    const entries = this.#lingering.get(name)!;
    entries.delete(entry);
    if (entries.size === 0) this.#lingering.delete(name);
  }

  #remove({ ref }: Entry): void {
    this.#entries.delete(ref);
    this.#changed(ref, undefined);
  }
}

function nameOf({ topic, key }: { topic: string; key: string }): string {
  return JSON.stringify([topic, key]);
}
