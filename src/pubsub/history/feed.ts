/** Follows the history of one channel: each message once, in order, and told what is missing. @module */

import type { Clock } from "../../core/clock.ts";
import type {
  HistoryLimits,
  HistoryPlace,
  HistoryPosition,
  HistoryRange,
} from "../broker/broker.ts";

/** Place of histories: a broker, or the memory of this process. */
export interface HistoryStore {
  /** Source of time. */
  readonly clock: Clock;
  /** Whether it can be reached. */
  readonly isUp: boolean;
  /** Subscribes to a channel, now or when it can be reached again. Does not reject. */
  subscribe(channel: string): Promise<void>;
  /** Resolves when nothing that is appended to a channel from then on is missed; rejects if refused. */
  subscribed(channel: string): Promise<void>;
  /** Ends a subscription. */
  unsubscribe(channel: string): void;
  /** Reads a history. */
  read(channel: string, limits: HistoryLimits): Promise<HistoryRange>;
}

/** What a feed reports. Callbacks must not throw. */
export interface FeedEvents {
  /** The next message, behind the one with the offset `previous`. */
  message(message: string | Uint8Array, offset: number, previous: number): void;
  /**
   * Messages are missing.
   *
   * @param count Number of them; 0 if it is not known.
   */
  lost(count: number): void;
  /** The history cannot be read, though it can be reached. It is tried again. */
  failed(error: unknown): void;
  /** The position is that of the channel from now on. */
  live(): void;
}

/** What is read to catch up, or for one client, at most. */
export const LIMITS = { messages: 300, bytes: 1024 * 1024 } as const;

/** More than any offset. */
const ABOVE_ALL = Number.MAX_SAFE_INTEGER;

/** Time after which a read that has failed is tried again, in milliseconds. */
const AGAIN = 1000;

/** Number of messages that are held while the feed catches up. Those beyond are read later. */
const MAX_HELD = 4096;

interface Held {
  readonly message: string | Uint8Array;
  readonly place: HistoryPlace;
}

/** The feed of one channel. */
export class Feed {
  /** Position of the last message; `undefined` before the first read. */
  position: HistoryPosition | undefined;
  readonly #store: HistoryStore;
  readonly #channel: string;
  readonly #events: FeedEvents;
  /** What comes while the feed catches up; `undefined` while it is live. */
  #held: Held[] | undefined = [];
  /** Number of the present attempt to catch up: what belongs to an earlier one is ignored. */
  #attempt = 0;
  #cancelTimer: (() => void) | undefined;

  /** Makes a feed that does nothing until it is started. */
  constructor(store: HistoryStore, channel: string, events: FeedEvents) {
    this.#store = store;
    this.#channel = channel;
    this.#events = events;
  }

  /** Whether the position is that of the channel, as far as messages have come. */
  get isLive(): boolean {
    return this.#held === undefined;
  }

  /** Subscribes, and finds the position. */
  start(): void {
    this.#store.subscribe(this.#channel).catch(() => {}); // it does not reject
    if (this.#store.isUp) this.#catchUp();
  }

  /** Called when the store is up. */
  up(): void {
    this.#catchUp();
  }

  /** Called when the store is down. */
  down(): void {
    this.#attempt++;
    this.#cancelTimer?.();
    this.#held ??= [];
  }

  /** Ends. */
  end(): void {
    this.down();
    this.#store.unsubscribe(this.#channel);
  }

  /** Takes a message that has come. */
  receive(message: string | Uint8Array, place: HistoryPlace): void {
    if (this.#held !== undefined) {
      if (this.#held.length < MAX_HELD) this.#held.push({ message, place });
      return;
    }
    const { epoch, offset } = this.position!;
    if (place.epoch !== epoch) this.#begin(place);
    else if (place.offset <= offset) return; // it was read already
    else if (place.previous > offset) {
      this.#catchUp();
      return this.receive(message, place);
    }
    this.#deliver(message, place.offset);
  }

  /** Goes on in another history, before one of its messages. */
  #begin({ epoch, previous }: HistoryPlace): void {
    this.position = { epoch, offset: previous };
    this.#events.lost(0);
  }

  #deliver(message: string | Uint8Array, offset: number): void {
    const { epoch, offset: previous } = this.position!;
    this.position = { epoch, offset };
    this.#events.message(message, offset, previous);
  }

  #catchUp(): void {
    this.down();
    this.#held = [];
    const attempt = this.#attempt;
    const isCurrent = (): boolean => attempt === this.#attempt;
    const read = async (): Promise<void> => {
      await this.#store.subscribed(this.#channel);
      if (!isCurrent()) return;
      const after = this.position?.offset ?? ABOVE_ALL;
      const range = await this.#store.read(this.#channel, { after, ...LIMITS });
      if (isCurrent()) this.#caughtUp(range);
    };
    read().catch((error) => {
      if (!isCurrent()) return;
      this.#events.failed(error);
      this.#cancelTimer = this.#store.clock.after(
        AGAIN,
        () => this.#store.isUp && this.#catchUp(),
      );
    });
  }

  #caughtUp({ epoch, top, floor, messages }: HistoryRange): void {
    const before = this.position;
    const held = this.#held!;
    this.#held = undefined;
    if (before === undefined) {
      this.position = { epoch, offset: top };
    } else if (before.epoch !== epoch || before.offset > top) {
      this.position = { epoch, offset: top };
      this.#events.lost(0);
    } else {
      if (floor > before.offset) {
        this.position = { epoch, offset: floor };
        this.#events.lost(floor - before.offset);
      }
      for (const { offset, message } of messages) {
        if (offset > this.position!.offset) this.#deliver(message, offset);
      }
    }
    for (const { message, place } of held) this.receive(message, place);
    if (held.length === MAX_HELD) return this.#catchUp();
    if (this.isLive) this.#events.live();
  }
}
