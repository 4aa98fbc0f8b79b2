/** Link over a platform's `WebSocket`: every browser's, Deno's, Bun's, Node's. @module */

import { ABNORMAL } from "../../core/close_code.ts";
import { failureOf } from "../../core/failure.ts";
import type { Bytes, Link, LinkEvents } from "../../core/link.ts";

type Pausable = WebSocket & { pause?(): void; resume?(): void };

/** Returns whether the connection ended without a Close frame: Deno reports that as code 0. */
function isAbnormal({ code }: CloseEvent): boolean {
  return code === ABNORMAL || code === 0;
}

/** Value of `readyState`. */
const CLOSING = 2;
const ONCE = { once: true };
const TYPES = ["message", "error", "close"];

/** What Node has as a global variable. */
interface Host {
  nextTick?(tick: () => void): void;
}

/** Node's `nextTick`. Its own class reports all that one read has brought in one turn. */
const nextTick: Host["nextTick"] = "Bun" in globalThis || "Deno" in globalThis
  ? undefined
  : ((globalThis as { readonly [name: string]: unknown })["process"] as Host | undefined)?.nextTick;

/** Link over a platform's `WebSocket`. */
export class WebLink implements Link {
  /** The platform's socket. */
  protected readonly socket: WebSocket;
  /** Reports to the core. */
  protected readonly events: LinkEvents;
  readonly #protocol: string | undefined;
  #hasOpened = false;

  /**
   * Takes over a socket that is still CONNECTING.
   *
   * @param protocol The subprotocol agreed on, if the socket itself does not know it.
   */
  constructor(socket: WebSocket, events: LinkEvents, protocol?: string) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.events = events;
    this.#protocol = protocol;
    socket.addEventListener("open", this, ONCE);
    for (const type of TYPES) socket.addEventListener(type, this);
  }

  /** Handles the events of the platform's socket: one object instead of a closure for each. */
  handleEvent(event: Event): void {
    const { events } = this;
    switch (event.type) {
      case "message":
        return events.received((event as MessageEvent).data);
      case "open": {
        const { socket } = this;
        this.#hasOpened = true;
        return events.opened(this, this.#protocol ?? socket.protocol, socket.extensions);
      }
      // An event after an error says less, or never comes (Node 22 does not fire close).
      case "error":
        return events.failed(causeOf(event, !this.#hasOpened && nextTick !== undefined));
      case "close": {
        const { code, reason } = event as CloseEvent;
        return isAbnormal(event as CloseEvent) ? events.failed() : events.closed(code, reason);
      }
    }
  }

  /** Whether microtasks run between two events. */
  get hasTurns(): boolean {
    return nextTick === undefined;
  }

  /** A tick that a microtask asks for comes behind all microtasks, and before Node reads on. */
  get queueTurn(): ((turn: () => void) => void) | undefined {
    return nextTick && ((turn) => queueMicrotask(() => nextTick(turn)));
  }

  /** Number of bytes that the platform has not written yet. */
  get bufferedAmount(): number {
    return this.socket.bufferedAmount;
  }

  /** Sends a message; the platform copies bytes. */
  send(data: string | Bytes): void {
    this.socket.send(data);
  }

  /** Starts the closing handshake; without a code if the platform refuses to send that one. */
  close(code?: number, reason?: string): void {
    try {
      if (code !== undefined) return this.socket.close(code, reason);
    } catch {
      // A platform's client may send 1000, and 3000 to 4999, but not 1009.
    }
    this.socket.close();
  }

  /** Stops reading, if the platform can: Bun. */
  pause(): void {
    (this.socket as Pausable).pause?.();
  }

  /** Reads again, if the platform can: Bun. */
  resume(): void {
    (this.socket as Pausable).resume?.();
  }

  /**
   * Reports a close that the platform has begun: it answers the peer's Close by itself, and reports only
   * the end. It may also have sent a Close frame to a peer that answers no Ping; behind data that the peer
   * does not read, that frame waits for ever.
   */
  look(): void {
    if (this.socket.readyState >= CLOSING) this.events.closing();
  }

  /** Drops the connection if the platform can (Bun); otherwise it ends in its own time. */
  terminate(): void {
    const socket: WebSocket & { terminate?(): void } = this.socket;
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
  }
}

/**
 * Returns the cause of a failure: Deno, Bun and Node fire an `ErrorEvent`, browsers give none.
 *
 * @param hides Whether it is Node's class, which hides why there is no connection.
 */
function causeOf(event: Event, hides: boolean): unknown {
  const { error, message } = event as Partial<ErrorEvent>;
  // Node 22 has one sentence for all, "Received network error or non-101 status code", and later ones none.
  if (hides && (!message || /non-101/.test(message))) {
    return new Error('Node hides why, and engine "tcp" of the main entry point does not');
  }
  if (error instanceof Error && error.message !== "") return failureOf(error);
  if (typeof message === "string" && message !== "") return failureOf(new Error(message));
  return undefined;
}
