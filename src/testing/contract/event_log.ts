/** What happens to a socket, in order. @module */

import type { Socket, SocketEventMap } from "../../core/socket.ts";

const TYPES = ["open", "message", "drain", "error", "close"] as const;

/** Listens to a socket from the moment that it is made. */
export class EventLog {
  /** The events so far: their types. */
  readonly types: string[] = [];
  /** What `readyState` was at each event. */
  readonly states: number[] = [];
  /** The data of the messages so far. */
  readonly data: unknown[] = [];

  /** What the `error` events so far told. */
  readonly errors: unknown[] = [];

  readonly #events: Event[] = [];
  #waiting: (() => void) | undefined;
  #taken = 0;

  /** Begins to listen. */
  constructor(socket: Socket) {
    for (const type of TYPES) {
      socket.addEventListener(type, (event) => {
        this.types.push(event.type);
        this.states.push(socket.readyState);
        if (event.type === "message") this.data.push((event as MessageEvent).data);
        if (event.type === "error") this.errors.push((event as { error?: unknown }).error);
        this.#events.push(event);
        this.#waiting?.();
      });
    }
  }

  /** Waits for the next event of a type. Events of other types before it are passed over. */
  async next<K extends keyof SocketEventMap>(type: K): Promise<SocketEventMap[K]> {
    while (true) {
      while (this.#taken < this.#events.length) {
        const event = this.#events[this.#taken++]!;
        if (event.type === type) return event as SocketEventMap[K];
      }
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
  }
}
