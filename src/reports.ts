/** Reports of what happens at a server, and whom they go to. @module */

import type { UpgradeError } from "./handshake.ts";
import type { ServerSocket } from "./server_socket.ts";
import type { Socket } from "./socket.ts";

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

/** What a user's `onError` throws must not end the server either. */
export function guarded(report: () => void): void {
  try {
    report();
  } catch (error) {
    console.error(error);
  }
}
