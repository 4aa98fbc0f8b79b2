/** Servers that say to each other who is there. @module */

import type { Clock } from "../../core/clock.ts";
import { presenceChannel, presenceChannelOf } from "../broker/channels.ts";
import { decode, encode, type Envelope } from "../broker/envelope.ts";
import type { HistoryRelay } from "../history/keeper.ts";
import { utf8Length } from "../../core/close_code.ts";
import type { PresenceHost } from "./keeper.ts";
import { type Entry, MAX_ENTRIES, type Message, partsOf, readMessage } from "./messages.ts";
import { Entries, type Roster } from "./roster.ts";

/** Time for which changes are collected, in milliseconds. */
const BATCH = 50;

/** Time between two ticks, in milliseconds. Silence is counted in ticks: a clock may jump. */
const TICK = 1000;

/** Number of ticks between two heartbeats. */
const HEARTBEAT = 4;

/** Number of ticks without a message after which all of a server's entries are gone. */
const SILENCE = 12;

/** Number of servers that are known at most. */
const MAX_SERVERS = 1000;

/** Size of a message that has many entries, in bytes: more would hold up what comes behind it. */
const PART = 65_536;

/** Number of bytes that a message has beside its entries, at most. */
const AROUND = 160;

/** Time that `close()` waits, in milliseconds. */
const LAST_WAIT = 1000;

/** Another server. */
interface Neighbour {
  readonly entries: Entries;
  /** Number of its last change that is known here; 0 if its entries are not known. */
  number: number;
  /** Number of ticks since something was heard of it. */
  quiet: number;
  /** Whether it was asked for its state since the last tick, and has not answered. */
  asked: boolean;
  /** Parts of its state that have come. */
  state: { readonly number: number; parts: number; readonly entries: Entry[] } | undefined;
}

/**
 * Publishes the entries of one server, and follows those of the others.
 *
 * Each server numbers its changes. Whoever misses a number, or sees by a heartbeat that it has missed
 * something, asks that server for all of its entries.
 */
export class Neighbours {
  readonly #own: Entries;
  readonly #roster: Roster;
  readonly #host: PresenceHost;
  readonly #clock: Clock;
  readonly #relay: HistoryRelay;
  readonly #others: Map<string, Neighbour> = new Map();
  /** Changes that are not published yet, by the numbers of entries. */
  #changes: Map<number, Entry | undefined> = new Map();
  /** Servers that have asked for the entries of this one. */
  readonly #askers: Set<string> = new Set();
  #heartbeatIsDue = false;
  /** Number of the last change of this server. */
  #number = 1;
  #ticks = 0;
  #cancelBatch: (() => void) | undefined;
  #cancelTick: (() => void) | undefined;
  #tooLong = false;

  /** Begins to follow a broker. */
  constructor(host: PresenceHost, roster: Roster, own: Entries) {
    this.#host = host;
    this.#clock = host.clock;
    this.#roster = roster;
    this.#own = own;
    this.#relay = host.relay!({
      channels: () => [presenceChannel, presenceChannelOf(this.#relay.supervisor.node)],
      up: () => this.#up(),
      down: () => this.#others.forEach(({ entries }) => entries.stale = true),
      message: (channel, message) => {
        if (channel.startsWith(presenceChannel)) this.#received(message);
      },
    });
  }

  /** Publishes a change of an own entry, a little later. */
  changed(ref: number, entry: Entry | undefined): void {
    this.#changes.set(ref, entry);
    this.#soon();
  }

