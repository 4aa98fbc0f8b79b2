/** Log of a socket's events. @module */

import type { Socket } from "../../core/socket.ts";
import type { SocketEventMap } from "../../core/socket_events.ts";

const TYPES = ["open", "message", "drain", "error", "close"] as const;

/** Logs the events of a socket, in order. */
export class EventLog {
  /** Types of the events so far. */
  readonly types: string[] = [];
  /** Value of `readyState` at each event. */
  readonly states: number[] = [];
  /** Data of the messages so far. */
  readonly data: unknown[] = [];
  /** Errors of the `error` events so far. */
  readonly errors: unknown[] = [];

  readonly #events: Event[] = [];
  #wake: (() => void) | undefined;
  #taken = 0;

  /** Starts logging. Call it in the task in which the socket is made, to miss nothing. */
  constructor(socket: Socket) {
    for (const type of TYPES) {
      socket.addEventListener(type, (event) => {
        this.types.push(event.type);
        this.states.push(socket.readyState);
        if (event.type === "message") this.data.push((event as MessageEvent).data);
        if (event.type === "error") this.errors.push((event as { error?: unknown }).error);
        this.#events.push(event);
        this.#wake?.();
      });
    }
  }

  /** Resolves with the next event of a type; events of other types before it are skipped. */
  async next<K extends keyof SocketEventMap>(type: K): Promise<SocketEventMap[K]> {
    while (true) {
      while (this.#taken < this.#events.length) {
        const event = this.#events[this.#taken++]!;
        if (event.type === type) return event as SocketEventMap[K];
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
