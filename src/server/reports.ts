/** Reports of a server: to observers of the process, and to `onError`. @module */

import type { BrokerEvent } from "../pubsub/broker/broker.ts";
import type { Refusal } from "./refusal.ts";
import type { ServerSocket } from "./server_socket.ts";
import type { Socket } from "../core/socket.ts";

/** Observer of all servers of a process. */
export interface Diagnostics {
  /** A socket is OPEN. */
  opened(socket: ServerSocket): void;
  /** A socket is CLOSED. */
  closed(socket: ServerSocket, code: number): void;
  /** A handshake is refused. */
  refused(refusal: Refusal): void;
  /** A handler or a listener threw. */
  threw(error: unknown, socket: Socket | undefined): void;
  /** The broker is up or down, or messages of other servers are lost. */
  broker(event: BrokerEvent): void;
}

/**
 * Calls a program's error callback. If it throws, or returns a promise that rejects, that is logged
 * to the console and otherwise ignored: it must not end the server.
 */
export function guarded(report: () => unknown): void {
  try {
    const returned = report();
    if (typeof returned === "object" && returned !== null) {
      Promise.resolve(returned).catch(log);
    }
  } catch (error) {
    log(error);
  }
}

/** Logs an error to the console, even one that the console cannot print. */
function log(error: unknown): void {
  try {
    console.error(error);
  } catch {
    console.error("Cannot show an error that was thrown in onError: its own properties throw");
  }
}
