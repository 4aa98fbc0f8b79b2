/** What can be done with the sockets of a server, all of them at once. @module */

import type { RefusalReason } from "../handshake/upgrade_error.ts";
import type { ServerSocket } from "./server_socket.ts";

/** How {@linkcode Hub.close} goes about it. */
export interface CloseOptions {
  /**
   * The code in the Close frames.
   *
   * @default {1001}
   */
  code?: number;
  /**
   * The reason in the Close frames: up to 123 bytes of UTF-8.
   *
   * @default {""}
   */
  reason?: string;
  /**
   * In how much time the Close frames are sent, one after the other, in milliseconds: so ten
   * thousand clients do not all come back in the same instant.
   *
   * @default {0}
   */
  over?: number;
  /**
   * How long to wait for the peers after the last Close frame, in milliseconds; then their
   * connections are dropped.
   *
   * @default {10000}
   */
  deadline?: number;
}

/** How a server's sockets ended. */
export interface Closed {
  /** How many ended with a closing handshake. */
  readonly closed: number;
  /** How many were lost or had to be dropped. */
  readonly terminated: number;
}

/** How {@linkcode Hub.publish} goes about it. */
export interface PublishOptions {
  /**
   * A socket that is left out: for instance the one that the message came from.
   *
   * @default {undefined}
   */
  except?: ServerSocket;
}

/** Messages, and how long they were. */
export interface Volume {
  /** How many messages. */
  readonly messages: number;
  /**
   * How long they were, all together: binary in bytes, text by its `length`, which is the same for
   * ASCII. Bytes of UTF-8 would have to be counted one by one.
   */
  readonly bytes: number;
}

/** What has happened so far. */
export interface Stats {
  /** Sockets that are OPEN. */
  readonly open: number;
  /** Sockets that have been OPEN, these included. */
  readonly opened: number;
  /** Handshakes that were refused, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** What came from the peers. */
  readonly received: Volume;
  /** What was sent to them. */
  readonly sent: Volume;
  /** Messages that were not sent, since too much waited already. */
  readonly dropped: number;
  /** Sockets that ended, by the code of their `close` event. */
  readonly closed: Readonly<Record<number, number>>;
}

/** All sockets of a server. */
export interface Hub {
  /** The sockets that are not CLOSED. */
  readonly sockets: ReadonlySet<ServerSocket>;
  /**
   * Sends a message to each socket that has subscribed to a topic and is OPEN, once. Messages of one
   * publisher arrive in the order of `publish()`, and in their place among those of `send()`.
   *
   * A peer that is slow does not hold up the others: its own `maxBuffered` and `overflow` apply.
   *
   * @param topic Any string but the empty one.
   * @param data As for `send()`. Bytes are captured.
   * @returns How many sockets it was sent to.
   * @throws {TypeError} If the topic is no string or empty, or the data is none that can be sent.
   */
  publish(
    topic: string,
    data: string | ArrayBufferLike | ArrayBufferView | Blob,
    options?: PublishOptions,
  ): number;
  /** How many sockets have subscribed to a topic. */
  subscribers(topic: string): number;
  /** What has happened so far. Each call counts anew what it returns: it does not change later. */
  stats(): Stats;
  /**
   * Refuses new sockets with 503, closes the present ones, waits for their peers, and drops those
   * that have not answered at the deadline. Further calls return the same promise.
   *
   * @throws {DOMException} `InvalidAccessError` for a code that may not be sent, `SyntaxError` for a
   * reason that is too long.
   * @throws {RangeError} If a time is negative or no number.
   */
  close(options?: CloseOptions): Promise<Closed>;
}
