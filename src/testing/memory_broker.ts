/** A broker in memory, with the faults of real ones. @module */

import { queueTask } from "../core/task.ts";
import type {
  Broker,
  BrokerConnection,
  BrokerEvents,
  HistoryPlace,
} from "../pubsub/broker/broker.ts";
import { ChannelLogs } from "../pubsub/broker/channel_logs.ts";
import { isOwnChannel } from "../pubsub/broker/channels.ts";

/** Options for {@linkcode MemoryBroker}. */
export interface MemoryBrokerOptions {
  /**
   * Whether messages are bytes, as with most brokers, or text.
   *
   * @default {true}
   */
  binary?: boolean;
  /**
   * Maximum size of a message, in bytes, with its header of about 30.
   *
   * @default {Infinity}
   */
  maxMessage?: number;
}

/** What a broker in memory knows of a connection. */
interface Member {
  readonly events: BrokerEvents;
  readonly channels: Set<string>;
}

/**
 * A broker in memory. Give it to several servers as their `broker`, and cause its faults.
 *
 * @example
 * ```ts
 * import { FakeClock, MemoryBroker, pair } from "@isosocket/isosocket/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new FakeClock();
 * const broker = new MemoryBroker();
 * const one = pair({ broker, clock });
 * const other = pair({ broker, clock });
 * const heard: unknown[] = [];
 * other.server.subscribe("news");
 * other.client.onmessage = (event) => heard.push(event.data);
 * await clock.advance(0);
 *
 * one.hub.publish("news", "from the other server");
 * await clock.advance(0);
 * assert.deepEqual(heard, ["from the other server"]);
 *
 * broker.stall();
 * await clock.advance(5000);
 * assert.equal(one.hub.stats().broker?.up, false);
 * ```
 */
export class MemoryBroker implements Broker {
  readonly #members: Set<Member> = new Set();
  readonly #options: MemoryBrokerOptions;
  #stopped = false;
  /** What has to be done after a stall, in its order. */
  #held: (() => void)[] | undefined;
  #toLose = 0;
  #toDuplicate = 0;
  #reads = 0;
  readonly #logs: ChannelLogs = new ChannelLogs(() => Date.now());

  /** Makes a broker without connections. */
  constructor(options: MemoryBrokerOptions = {}) {
    this.#options = options;
  }

  /** Number of connections that are not closed. */
  get connections(): number {
    return this.#members.size;
  }

  /** Number of times that a history was read for its messages, and not only for its position. */
  get reads(): number {
    return this.#reads;
  }

  /** Makes a connection. Servers call it. */
  connect(events: BrokerEvents): BrokerConnection {
    const { binary = true, maxMessage = Infinity } = this.#options;
    const member: Member = { events, channels: new Set() };
    if (this.#stopped) queueTask(() => events.closed(new Error("Cannot connect: it is stopped")));
    else this.#members.add(member);
    return {
      binary,
      maxMessage,
      subscribe: (channel) => this.#do(() => member.channels.add(channel)),
      unsubscribe: (channel) => this.#do(() => member.channels.delete(channel)),
      publish: (channel, message) => {
        const kept = typeof message === "string" ? message : message.slice();
        return this.#do(() => this.#deliver(channel, kept));
      },
      append: (channel, message, entry) => {
        const kept = typeof message === "string" ? message : message.slice();
        return this.#do(() => {
          const place = this.#logs.append(channel, kept, entry);
          this.#deliver(channel, kept, place);
          return { epoch: place.epoch, offset: place.offset };
        });
      },
      read: (channel, limits) =>
        this.#do(() => {
          if (limits.after < Number.MAX_SAFE_INTEGER) this.#reads++;
          return this.#logs.read(channel, limits);
        }),
      close: () => void this.#members.delete(member),
    };
  }

  /** Ends: loses all connections and what is on its way, and refuses new connections. */
  stop(): void {
    this.#stopped = true;
    this.cut();
  }

  /** Starts again after {@linkcode MemoryBroker.stop}. */
  start(): void {
    this.#stopped = false;
  }

  /** Loses all connections, and what waits in a stall. */
  cut(): void {
    if (this.#held !== undefined) this.#held = [];
    const members = [...this.#members];
    this.#members.clear();
    for (const { events } of members) {
      queueTask(() => events.closed(new Error("Cannot go on: the connection was cut")));
    }
  }

  /** Falls silent: connections stay, but nothing moves. */
  stall(): void {
    this.#held ??= [];
  }

  /** Goes on after {@linkcode MemoryBroker.stall}, beginning with what has come meanwhile. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const action of held) queueTask(action);
  }

  /**
   * Loses the next messages.
   *
   * @param count Number of messages; 1 by default.
   */
  lose(count = 1): void {
    this.#toLose += count;
  }

  /**
   * Delivers the next messages twice.
   *
   * @param count Number of messages; 1 by default.
   */
  duplicate(count = 1): void {
    this.#toDuplicate += count;
  }

  /** Forgets all histories, as a broker does that keeps them in memory and is started anew. */
  forget(): void {
    this.#logs.clear();
  }

  /**
   * Drops the oldest messages of all histories, whose offsets go on.
   *
   * @param left Number of messages that are left of each; 0 by default.
   */
  trim(left = 0): void {
    this.#logs.trim(left);
  }

  /** Does something in a later task, or after the stall. */
  #do<T>(action: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const whole = (): void => {
        try {
          resolve(action());
        } catch (error) {
          reject(error);
        }
      };
      if (this.#held === undefined) queueTask(whole);
      else this.#held.push(whole);
    });
  }

  #deliver(channel: string, message: string | Uint8Array, place?: HistoryPlace): void {
    let times = 1;
    if (!isOwnChannel(channel)) { // a server's pings are no messages
      if (this.#toLose > 0) {
        this.#toLose--;
        return;
      }
      if (this.#toDuplicate > 0) {
        this.#toDuplicate--;
        times = 2;
      }
    }
    for (const { events, channels } of [...this.#members]) {
      if (!channels.has(channel)) continue;
      for (let time = 0; time < times; time++) {
        events.message(channel, typeof message === "string" ? message : message.slice(), place);
      }
    }
  }
}
