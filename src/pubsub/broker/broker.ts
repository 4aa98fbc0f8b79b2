/**
 * The seam between the topics of a server and an engine that carries them to other processes: Redis,
 * NATS, the primary process of a cluster.
 *
 * A {@linkcode Broker} only connects, and says when a connection is of no use any more. Whether the
 * engine is reachable, when to connect again, what is dropped, and what came twice or not at all, is
 * decided above the seam, in {@linkcode Relay}, once for all engines.
 *
 * @module
 */

/** Way from the topics of one process to those of others, as made by `redis()` or `cluster()`. */
export interface Broker {
  /**
   * Makes a connection. It returns at once: an engine that is away is reported by
   * {@linkcode BrokerEvents.closed}, now or later.
   */
  connect(events: BrokerEvents): BrokerConnection;
}

/** What happens to a connection with a broker. It is ignored once the connection has been closed. */
export interface BrokerEvents {
  /**
   * A message has come on a channel that was subscribed to, from any process, this one included.
   *
   * @param message Text if the connection is not {@linkcode BrokerConnection.binary}; otherwise bytes,
   * whose memory is not used again.
   * @param place Place of the message in the history of its channel, if it was published by
   * {@linkcode BrokerConnection.append}. Those of one channel come in the order of their offsets.
   */
  message(channel: string, message: string | Uint8Array, place?: HistoryPlace): void;
  /** The connection is lost, or could not be made. Another one will be asked for. */
  closed(error: unknown): void;
}

/** Position in the history of a channel. */
export interface HistoryPosition {
  /**
   * Name of the history: another one follows when its engine has lost it, or the offsets of one.
   * At most 64 characters of base64, `.`, `:`, `-` and `_`.
   */
  readonly epoch: string;
  /** Number of a message: later ones have higher numbers, and there may be holes. 0 is before all. */
  readonly offset: number;
}

/** Place of a message in the history of its channel. */
export interface HistoryPlace extends HistoryPosition {
  /** Offset of the message right before it, whether that one is kept or not; 0 if it is the first. */
  readonly previous: number;
}

/** What is appended to a history, beside the message. */
export interface HistoryEntry {
  /** Number of messages that are kept: older ones may go. */
  readonly size: number;
  /** Time since the last message after which all of them may go, in milliseconds. */
  readonly ttl: number;
  /** Name of the server that publishes. */
  readonly node: string;
  /** Number of the message: the messages of one server in one channel have growing numbers. */
  readonly number: number;
}

/** Part of a history: its newest messages. */
export interface HistoryRange {
  /** Name of the history, which is made if there is none. */
  readonly epoch: string;
  /** Offset of the last message that was ever appended; 0 if none. */
  readonly top: number;
  /** All messages behind this offset are in `messages`. It equals `top` if there are none. */
  readonly floor: number;
  /** Messages from the oldest to the newest. */
  readonly messages: readonly { readonly offset: number; readonly message: string | Uint8Array }[];
}

/** What is read of a history at most. */
export interface HistoryLimits {
  /** Messages up to this offset are not wanted. It may be above the last offset. */
  readonly after: number;
  /** Number of messages. */
  readonly messages: number;
  /** Size of all messages together, in bytes. */
  readonly bytes: number;
}

/**
 * One connection with a broker, which is used until it fails once. All calls take effect in their
 * order.
 */
export interface BrokerConnection {
  /** Whether messages are bytes. If not, they are text, in which no NUL occurs. */
  readonly binary: boolean;
  /** Maximum size of a message, in bytes. */
  readonly maxMessage: number;
  /**
   * Subscribes to a channel. It may be called before the connection is made, and with a name of any
   * well-formed characters.
   *
   * @returns Resolves when nothing that is published from then on is missed; rejects if the broker
   * refuses.
   */
  subscribe(channel: string): Promise<unknown>;
  /** Ends a subscription. A rejection is ignored. */
  unsubscribe(channel: string): Promise<unknown> | void;
  /**
   * Publishes a message. It is only called once a subscription has been confirmed.
   *
   * @returns Settles when the message no longer waits in this process, or stays pending if that is not
   * known. Neither outcome says whether it arrives.
   */
  publish(channel: string, message: string | Uint8Array): Promise<unknown> | void;
  /**
   * Appends a message to the history of a channel, and publishes it to who has subscribed to the
   * channel: in one step, so that all of them get the messages of all servers in the order of their
   * offsets. A message whose number is not above the last one of the same server, in the channel, is
   * not appended. Left out by brokers without histories, as is {@linkcode BrokerConnection.read}.
   *
   * @returns Resolves with the position of the message. Rejects if it was not appended, or if that is
   * not known; stays pending if the connection is lost.
   */
  append?(
    channel: string,
    message: string | Uint8Array,
    entry: HistoryEntry,
  ): Promise<HistoryPosition>;
  /**
   * Reads the newest messages of the history of a channel, as many as the limits allow. What was
   * appended before the call is taken into account.
   */
  read?(channel: string, limits: HistoryLimits): Promise<HistoryRange>;
  /** Ends the connection, and leaves no listener, timer or descriptor. Messages may be lost. */
  close(): Promise<unknown> | void;
}

/** Change in what a server's topics share with other processes. */
export type BrokerEvent =
  | {
    /** Messages go to other processes from now on, and come from them. */
    readonly type: "up";
  }
  | {
    /** Messages reach only the server's own sockets from now on, and those of others do not come. */
    readonly type: "down";
    /** Reason of it. */
    readonly error: Error;
  }
  | {
    /** Messages of another server have not come, and will not. */
    readonly type: "lost";
    /** Topic of these messages. */
    readonly topic: string;
    /** Number of them. */
    readonly count: number;
  };

/** Counts of what a server has exchanged with others by its broker. */
export interface BrokerStats {
  /** Whether the broker is up: a message of the server's own has come back through it just now. */
  readonly up: boolean;
  /** Number of messages that were handed to the broker. */
  readonly published: number;
  /** Number of messages that were not: it was down, did not keep up, or does not take so long ones. */
  readonly dropped: number;
  /** Number of messages of other servers that came. */
  readonly received: number;
  /** Number of messages of other servers that did not come, as far as later ones show it. */
  readonly lost: number;
  /** Number of messages that came again, or behind later ones of the same server: not delivered. */
  readonly duplicates: number;
  /** Number of messages that could not be read: not of this package, or of another version. */
  readonly ignored: number;
}
