/** A link over whatever is a platform `WebSocket`: every browser's, Deno's, Bun's, Node's. @module */

import { failureOf } from "../../core/failure.ts";
import type { Bytes, Link, LinkEvents } from "../../core/link.ts";

type Pausable = WebSocket & { pause?(): void; resume?(): void };

/** Status of a Close frame as {@linkcode CloseEvent} tells it; Deno says 0 where there was none. */
function failure(event: CloseEvent): boolean {
  return event.code === 1006 || event.code === 0;
}

const ONCE = { once: true };
const TYPES = ["message", "error", "close"];

/** Passes on what a platform's `WebSocket` tells, and what the core asks of it. */
export class WebLink implements Link {
  /** The platform's socket. */
  protected readonly socket: WebSocket;
  /** Whom what it tells is for. */
  protected readonly events: LinkEvents;
  readonly #protocol: string | undefined;

  /**
   * Takes over a socket that is still CONNECTING.
   *
   * @param protocol The subprotocol agreed on, where the socket itself does not know it.
   */
  constructor(socket: WebSocket, events: LinkEvents, protocol?: string) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.events = events;
    this.#protocol = protocol;
    socket.addEventListener("open", this, ONCE);
    for (const type of TYPES) socket.addEventListener(type, this);
  }

  /** Takes what the platform's socket tells: one object for all that would be closures. */
  handleEvent(event: Event): void {
    const { events } = this;
    switch (event.type) {
      case "message":
        return events.received((event as MessageEvent).data);
      case "open": {
        const { socket } = this;
        return events.opened(this, this.#protocol ?? socket.protocol, socket.extensions);
      }
      // What comes after an error tells less, or never comes (Node 22 does not fire close).
      case "error":
        return events.failed(causeOf(event));
      case "close": {
        const { code, reason } = event as CloseEvent;
        return failure(event as CloseEvent) ? events.failed() : events.closed(code, reason);
      }
    }
  }

  /** What the platform has not written yet. */
  get bufferedAmount(): number {
    return this.socket.bufferedAmount;
  }

  /** Sends a message; the platform copies bytes. */
  send(data: string | Bytes): void {
    this.socket.send(data);
  }

  /** Begins the closing handshake; without a code where the platform refuses to send it. */
  close(code?: number, reason?: string): void {
    try {
      if (code !== undefined) return this.socket.close(code, reason);
    } catch {
      // A platform's client may send 1000, and 3000 to 4999, but not 1009.
    }
    this.socket.close();
  }

  /** Stops reading where the platform can: Bun. */
  pause(): void {
    (this.socket as Pausable).pause?.();
  }

  /** Reads again. */
  resume(): void {
    (this.socket as Pausable).resume?.();
  }

  /** Cuts the connection where the platform can (Bun); elsewhere it ends in its own time. */
  terminate(): void {
    const socket: WebSocket & { terminate?(): void } = this.socket;
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
  }
}

/** What the platform tells of a failure: an `ErrorEvent` on servers, nothing in browsers. */
function causeOf(event: Event): unknown {
  const { error, message } = event as Partial<ErrorEvent>;
  if (error instanceof Error && error.message !== "") return failureOf(error);
  if (typeof message === "string" && message !== "") return failureOf(new Error(message));
  return undefined;
}
