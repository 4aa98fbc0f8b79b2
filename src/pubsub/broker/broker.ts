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
   */
  message(channel: string, message: string | Uint8Array): void;
  /** The connection is lost, or could not be made. Another one will be asked for. */
  closed(error: unknown): void;
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
