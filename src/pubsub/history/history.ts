/** Topics that keep a history: `history()`, and what a server has of it. @module */

import { checkTimeout, kindOf } from "../../core/checks.ts";
import type { Bytes, LinkEvents } from "../../core/link.ts";
import { checkNames } from "../../core/option_names.ts";
import { convert, type Payload } from "../../core/payload.ts";
import { recovering } from "../../protocol/recovery.ts";
import type { HistoryPosition } from "../broker/broker.ts";
import { historyChannelOf } from "../broker/channels.ts";
import { asBytes, encode } from "../broker/envelope.ts";
import { utf8Length } from "../../core/close_code.ts";
import type { Subscriber } from "../subscriber.ts";
import { HistoryTopic, type HistoryTopicOwner } from "./history_topic.ts";
import type { HistoryCounts, HistoryHost, HistoryKeeper, KeptTopic } from "./keeper.ts";
import type { TopicHistory } from "./topic_history.ts";
import { followLink } from "./recovering_link.ts";
import { type AppendingStore, BrokerStore, LocalStore } from "./stores.ts";

/** Time that the end of a server waits for what was published, in milliseconds. */
const LAST_WAIT = 1000;

/** What is kept of each topic. */
export interface HistoryOptions {
  /** Number of messages. A client that has missed more than 300 does not recover, whatever this is. */
  size: number;
  /** Time since the last message after which all of them are forgotten, in milliseconds. */
  ttl: number;
}

/**
 * Makes topics that keep a history: what is published gets a number, the same order for all, and clients
 * that come back get what they have missed. Give it to a server as its `history`, and to all servers
 * with the same broker the same.
 *
 * @param topics What is kept, by the beginning of the names of topics: `""` is all of them.
 * @throws {TypeError} If an option is invalid, or a beginning is that of another one.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example
 * ```ts
 * import { serve, upgrade } from "@isosocket/isosocket";
 * import { history } from "@isosocket/isosocket/history";
 *
 * const rooms = history({ "room:": { size: 100, ttl: 3_600_000 } });
 * const server = await serve({ port: 0, hostname: "127.0.0.1", history: rooms }, (request) => {
 *   const { socket, response } = upgrade(request);
 *   socket.subscribe("room:1");
 *   return response;
 * });
 * const { offset } = await rooms.publish("room:1", "hello");
 * console.log(offset); // 1
 * await server.close();
 * ```
 */
export function history(topics: Readonly<Record<string, HistoryOptions>>): TopicHistory {
  const kept = checkTopics(topics);
  let keeper: Keeper | undefined;
  return {
    async publish(topic, data) {
      if (arguments.length < 2) {
        throw new TypeError("Cannot publish: 2 arguments are required, but there are fewer");
      }
      const payload = typeof data === "string" ? data : convert(data);
      if (keeper === undefined) {
        throw new TypeError("Cannot publish: no server has this history as its option");
      }
      return await keeper.publish(topic, payload);
    },
    attach(server) {
      if (keeper !== undefined) {
        throw new TypeError("Cannot use this history: another server has it already");
      }
      return keeper = new Keeper(kept, server as HistoryHost);
    },
  };
}

type Kept = readonly (readonly [prefix: string, options: Readonly<HistoryOptions>])[];

function checkTopics(topics: Readonly<Record<string, HistoryOptions>>): Kept {
  if (Object(topics) !== topics) {
    throw new TypeError(`Cannot keep a history: topics must be an object, not ${kindOf(topics)}`);
  }
  const entries = Object.entries(topics);
  for (const [prefix, options] of entries) {
    const other = entries.find(([it]) => it !== prefix && it.startsWith(prefix));
    if (other !== undefined) {
      throw new TypeError(
        `Cannot keep a history: "${
          other[0]
        }" begins with "${prefix}", which has options of its own`,
      );
    }
    checkNames("keep a history", options, { size: 0, ttl: 0 });
    const { size } = options;
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(`Cannot keep ${size} messages: size must be an integer from 1 on`);
    }
    if (checkTimeout("ttl", options.ttl) === 0) {
      throw new RangeError("Cannot keep messages for 0 ms: ttl must be more");
    }
  }
  return entries.map(([prefix, { size, ttl }]) => [prefix, { size, ttl }]);
}

/** The topics of one server that keep a history. */
class Keeper implements HistoryKeeper, HistoryTopicOwner {
  readonly host: HistoryHost;
  readonly store: AppendingStore;
  readonly #kept: Kept;
  /** Topics that have subscribers, by their channels. */
  readonly #topics: Map<string, HistoryTopic> = new Map();
  /** Last message of a topic that waits for a Blob. */
  readonly #reading: Map<string, Promise<unknown>> = new Map();
  #number = 0;
  #pending = 0;
  #idle: (() => void) | undefined;
  #isClosed = false;

