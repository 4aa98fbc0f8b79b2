/** Who is there, of all servers, and what has changed. @module */

import type { PresenceChange, PresenceMember } from "./members.ts";
import { type Entry, hashOf } from "./messages.ts";

/** The entries of one server. */
export class Entries {
  /** Whether they may be out of date. */
  stale = false;
  /** Sum of the hashes of all entries, of 32 bits. */
  digest = 0;
  readonly #entries: Map<number, Entry> = new Map();
  readonly #roster: Roster;

  /** Has no entries yet. */
  constructor(roster: Roster) {
    this.#roster = roster;
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** All entries. */
  values(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** Adds an entry, or replaces the one with the same number. */
  set(entry: Entry): void {
    if (this.#entries.get(entry.ref)?.text === entry.text) return;
    this.delete(entry.ref);
    this.#entries.set(entry.ref, entry);
    this.digest = (this.digest + hashOf(entry)) >>> 0;
    this.#roster.add(entry, this);
  }

  /** Removes an entry, if there is one with this number. */
  delete(ref: number): void {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return;
    this.#entries.delete(ref);
    this.digest = (this.digest - hashOf(entry)) >>> 0;
    this.#roster.remove(entry);
  }

  /** Replaces all entries. */
  replace(entries: readonly Entry[]): void {
    const refs = new Set(entries.map(({ ref }) => ref));
    const gone = [...this.#entries.keys()].filter((ref) => !refs.has(ref));
    for (const ref of gone) this.delete(ref);
    for (const entry of entries) this.set(entry);
  }
}

type Member = Map<Entry, Entries>;

/** Listener of a {@linkcode Roster}. */
export type ChangeListener = (change: PresenceChange) => void;

/** The entries of all servers, by topics and members. */
export class Roster {
  readonly #topics: Map<string, Map<string, Member>> = new Map();
  /** Members that have changed since listeners were told, as they were. */
  #before: Map<string, Map<string, PresenceMember | undefined>> = new Map();
  readonly #listeners: Set<ChangeListener> = new Set();
  readonly #onError: (error: unknown) => void;

  /** Is empty. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns the members of a topic. */
  list(topic: string): PresenceMember[] {
    return [...this.#topics.get(topic) ?? []].map(([key, member]) => shown(key, member));
  }

  /** Adds a listener. Returns a function that removes it. */
  listen(listener: ChangeListener): () => void {
    const own: ChangeListener = (change) => listener(change); // one that is added twice is called twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Adds an entry of some server. */
  add(entry: Entry, server: Entries): void {
    const { topic, key } = entry;
    this.#note(topic, key);
    let members = this.#topics.get(topic);
    if (members === undefined) this.#topics.set(topic, members = new Map());
    const member = members.get(key);
    if (member === undefined) members.set(key, new Map([[entry, server]]));
    else member.set(entry, server);
  }

  /** Removes an entry that is there. */
  remove(entry: Entry): void {
    const { topic, key } = entry;
    this.#note(topic, key);
    const members = this.#topics.get(topic)!;
    const member = members.get(key)!;
    member.delete(entry);
    if (member.size === 0) members.delete(key);
    if (members.size === 0) this.#topics.delete(topic);
  }

  /** Remembers how a member was before its first change: listeners are told after the last one. */
  #note(topic: string, key: string): void {
    if (this.#before.size === 0) queueMicrotask(() => this.#tell());
    let members = this.#before.get(topic);
    if (members === undefined) this.#before.set(topic, members = new Map());
    if (members.has(key)) return;
    const member = this.#topics.get(topic)?.get(key);
    members.set(key, member && shown(key, member));
  }

  #tell(): void {
    const before = this.#before;
    this.#before = new Map();
    for (const [topic, members] of before) {
      const change = this.#changeOf(topic, members);
      if (change === undefined) continue;
      for (const listener of [...this.#listeners]) {
        try {
          listener(change);
        } catch (error) {
          this.#onError(error);
        }
      }
    }
  }

  #changeOf(
    topic: string,
    members: ReadonlyMap<string, PresenceMember | undefined>,
  ): PresenceChange | undefined {
    const change: Record<"joins" | "leaves" | "updates", PresenceMember[]> = {
      joins: [],
      leaves: [],
      updates: [],
    };
    for (const [key, before] of members) {
      const member = this.#topics.get(topic)?.get(key);
      const now = member && shown(key, member);
      if (now === undefined) {
        if (before !== undefined) change.leaves.push(before);
      } else if (before === undefined) change.joins.push(now);
      else if (!haveSame(before.metas, now.metas)) change.updates.push(now);
    }
    const { joins, leaves, updates } = change;
    return joins.length + leaves.length + updates.length === 0 ? undefined : { topic, ...change };
  }
}

function shown(key: string, member: Member): PresenceMember {
  const metas = Array.from(member.keys(), ({ meta }) => meta);
  return { key, metas, stale: [...member.values()].every(({ stale }) => stale) };
}

/** Returns whether two members have the same metas, in whatever order. */
function haveSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  const sorted = (metas: readonly unknown[]): string =>
    metas.map((meta) => JSON.stringify(meta)).sort().join();
  return one.length === other.length && sorted(one) === sorted(other);
}
