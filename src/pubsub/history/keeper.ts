/**
 * The seam between a server and the topics that keep a history. A server knows only these types: who
 * uses no history loads none of its code.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { LinkEvents } from "../../core/link.ts";
import type { BrokerConnection, BrokerEvent, HistoryPlace } from "../broker/broker.ts";
import type { Subscriber, Traffic } from "../subscriber.ts";

/** Counts of what a server exchanges by its broker. */
export interface HistoryCounts {
  /** Number of messages that were handed to the broker. */
  published: number;
  /** Number of messages that were not. */
  dropped: number;
  /** Number of messages of other servers that came. */
  received: number;
  /** Number of messages that did not come, as far as it is known. */
  lost: number;
  /** Number of messages that could not be read. */
  ignored: number;
}

/** Connection of a server with its broker, as its topics with a history see it. */
export interface HistoryConnection {
  /** Name of the server at the broker. */
  readonly node: string;
  /** Connection, while the broker is up. */
  readonly connection: BrokerConnection | undefined;
  /**
   * Subscribes to a channel, now or on the next connection. Resolves when the subscription has taken
   * effect, or is refused; does not reject.
   */
  subscribe(channel: string): Promise<void>;
  /** Resolves when a subscription has taken effect on the present connection; rejects if refused. */
  subscribed(channel: string): Promise<void>;
  /** Ends a subscription. */
  unsubscribe(channel: string): void;
}

/** Broker of a server, as its topics with a history see it. */
export interface HistoryRelay {
  /** Keeps the connection. */
  readonly supervisor: HistoryConnection;
  /** Counts of the server. */
  readonly counts: HistoryCounts;
}

/** Hears what a broker reports of channels that are not those of plain topics. */
export interface RelayListener {
  /** Channels to subscribe to on a new connection. */
  channels(): Iterable<string>;
  /** The broker is up. A channel that was subscribed to just now may still be waiting. */
  up(): void;
  /** The broker is down. */
  down(error: Error): void;
  /** A message has come. */
  message(channel: string, message: string | Uint8Array, place?: HistoryPlace): void;
}

/** A server, as its topics with a history see it. */
export interface HistoryHost {
  /** Source of time. */
  readonly clock: Clock;
  /** Counts of the messages of all sockets. */
  readonly traffic: Traffic;
  /** Connects with the server's broker; `undefined` if it has none. */
  readonly relay: ((listener: RelayListener) => HistoryRelay) | undefined;
  /** Called when messages are lost. */
  onEvent(event: BrokerEvent): void;
  /** Called with an error that is the program's to mend. */
  onError(error: unknown): void;
}

/** One topic, to which the sockets of a server subscribe. */
export interface KeptTopic {
  /** Number of subscribers. */
  readonly size: number;
  /** Adds a subscriber, or takes note that it is OPEN, backlogged, or no longer. */
  place(subscriber: Subscriber): void;
  /** Removes a subscriber. */
  remove(subscriber: Subscriber): void;
  /** Called when the last subscriber has left. Plain topics have no such member. */
  end?(): void;
}

/** The topics of one server that keep a history. */
export interface HistoryKeeper {
  /** Returns whether a topic keeps a history. */
  keeps(topic: string): boolean;
  /**
   * Checks that a topic keeps no history.
   *
   * @throws {TypeError} If it does: then it is not published to like plain ones.
   */
  checkPlain(topic: string): void;
  /** Returns a topic that has no subscriber yet. */
  topic(name: string): KeptTopic;
  /** Stands between the link of a socket and the socket. */
  follow(subscriber: Subscriber, events: LinkEvents): LinkEvents;
  /**
   * Returns the subprotocol of a handshake.
   *
   * @param protocol What would be chosen without a history.
   * @param offered What the client offers.
   */
  choose(protocol: string, offered: readonly string[]): string;
  /** Waits until what was published has left, at most a second. Does not reject. */
  close(): Promise<void>;
}
