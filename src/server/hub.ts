/** Interface to all sockets of a server at once: publishing, statistics, closing. @module */

import type { BrokerStats } from "../pubsub/broker/broker.ts";
import type { RefusalReason } from "../handshake/upgrade_error.ts";
import type { ServerSocket } from "./server_socket.ts";

/** Options for {@linkcode Hub.close}. */
export interface CloseOptions {
  /**
   * Code in the Close frames.
   *
   * @default {1001}
   */
  code?: number;
  /**
   * Reason in the Close frames: up to 123 bytes of UTF-8.
   *
   * @default {""}
   */
  reason?: string;
  /**
   * Time over which the Close frames are spread, in milliseconds, so that ten thousand clients do
   * not all reconnect at the same moment.
   *
   * @default {0}
   */
  over?: number;
  /**
   * Maximum time to wait for the peers after the last Close frame, in milliseconds; then their
   * connections are dropped.
   *
   * @default {10000}
   */
  deadline?: number;
}

/** Result of {@linkcode Hub.close}: how the sockets ended. */
export interface Closed {
  /** Number of sockets that ended with a closing handshake. */
  readonly closed: number;
  /** Number of sockets whose connection was lost or dropped. */
  readonly terminated: number;
}

/** Options for {@linkcode Hub.publish}. */
export interface PublishOptions {
  /**
   * Socket that is left out, for instance the one that sent the message.
   *
   * @default {undefined}
   */
  except?: ServerSocket;
  /**
   * Whether the message stays at this server, also if it has a {@linkcode SocketOptions.broker}: for
   * what every server says to its own sockets.
   *
   * @default {false}
   */
  local?: boolean;
}

/** Number and total size of messages. */
export interface Volume {
  /** Number of messages. */
  readonly messages: number;
  /**
   * Total size: of binary in bytes, of text by its `length`, which is the same for ASCII. The bytes
   * of UTF-8 would have to be counted one by one.
   */
  readonly bytes: number;
}

/** Statistics of a server since it was created. */
export interface Stats {
  /** Number of sockets that are OPEN. */
  readonly open: number;
  /** Number of sockets that are or have been OPEN. */
  readonly opened: number;
  /** Number of handshakes that were refused, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** Messages received from the peers. */
  readonly received: Volume;
  /** Messages sent to the peers. */
  readonly sent: Volume;
  /** Number of messages that were dropped, since too much was buffered already. */
  readonly dropped: number;
  /** Number of sockets that are CLOSED, by the code of their `close` event. */
  readonly closed: Readonly<Record<number, number>>;
  /** What was exchanged with other servers, if this one has a broker. */
  readonly broker?: BrokerStats;
}

/** Interface to all sockets of a server at once. */
export interface Hub {
  /** Sockets that are not CLOSED. */
  readonly sockets: ReadonlySet<ServerSocket>;
  /**
   * Sends a message once to each socket that has subscribed to a topic and is OPEN. Messages of one
   * publisher arrive in the order of the calls of `publish()` and `send()`.
   *
   * A slow peer does not delay the others: its own `maxBuffered` and `overflow` apply.
   *
   * With a {@linkcode SocketOptions.broker}, the message then goes to the other servers, unless it is
   * `local`.
   *
   * @param topic Any string except the empty one.
   * @param data As for `send()`. Bytes are captured.
   * @returns Number of this server's sockets that the message was sent to.
   * @throws {TypeError} If the topic is not a string or is empty, or the data cannot be sent.
   */
  publish(
    topic: string,
    data: string | ArrayBufferLike | ArrayBufferView | Blob,
    options?: PublishOptions,
  ): number;
  /** Returns the number of sockets that have subscribed to a topic. */
  subscribers(topic: string): number;
  /** Returns statistics. The object is a snapshot: it does not change later. */
  stats(): Stats;
  /**
   * Refuses new sockets with 503, closes the existing ones, waits for their peers, and drops those
   * that have not answered by the deadline. Further calls return the same promise.
   *
   * @throws {DOMException} `InvalidAccessError` for a code that may not be sent, `SyntaxError` for
   * a reason that is too long.
   * @throws {RangeError} If a time is negative or not a number.
   */
  close(options?: CloseOptions): Promise<Closed>;
}
