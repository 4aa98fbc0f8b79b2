/** A subscribed socket and the counts of its server, as topics see them. @module */

import type { GuardedConnection } from "../core/guarded.ts";

/** A socket that can subscribe to topics. */
export interface Subscriber {
  /** Connection that messages are sent through. */
  readonly connection: GuardedConnection;
  /** Limits of what may be buffered for the socket, in bytes. */
  readonly limits: { readonly maxBuffered: number; readonly lowWaterMark: number };
  /**
   * Returns whether a published message may be sent while the connection is backlogged. If not, the
   * message is dropped and counted.
   */
  mayShare(): boolean;
}

/** Counts of what has gone through all sockets of a server. */
export interface Traffic {
  /** Number of messages that arrived. */
  received: number;
  /** Their size, by `sizeOf()`. */
  bytesReceived: number;
  /** Number of messages that were sent. */
  sent: number;
  /** Their size, by `sizeOf()`. */
  bytesSent: number;
  /** Number of messages that were to be sent, but had to be dropped. */
  dropped: number;
}
