/** One topic that keeps a history: its subscribers, and those who are about to be. @module */

import type { Bytes } from "../../core/link.ts";
import { sizeOf } from "../../core/payload.ts";
import { CONNECTING, OPEN } from "../../core/ready_state.ts";
import type { HistoryPlace, HistoryPosition } from "../broker/broker.ts";
import { decode } from "../broker/envelope.ts";
import { Publication } from "../publication.ts";
import type { Subscriber } from "../subscriber.ts";
import { Topic } from "../topic.ts";
import { Feed, type FeedEvents, type HistoryStore } from "./feed.ts";
import { type MarkedPublication, messageFrame, stateFrame } from "./frames.ts";
import type { HistoryCounts, HistoryHost, KeptTopic } from "./keeper.ts";
import { recoveringClient } from "./recovering_link.ts";
import { SharedReads } from "./shared_reads.ts";

/** Time that a client waits for the broker, before it is told that it has not recovered, in ms. */
const MAX_WAIT = 5000;

/** Position of a topic whose history cannot be reached. */
const UNKNOWN: HistoryPosition = { epoch: "", offset: 0 };

/** A subscriber that recovers, and gets no messages yet. */
interface Joining {
  /** How far its client has come; `undefined` if it has not subscribed before. */
  since: HistoryPosition | undefined;
  /** `waits` for its first message, or to drain; it is `ready`, or what it has missed is `read`. */
  step: "waits" | "ready" | "read";
  /** Whether it has been told already that it has not recovered. */
  isLost: boolean;
  /** Whether nothing has to be told if it recovers: the connection is the same. */
  readonly isSilent: boolean;
  /** Cancels the timer after which it is told. */
  cancel: (() => void) | undefined;
}

/** What a {@linkcode HistoryTopic} needs of its server. */
export interface HistoryTopicOwner {
  /** Place of the histories. */
  readonly store: HistoryStore;
  /** The server. */
  readonly host: HistoryHost;
  /** Counts of the server. */
  readonly counts: HistoryCounts;
  /** Name of the server. */
  readonly node: string;
  /** Called when the topic has no subscriber any more. */
  ended(topic: HistoryTopic): void;
}

/** A topic that keeps a history. */
export class HistoryTopic implements KeptTopic {
  /** Name of the topic. */
  readonly name: string;
  readonly #owner: HistoryTopicOwner;
  readonly #feed: Feed;
  readonly #reads: SharedReads;
  /** Subscribers that do not recover, and get messages as they are. */
  readonly #plain: Topic = new Topic();
  /** Those that do. */
  readonly #recovering: Topic = new Topic();
  readonly #joining: Map<Subscriber, Joining> = new Map();
  /** Whether it was reported that the history cannot be read. */
  #isReported = false;

