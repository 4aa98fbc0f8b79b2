/** Places of histories: the memory of this process, or a broker. @module */

import type { Clock } from "../../core/clock.ts";
import type {
  HistoryEntry,
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../broker/broker.ts";
import { ChannelLogs } from "../broker/channel_logs.ts";
import { randomName } from "../broker/channels.ts";
import type { HistoryStore } from "./feed.ts";
import type { HistoryCounts, HistoryRelay } from "./keeper.ts";

/** A place of histories that can be appended to. */
export interface AppendingStore extends HistoryStore {
  /** Name of this server. */
  readonly node: string;
  /** Counts of this server. */
  readonly counts: HistoryCounts;
  /** Whether it keeps histories. Asked only while it is up. */
  readonly keepsHistory: boolean;
  /** Maximum size of a message, in bytes. */
  readonly maxMessage: number;
  /** Returns whether messages that come of some data are to be bytes. */
  isBinary(data: unknown): boolean;
  /**
   * Appends a message.
   *
   * @returns Rejects as soon as it is not known whether the message arrives.
   */
  append(
    channel: string,
    message: string | Uint8Array,
    entry: Omit<HistoryEntry, "node">,
  ): Promise<HistoryPosition>;
  /** Rejects what has no answer yet, if that takes time. */
  down?(cause: Error): void;
}

/** Histories in the memory of this process. */
export class LocalStore implements AppendingStore {
  readonly clock: Clock;
  readonly isUp = true;
  readonly keepsHistory = true;
  readonly node: string = randomName();
  readonly counts: HistoryCounts = { published: 0, dropped: 0, received: 0, lost: 0, ignored: 0 };
  readonly maxMessage: number = Infinity;
  readonly #logs: ChannelLogs;
  readonly #deliver: (
    channel: string,
    message: string | Uint8Array,
    place: HistoryPlace,
  ) => void;

  /** Makes a place without histories. */
  constructor(
    clock: Clock,
    deliver: (channel: string, message: string | Uint8Array, place: HistoryPlace) => void,
  ) {
    this.clock = clock;
    this.#logs = new ChannelLogs(() => clock.now());
    this.#deliver = deliver;
  }

  isBinary(data: unknown): boolean {
    return typeof data !== "string";
  }

  async subscribe(): Promise<void> {}

  async subscribed(): Promise<void> {}

  unsubscribe(): void {}

  async read(channel: string, limits: HistoryLimits): Promise<HistoryRange> {
    return await this.#logs.read(channel, limits);
  }

  async append(
    channel: string,
    message: string | Uint8Array,
    entry: Omit<HistoryEntry, "node">,
  ): Promise<HistoryPosition> {
    const place = this.#logs.append(channel, message, { ...entry, node: this.node });
    await Promise.resolve(); // publish() returns first
    this.#deliver(channel, message, place);
    return place;
  }
}

/** Histories at a broker. */
export class BrokerStore implements AppendingStore {
  readonly clock: Clock;
  readonly #relay: HistoryRelay;
  /** Reject what has no answer yet. */
  readonly #pending: Set<(error: Error) => void> = new Set();

  /** Makes a place whose {@linkcode BrokerStore.down} is called. */
  constructor(clock: Clock, relay: HistoryRelay) {
    this.clock = clock;
    this.#relay = relay;
  }

  get isUp(): boolean {
    return this.#relay.supervisor.connection !== undefined;
  }

  get keepsHistory(): boolean {
    return this.#relay.supervisor.connection!.append !== undefined;
  }

  get node(): string {
    return this.#relay.supervisor.node;
  }

  get counts(): HistoryCounts {
    return this.#relay.counts;
  }

  get maxMessage(): number {
    return this.#relay.supervisor.connection!.maxMessage;
  }

  isBinary(): boolean {
    return this.#relay.supervisor.connection!.binary;
  }

  subscribe(channel: string): Promise<void> {
    return this.#relay.supervisor.subscribe(channel);
  }

  subscribed(channel: string): Promise<void> {
    return this.#relay.supervisor.subscribed(channel);
  }

  unsubscribe(channel: string): void {
    this.#relay.supervisor.unsubscribe(channel);
  }

  read(channel: string, limits: HistoryLimits): Promise<HistoryRange> {
    const { connection } = this.#relay.supervisor;
    if (connection?.read === undefined) return Promise.reject(unable(connection));
    return this.#untilDown(() => connection.read!(channel, limits));
  }

  append(
    channel: string,
    message: string | Uint8Array,
    entry: Omit<HistoryEntry, "node">,
  ): Promise<HistoryPosition> {
    const { connection, node } = this.#relay.supervisor;
    if (connection?.append === undefined) return Promise.reject(unable(connection));
    return this.#untilDown(() => connection.append!(channel, message, { ...entry, node }));
  }

  /** Called when the broker is down, or the server has ended. */
  down(cause: Error): void {
    const error = new Error("No answer: it is not known whether this arrived", { cause });
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }

  #untilDown<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = call();
      this.#pending.add(reject);
      const settle = (): void => void this.#pending.delete(reject);
      answer.then(resolve, reject);
      answer.then(settle, settle);
    });
  }
}

function unable(connection: unknown): Error {
  return new Error(connection === undefined ? "The broker is down" : "It keeps no history");
}
