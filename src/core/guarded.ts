/**
 * The seam between a connection and the guard that holds it to limits. A server has a guard for each
 * of its sockets; a client's connection has none.
 *
 * @module
 */

import type { SocketTarget } from "./events.ts";
import type { Link } from "./link.ts";
import type { PauseReason } from "./pause_reason.ts";
import type { ReadyState } from "./ready_state.ts";
import type { Sender, SenderGuard } from "./sender.ts";

/** A connection as its guard sees it. */
export interface GuardedConnection {
  /** State of the connection, between 0 (CONNECTING) and 3 (CLOSED). */
  readonly state: ReadyState;
  /** Socket of the connection. */
  readonly socket: SocketTarget;
  /** Link to the peer, while there is one. */
  readonly link: Link | undefined;
  /** Outgoing half: sends, and knows what is buffered. */
  readonly sender: Sender;
  /** Fires an `error` event, then begins the closing handshake. */
  closeWithError(code: number, reason: string, error: Error): void;
  /** Sends a Close frame and gives the connection up: `error` and `close` with 1006 follow. */
  fail(code: number, message: string): void;
  /** Drops the connection: `error` and `close` with 1006 follow. */
  abandon(message: string, name: string): void;
  /** Adds or removes reasons to deliver no messages. Delivery resumes when none is left. */
  setPaused(paused: boolean, reasons: PauseReason): void;
}

/** Guard of a connection: receives its reports, and decides what may be delivered. */
export interface ConnectionGuard extends SenderGuard {
  /** Receives the connection. Called once, before any other method. */
  attach(connection: GuardedConnection): void;
  /** Called when the socket is OPEN. */
  opened(): void;
  /** Called for each sign of life of the peer that is no message to deliver. */
  heard(): void;
  /** Called for each message that arrived. Returns whether it may be delivered. */
  received(data: string | ArrayBuffer): boolean;
  /** Called when the socket is no longer OPEN. */
  closing(): void;
  /** Called when the socket is CLOSED. */
  closed(code: number): void;
}
