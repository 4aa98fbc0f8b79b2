/** Options of a connection. @module */

import type { Clock } from "./clock.ts";
import type { Role } from "./close_code.ts";
import type { SocketTarget } from "./events.ts";
import type { ConnectionGuard } from "./guarded.ts";
import type { StreamsClass } from "./streams.ts";

/** Options that many sockets have in common: one object for all sockets of a server. */
export interface ConnectionOptions {
  /** End of the connection that this side is. */
  readonly role: Role;
  /** Maximum duration of the opening handshake, in milliseconds; 0 for no limit. */
  readonly openTimeout: number;
  /** Maximum duration of the closing handshake, in milliseconds; 0 for no limit. */
  readonly closeTimeout: number;
  /**
   * Maximum size of a message that comes, in bytes. A server's guard has a limit of its own.
   *
   * @default {Infinity}
   */
  readonly maxPayload?: number | undefined;
  /** Called with what listeners throw. Without it, the platform reports a listener's error. */
  readonly onError?: ((error: unknown, target: SocketTarget) => void) | undefined;
  /** Source of time; the system's if `undefined`. */
  readonly clock?: Clock | undefined;
  /** Class of a socket's streams. Without it, they fail with the connection, as a client's do. */
  readonly streams?: StreamsClass | undefined;
}

/** Options that a connection has of its own. */
export interface ConnectionInit {
  /** Type of the data of `message` events for binary messages. */
  readonly binaryType: BinaryType;
  /** Subprotocols that a client offers: it must get one of them, or none if there are none. */
  readonly offered?: readonly string[] | undefined;
  /** Guard of a server's connection. */
  readonly guard?: ConnectionGuard | undefined;
}
