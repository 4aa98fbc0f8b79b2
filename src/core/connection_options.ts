/** What a connection begins with. @module */

import type { Clock } from "./clock.ts";
import type { Role } from "./close_code.ts";
import type { SocketTarget } from "./events.ts";
import type { ConnectionGuard } from "./guarded.ts";
import type { StreamsClass } from "./streams.ts";

/** What is common to many sockets: one object for all sockets of a server. */
export interface ConnectionOptions {
  /** The end of the connection that this is. */
  readonly role: Role;
  /** How long the opening handshake may take, in milliseconds; 0 for no limit. */
  readonly openTimeout: number;
  /** How long the closing handshake may take, in milliseconds; 0 for no limit. */
  readonly closeTimeout: number;
  /**
   * Maximum size of a message that comes, in bytes. A server's guard has a limit of its own.
   *
   * @default {Infinity}
   */
  readonly maxPayload?: number | undefined;
  /** Told what listeners threw. Without it, a listener's error is the program's own affair. */
  readonly onError?: ((error: unknown, target: SocketTarget) => void) | undefined;
  /** Where time comes from: the system, unless a test says otherwise. */
  readonly clock?: Clock | undefined;
  /** The class of a socket's streams. Without it, they fail with the connection, as a client's do. */
  readonly streams?: StreamsClass | undefined;
}

/** What a connection begins with. */
export interface ConnectionInit {
  /** What `message` events carry for binary. */
  readonly binaryType: BinaryType;
  /** The subprotocols that a client offers: it must get one of them, or none if there are none. */
  readonly offered?: readonly string[] | undefined;
  /** Guard of a server's connection. */
  readonly guard?: ConnectionGuard | undefined;
}