  /** Makes a topic without subscribers. */
  constructor(name: string, channel: string, owner: HistoryTopicOwner) {
    this.name = name;
    this.#owner = owner;
    const events: FeedEvents = {
      message: (message, offset, previous) => this.#message(message, offset, previous),
      lost: (count) => this.#lost(count),
      failed: (error) => this.#failed(error),
      live: () => this.#startAll(),
    };
    this.#feed = new Feed(owner.store, channel, events);
    this.#reads = new SharedReads(owner.store, channel, (message, offset) => {
      const payload = this.#payloadOf(message);
      return payload === undefined ? undefined : messageFrame(name, offset, payload);
    });
  }

  /** Begins to follow the history. */
  start(): void {
    this.#feed.start();
  }

  /** Number of subscribers. */
  get size(): number {
    return this.#plain.size + this.#recovering.size + this.#joining.size;
  }

  /** Adds a subscriber, or takes note that it is OPEN, backlogged, or no longer. */
  place(subscriber: Subscriber): void {
    if (this.#plain.has(subscriber)) return this.#plain.place(subscriber);
    if (this.#recovering.has(subscriber)) return this.#recovering.place(subscriber);
    const joining = this.#joining.get(subscriber) ?? this.#join(subscriber);
    if (subscriber.connection.state === CONNECTING) return;
    const client = recoveringClient(subscriber);
    if (client === undefined) {
      this.#leave(subscriber);
      return this.#plain.place(subscriber);
    }
    if (joining.step !== "waits") return;
    if (joining.isSilent) {
      if (subscriber.connection.sender.backlogged) return;
    } else {
      if (client.since === undefined) return void client.waiting.add(() => this.#heard(subscriber));
      joining.since = client.since.get(this.name);
      client.since.delete(this.name); // what it gets from now on is newer
    }
    joining.step = "ready";
    this.#start(subscriber, joining);
  }

  /** Removes a subscriber. */
  remove(subscriber: Subscriber): void {
    this.#leave(subscriber);
    this.#plain.remove(subscriber);
    this.#recovering.remove(subscriber);
  }

  /** Called when the last subscriber has left. */
  end(): void {
    this.#feed.end();
    this.#owner.ended(this);
  }

  /** Called when the store is up. */
  up(): void {
    this.#feed.up();
  }

  /** Called when the store is down. */
  down(): void {
    this.#feed.down();
    this.#restart();
  }

  /** Takes a message that has come. */
  receive(message: string | Uint8Array, place: HistoryPlace): void {
    this.#feed.receive(message, place);
  }

  // Subscribers.

  #join(subscriber: Subscriber, since?: HistoryPosition): Joining {
    const isSilent = since !== undefined;
    const joining: Joining = { since, step: "waits", isLost: false, isSilent, cancel: undefined };
    this.#joining.set(subscriber, joining);
    return joining;
  }

  #leave(subscriber: Subscriber): void {
    this.#joining.get(subscriber)?.cancel?.();
    this.#joining.delete(subscriber);
  }

  #heard(subscriber: Subscriber): void {
    if (this.#joining.has(subscriber)) this.place(subscriber);
  }

  #start(subscriber: Subscriber, joining: Joining): void {
    const { position } = this.#feed;
    const { since } = joining;
    if (!this.#feed.isLive) return this.#wait(subscriber, joining);
    if (since === undefined) return this.#admit(subscriber, joining, undefined, []);
    if (since.epoch !== position!.epoch || since.offset > position!.offset) {
      return this.#admit(subscriber, joining, false, []);
    }
    if (since.offset === position!.offset) return this.#admit(subscriber, joining, true, []);
    joining.step = "read";
    this.#reads.find(
      since,
      () => this.#feed.isLive ? this.#feed.position : undefined,
      (missed) => {
        if (this.#joining.get(subscriber) !== joining || joining.step !== "read") return;
        this.#admit(subscriber, joining, missed !== undefined, missed ?? []);
      },
    ).catch((error) => this.#owner.host.onError(error));
  }

  #failed(cause: unknown): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#owner.host.onError(
      new Error(`Cannot read the history of topic "${this.name}"`, { cause }),
    );
  }

  #startAll(): void {
    this.#isReported = false;
    this.#restart();
    for (const [subscriber, joining] of [...this.#joining]) {
      if (joining.step === "ready") this.#start(subscriber, joining);
    }
  }

  /** Lets those whose read is under way begin again: the feed is not where it was. */
  #restart(): void {
    for (const joining of this.#joining.values()) {
      if (joining.step === "read") joining.step = "ready";
    }
  }

  /** Says after a while that the history cannot be reached. */
  #wait(subscriber: Subscriber, joining: Joining): void {
    joining.cancel ??= this.#owner.host.clock.after(MAX_WAIT, () => {
      joining.isLost = true;
      joining.since = undefined;
      this.#sendTo(subscriber, stateFrame(this.name, UNKNOWN, false));
    });
  }

  /** Sends a subscriber what it has missed, and lets it have all that follows. */
  #admit(
    subscriber: Subscriber,
    joining: Joining,
    recovered: boolean | undefined,
    missed: readonly MarkedPublication[],
  ): void {
    this.#leave(subscriber);
    const { connection: { state, sender }, limits } = subscriber;
    if (state !== OPEN) return;
    const size = missed.reduce((sum, { data }) => sum + sizeOf(data), 0);
    const fits = sender.bufferedMemory + size <= limits.maxBuffered;
    const isWhole = joining.isLost ? false : recovered && fits;
    if (isWhole !== true || !joining.isSilent) {
      this.#sendTo(subscriber, stateFrame(this.name, this.#shown(joining, isWhole), isWhole));
    }
    const { traffic } = this.#owner.host;
    if (isWhole) {
      for (const publication of missed) this.#sendTo(subscriber, publication);
      traffic.sent += missed.length;
      traffic.bytesSent += size;
    }
    this.#recovering.place(subscriber);
  }

  /** Returns the position that a client has when its messages begin. */
  #shown({ since }: Joining, isWhole: boolean | undefined): HistoryPosition {
    return isWhole ? since! : this.#feed.position!;
  }

  #sendTo(subscriber: Subscriber, publication: MarkedPublication): void {
    publication.sendThrough(subscriber.connection.sender);
  }

  // Messages.

  #payloadOf(message: string | Uint8Array, isNew = false): string | Bytes | undefined {
    try {
      const { node, payload } = decode(message);
      if (isNew && node !== this.#owner.node) this.#owner.counts.received++;
      return payload;
    } catch {
      if (isNew) this.#owner.counts.ignored++;
      return undefined;
    }
  }

  #message(message: string | Uint8Array, offset: number, previous: number): void {
    const payload = this.#payloadOf(message, true);
    if (payload === undefined) return;
    const before = { epoch: this.#feed.position!.epoch, offset: previous };
    const publication = messageFrame(this.name, offset, payload);
    this.#reads.delivered({ offset, publication });
    const slow: Subscriber[] = [];
    let count = this.#plain.size === 0
      ? 0
      : this.#plain.publish(new Publication(payload, () => {}), undefined);
    count += this.#recovering.publish(publication, undefined, (it) => slow.push(it));
    const { traffic } = this.#owner.host;
    traffic.sent += count;
    traffic.bytesSent += count * sizeOf(payload);
    for (const subscriber of slow) this.#fallBehind(subscriber, before);
  }

  /** Sends a subscriber what it cannot take now when it has drained. */
  #fallBehind(subscriber: Subscriber, since: HistoryPosition): void {
    if (subscriber.connection.state !== OPEN) return;
    this.#recovering.remove(subscriber);
    this.#join(subscriber, since);
  }

  #lost(count: number): void {
    this.#owner.counts.lost += count;
    this.#owner.host.onEvent({ type: "lost", topic: this.name, count });
    const frame = stateFrame(this.name, this.#feed.position!, false);
    const slow: Subscriber[] = [];
    this.#recovering.publish(frame, undefined, (it) => slow.push(it));
    for (const subscriber of slow) this.#fallBehind(subscriber, UNKNOWN);
  }
}