  constructor(kept: Kept, host: HistoryHost) {
    this.#kept = kept;
    this.host = host;
    if (host.relay === undefined) {
      this.store = new LocalStore(
        host.clock,
        (channel, message, place) => this.#topics.get(channel)?.receive(message, place),
      );
    } else {
      let store: BrokerStore | undefined = undefined;
      const relay = host.relay({
        channels: () => this.#topics.keys(),
        up: () => this.#topics.forEach((topic) => topic.up()),
        down: (error) => {
          store?.down(error);
          this.#topics.forEach((topic) => topic.down());
        },
        message: (channel, message, place) => {
          if (place !== undefined) this.#topics.get(channel)?.receive(message, place);
        },
      });
      this.store = store = new BrokerStore(host.clock, relay);
    }
  }

  get node(): string {
    return this.store.node;
  }

  get counts(): HistoryCounts {
    return this.store.counts;
  }

  keeps(topic: string): boolean {
    return this.#optionsOf(topic) !== undefined;
  }

  checkPlain(topic: string): void {
    if (!this.keeps(topic)) return;
    throw new TypeError(
      `Cannot publish to "${topic}" like this: it has a history, whose own publish() has to be called`,
    );
  }

  topic(name: string): KeptTopic {
    const channel = historyChannelOf(name);
    const topic = new HistoryTopic(name, channel, this);
    this.#topics.set(channel, topic);
    topic.start();
    return topic;
  }

  ended({ name }: HistoryTopic): void {
    this.#topics.delete(historyChannelOf(name));
  }

  follow(subscriber: Subscriber, events: LinkEvents): LinkEvents {
    return followLink(subscriber, events);
  }

  choose(protocol: string, offered: readonly string[]): string {
    const both = recovering(protocol);
    return offered.includes(both) ? both : protocol;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#pending === 0) return;
    let cancel: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      cancel = this.host.clock.after(LAST_WAIT, resolve);
    });
    cancel?.();
    this.store.down?.(new Error("The server is closed"));
  }

  /** Publishes a message behind those of the same topic that wait for a Blob. */
  async publish(topic: string, payload: Payload): Promise<HistoryPosition> {
    const options = this.#optionsOf(topic);
    if (options === undefined) {
      throw new TypeError(`Cannot publish to ${JSON.stringify(topic)}: it keeps no history`);
    }
    this.#checkUp(topic);
    const before = this.#reading.get(topic);
    if (before === undefined && !(payload instanceof Blob)) {
      return await this.#append(topic, payload, options);
    }
    const kept = payload instanceof Blob
      ? payload.arrayBuffer()
      : typeof payload === "string"
      ? payload
      : new Uint8Array(asBytes(payload)); // the caller's may change
    const appended = this.#appendLater(topic, kept, options, before);
    const settled = appended.then(() => {}, () => {});
    this.#reading.set(topic, settled);
    try {
      return await appended;
    } finally {
      if (this.#reading.get(topic) === settled) this.#reading.delete(topic);
    }
  }

  async #appendLater(
    topic: string,
    payload: string | Bytes | Promise<Bytes>,
    options: HistoryOptions,
    before: Promise<unknown> | undefined,
  ): Promise<HistoryPosition> {
    if (payload instanceof Promise) payload.catch(() => {}); // is awaited a while later
    await before;
    return await this.#append(topic, await payload, options);
  }

  async #append(
    topic: string,
    payload: string | Bytes,
    options: HistoryOptions,
  ): Promise<HistoryPosition> {
    this.#checkUp(topic);
    const { store } = this;
    const number = ++this.#number;
    const position = { number, first: false };
    const message = encode(store.node, position, payload, store.isBinary(payload));
    const size = typeof message === "string" ? utf8Length(message) : message.length;
    if (size > store.maxMessage) {
      store.counts.dropped++;
      throw new RangeError(
        `Cannot publish ${size} bytes: the broker takes at most ${store.maxMessage}`,
      );
    }
    store.counts.published++;
    this.#pending++;
    try {
      const { epoch, offset } = await store.append(historyChannelOf(topic), message, {
        ...options,
        number,
      });
      return { epoch, offset };
    } catch (cause) {
      throw new Error(`Cannot publish to "${topic}": it may not have arrived`, { cause });
    } finally {
      if (--this.#pending === 0) this.#idle?.();
    }
  }

  /** @throws {Error} If nothing can be published now. */
  #checkUp(topic: string): void {
    const reason = this.#isClosed
      ? "the server is closed"
      : !this.store.isUp
      ? "the broker is down"
      : !this.store.keepsHistory
      ? "the broker keeps no history"
      : undefined;
    if (reason === undefined) return;
    this.store.counts.dropped++;
    throw new Error(`Cannot publish to "${topic}": ${reason}`);
  }

  #optionsOf(topic: string): HistoryOptions | undefined {
    if (typeof topic !== "string" || topic === "") return undefined;
    return this.#kept.find(([prefix]) => topic.startsWith(prefix))?.[1];
  }
}
