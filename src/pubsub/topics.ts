/** Topics of one server: who has subscribed to what, and what is published to whom. @module */

import { type Payload, sizeOf } from "../core/payload.ts";
import { OPEN } from "../core/ready_state.ts";
import { Publication } from "./publication.ts";
import type { HistoryKeeper, KeptTopic } from "./history/keeper.ts";
import type { Subscriber, Traffic } from "./subscriber.ts";
import { Topic } from "./topic.ts";

const NONE: ReadonlySet<string> = new Set();

/**
 * Checks the name of a topic.
 *
 * @throws {TypeError} If it is no string, or empty.
 */
function checkTopic(topic: unknown): void {
  if (typeof topic !== "string" || topic === "") {
    throw new TypeError(
      `Cannot use topic ${JSON.stringify(topic)}: it must be a string, not empty`,
    );
  }
}

/** Hears which topics have subscribers. */
export interface TopicWatcher {
  /** A topic has its first subscriber. */
  subscribe(topic: string): void;
  /** A topic has no subscriber any more. */
  unsubscribe(topic: string): void;
}

/** The topics of one server. */
export class Topics {
  readonly #topics: Map<string, KeptTopic> = new Map();
  /** Names of the topics of each subscriber: most sockets have none, and no place here. */
  readonly #names: Map<Subscriber, Set<string>> = new Map();
  readonly #traffic: Traffic;
  readonly #onError: (error: unknown) => void;
  readonly #watcher: TopicWatcher | undefined;
  readonly #keeper: HistoryKeeper | undefined;

  /**
   * Makes an empty table.
   *
   * @param traffic Counts that published messages are added to.
   * @param onError Called with the error of a Blob that cannot be read.
   * @param watcher Hears which plain topics have subscribers.
   * @param keeper Has the topics that keep a history.
   */
  constructor(
    traffic: Traffic,
    onError: (error: unknown) => void,
    watcher?: TopicWatcher,
    keeper?: HistoryKeeper,
  ) {
    this.#traffic = traffic;
    this.#onError = onError;
    this.#watcher = watcher;
    this.#keeper = keeper;
  }

  /** Adds a subscriber to a topic. Does nothing if its socket is CLOSING or CLOSED. */
  subscribe(subscriber: Subscriber, name: string): void {
    checkTopic(name);
    if (subscriber.connection.state > OPEN) return;
    let names = this.#names.get(subscriber);
    if (names === undefined) this.#names.set(subscriber, names = new Set());
    names.add(name);
    let topic = this.#topics.get(name);
    const isNew = topic === undefined;
    if (topic === undefined) this.#topics.set(name, topic = this.#make(name));
    topic.place(subscriber);
    if (isNew && topic.end === undefined) this.#watcher?.subscribe(name);
  }

  #make(name: string): KeptTopic {
    return this.#keeper?.keeps(name) ? this.#keeper.topic(name) : new Topic();
  }

  /** Removes a subscriber from a topic. */
  unsubscribe(subscriber: Subscriber, name: string): void {
    checkTopic(name);
    this.#names.get(subscriber)?.delete(name);
    const topic = this.#topics.get(name);
    topic?.remove(subscriber);
    if (topic?.size !== 0) return;
    this.#topics.delete(name);
    if (topic.end === undefined) this.#watcher?.unsubscribe(name);
    else topic.end();
  }

  /** Called when a subscriber is OPEN, becomes backlogged or delayed, or is no longer. */
  place(subscriber: Subscriber): void {
    for (const name of this.of(subscriber)) this.#topics.get(name)!.place(subscriber);
  }

  /** Removes a subscriber from all its topics. */
  leave(subscriber: Subscriber): void {
    for (const name of this.of(subscriber)) this.unsubscribe(subscriber, name);
    this.#names.delete(subscriber);
  }

  /** Returns the names of the topics of a subscriber. */
  of(subscriber: Subscriber): ReadonlySet<string> {
    return this.#names.get(subscriber) ?? NONE;
  }

  /** Returns the number of subscribers of a topic. */
  count(name: string): number {
    checkTopic(name);
    return this.#topics.get(name)?.size ?? 0;
  }

  /**
   * Sends a message to all subscribers of a topic that are OPEN.
   *
   * @param except Subscriber that the message is not sent to.
   * @returns The number of subscribers that it was sent to.
   */
  publish(name: string, data: Payload, except: Subscriber | undefined): number {
    checkTopic(name);
    this.#keeper?.checkPlain(name);
    const topic = this.#topics.get(name) as Topic | undefined;
    if (topic === undefined) return 0;
    const publication = new Publication(data, (error) => this.#lost(count, size, error));
    const size = sizeOf(data);
    const count = topic.publish(publication, except);
    this.#traffic.sent += count;
    this.#traffic.bytesSent += count * size;
    return count;
  }

  /** Takes a Blob that could not be read out of the counts: it was not sent, after all. */
  #lost(count: number, size: number, error: unknown): void {
    this.#traffic.sent -= count;
    this.#traffic.bytesSent -= count * size;
    this.#traffic.dropped += count;
    this.#onError(new Error("Cannot publish a Blob: it could not be read", { cause: error }));
  }
}
