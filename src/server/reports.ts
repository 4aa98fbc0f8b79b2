/** Reports of what happens at a server, and whom they go to. @module */

import type { UpgradeError } from "../handshake/upgrade_error.ts";
import type { ServerSocket } from "./server_socket.ts";
import type { Socket } from "../core/socket.ts";

/** Who watches all servers of a process. */
export interface Diagnostics {
  /** A socket is OPEN. */
  opened(socket: ServerSocket): void;
  /** A socket is CLOSED. */
  closed(socket: ServerSocket, code: number): void;
  /** A handshake is refused. */
  refused(error: UpgradeError): void;
  /** A handler or a listener threw. */
  threw(error: unknown, socket: Socket | undefined): void;
}

/**
 * Calls what a program has for errors. If that throws, or returns a promise that rejects, the console
 * is told, and that is all: it must not end the server.
 */
export function guarded(report: () => unknown): void {
  try {
    const returned = report();
    if (typeof returned === "object" && returned !== null) {
      Promise.resolve(returned).catch(complain);
    }
  } catch (error) {
    complain(error);
  }
}

/** Writes an error to the console, even if it is one that no console can show. */
function complain(error: unknown): void {
  try {
    console.error(error);
  } catch {
    console.error("Cannot show an error that was thrown in onError: its own properties throw");
  }
}