  /** Says goodbye. Resolves when that has left, a second later at most; does not reject. */
  async close(): Promise<void> {
    this.#cancelBatch?.();
    this.#cancelTick?.();
    let cancel: (() => void) | undefined;
    await Promise.race([
      this.#send(`{"type":"end"}`),
      new Promise<void>((resolve) => cancel = this.#clock.after(LAST_WAIT, resolve)),
    ]);
    cancel?.();
  }

  #up(): void {
    this.#cancelTick ??= this.#clock.after(TICK, () => this.#tick());
    this.#flush();
    this.#sendHeartbeat(true);
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(TICK, () => this.#tick());
    for (const [node, other] of this.#others) {
      other.asked = false;
      if (++other.quiet >= SILENCE) this.#forget(node, other);
    }
    if (++this.#ticks % HEARTBEAT !== 0) return;
    this.#flush();
    this.#sendHeartbeat(false);
  }

  #forget(node: string, { entries }: Neighbour): void {
    this.#others.delete(node);
    entries.replace([]);
  }

  #soon(): void {
    this.#cancelBatch ??= this.#clock.after(BATCH, () => {
      this.#cancelBatch = undefined;
      this.#flush();
      this.#answer();
      if (this.#heartbeatIsDue) this.#sendHeartbeat(false);
    });
  }

  /** Publishes what has changed. Without a broker, others will see by the number that they miss it. */
  #flush(): void {
    if (this.#changes.size === 0) return;
    const changes = this.#changes;
    this.#changes = new Map();
    if (this.#relay.supervisor.connection === undefined) return void this.#number++;
    const texts = Array.from(changes, ([ref, entry]) => entry?.text ?? `${ref}`);
    for (const part of partsOf(texts, this.#partSize)) {
      this.#number++;
      this.#say(`{"type":"change","changes":[${part}]}`);
    }
  }

  get #partSize(): number {
    return Math.min(PART, this.#relay.supervisor.connection?.maxMessage ?? PART) - AROUND;
  }

  /** Publishes all entries, for those who have asked. */
  #answer(): void {
    if (this.#askers.size === 0) return;
    const [first] = this.#askers;
    const channel = this.#askers.size === 1 ? presenceChannelOf(first!) : presenceChannel;
    this.#askers.clear();
    const texts = Array.from(this.#own.values(), ({ text }) => text);
    const parts = texts.length === 0 ? [""] : partsOf(texts, this.#partSize);
    for (const [at, part] of parts.entries()) {
      const place = `"part":${at + 1},"parts":${parts.length}`;
      this.#say(`{"type":"state",${place},"entries":[${part}]}`, channel);
    }
  }

  /** @param answer Whether others are to answer by theirs. */
  #sendHeartbeat(answer: boolean): void {
    this.#heartbeatIsDue = false;
    const { size, digest } = this.#own;
    this.#say(JSON.stringify({ type: "heartbeat", size, digest, answer }));
  }

  #say(text: string, channel?: string): void {
    this.#send(text, channel).catch(() => {}); // it does not reject
  }

  /** Does not reject: what does not arrive is missed by the others. */
  async #send(text: string, channel: string = presenceChannel): Promise<void> {
    const { connection, node } = this.#relay.supervisor;
    if (connection === undefined) return;
    const position = { number: this.#number, first: false };
    const message = encode(node, position, text, connection.binary);
    const size = typeof message === "string" ? utf8Length(message) : message.length;
    if (size > connection.maxMessage) return this.#reportTooLong(size, connection.maxMessage);
    try {
      await connection.publish(channel, message);
    } catch {
      // The supervisor notices what is wrong with the connection.
    }
  }

  #reportTooLong(size: number, most: number): void {
    if (this.#tooLong) return;
    this.#tooLong = true;
    this.#host.onError(
      new RangeError(
        `Cannot tell other servers who is present: ${size} bytes, and the broker takes at most ${most}`,
      ),
    );
  }

  #received(message: string | Uint8Array): void {
    let envelope: Envelope;
    let content: Message;
    try {
      envelope = decode(message);
      if (envelope.node === this.#relay.supervisor.node) return;
      content = readMessage(envelope.payload as string);
    } catch {
      this.#relay.counts.ignored++;
      return;
    }
    const { node, number } = envelope;
    const other = this.#neighbour(node);
    if (other === undefined) return;
    other.quiet = 0;
    if (content.type === "change") this.#applyChange(node, other, number, content);
    else if (content.type === "state") this.#applyState(other, number, content);
    else if (content.type === "heartbeat") this.#compare(node, other, number, content);
    else if (content.type === "end") this.#forget(node, other);
    else if (content.node === this.#relay.supervisor.node) {
      this.#askers.add(node);
      this.#soon();
    }
  }

  #neighbour(node: string): Neighbour | undefined {
    let other = this.#others.get(node);
    if (other !== undefined || this.#others.size >= MAX_SERVERS) return other;
    const entries = new Entries(this.#roster);
    other = { entries, number: 0, quiet: 0, asked: false, state: undefined };
    this.#others.set(node, other);
    return other;
  }

  #applyChange(
    node: string,
    other: Neighbour,
    number: number,
    { changes }: Message & { type: "change" },
  ): void {
    if (number <= other.number) return; // it came already
    if (other.number === 0 || number > other.number + 1) return this.#ask(node, other);
    other.number = number;
    for (const change of changes) {
      if (typeof change === "number") other.entries.delete(change);
      else if (other.entries.size < MAX_ENTRIES) other.entries.set(change);
    }
  }

  #applyState(
    other: Neighbour,
    number: number,
    { part, parts, entries }: Message & { type: "state" },
  ): void {
    if (number < other.number && !other.asked) return; // what came meanwhile is newer
    if (part === 1) other.state = { number, parts: 0, entries: [] };
    const { state } = other;
    if (state?.number !== number || ++state.parts !== part) {
      other.state = undefined; // one was lost: the next heartbeat shows it
      return;
    }
    state.entries.push(...entries);
    if (state.entries.length > MAX_ENTRIES) other.state = undefined;
    else if (part >= parts) {
      other.state = undefined;
      other.number = number;
      other.asked = false;
      other.entries.stale = false;
      other.entries.replace(state.entries);
    }
  }

  #compare(
    node: string,
    other: Neighbour,
    number: number,
    { size, digest, answer }: Message & { type: "heartbeat" },
  ): void {
    const { entries } = other;
    if (number !== other.number || size !== entries.size || digest !== entries.digest) {
      this.#ask(node, other);
    } else entries.stale = false;
    if (!answer) return;
    this.#heartbeatIsDue = true;
    this.#soon();
  }

  /** Asks a server for all of its entries, if it was not asked since the last tick without an answer. */
  #ask(node: string, other: Neighbour): void {
    if (other.asked) return;
    other.asked = true;
    this.#say(JSON.stringify({ type: "ask", node }));
  }
}
