/** Who sees whether sockets keep their promises. @module */

import type { ServerSocket } from "../../../mod.ts";

/** Breaches that are kept in words. */
const KEPT = 20;

const TYPES = ["open", "message", "drain", "error", "close"];

const OPEN = 1;
const CLOSED = 3;

/** One socket, from the moment that it was made. */
class Watched {
  readonly #socket: ServerSocket;
  readonly #witness: StretchMonitor;
  readonly #name: string;
  #state = 0;
  #opened = false;
  #failed = false;
  #closed = false;

  constructor(socket: ServerSocket, witness: StretchMonitor, name: string) {
    this.#socket = socket;
    this.#witness = witness;
    this.#name = name;
    for (const type of TYPES) socket.addEventListener(type, this);
  }

  handleEvent(event: Event): void {
    const { type } = event;
    const state = this.look();
    if (this.#closed) this.#broken(`${type} after close`);
    if (type === "open") {
      if (this.#opened) this.#broken("open twice");
      if (this.#failed) this.#broken("open after error");
      this.#opened = true;
    } else if (type === "message" || type === "drain") {
      if (!this.#opened) this.#broken(`${type} before open`);
      if (type === "message") this.#witness.messages++;
    }
    if (type === "error") this.#failed = true;
    else if (type === "close") this.#end(event as CloseEvent, state);
    else if (state !== OPEN) this.#broken(`${type} in state ${state}`);
  }

  /** Where the socket is; it must not be further back than it was. */
  look(): number {
    const { readyState } = this.#socket;
    if (readyState < this.#state) {
      this.#broken(`readyState went from ${this.#state} back to ${readyState}`);
    }
    return this.#state = readyState;
  }

  #end({ code, wasClean }: CloseEvent, state: number): void {
    if (state !== CLOSED) this.#broken(`close in state ${state}`);
    if (wasClean === (code === 1006)) this.#broken(`wasClean is ${wasClean} with ${code}`);
    if (code === 1006 && !this.#failed) this.#broken("close with 1006 without error");
    if (!this.#closed) this.#witness.ended(this);
    this.#closed = true;
  }

  #broken(how: string): void {
    this.#witness.tell(`${this.#name}${how}`);
  }
}

/** Watches sockets. */
export class StretchMonitor {
  /** Sockets that it was shown. */
  made = 0;
  /** Sockets whose `close` event has come. */
  closed = 0;
  /** `message` events. */
  messages = 0;
  /** What was not kept: the first times, in words. */
  readonly broken: string[] = [];
  readonly #present: Set<Watched> = new Set();

  /**
   * Watches a socket that is still CONNECTING.
   *
   * @param name What to call it, if it breaks a promise.
   */
  watch(socket: ServerSocket, name = ""): void {
    this.made++;
    this.#present.add(new Watched(socket, this, name));
  }

  /** Looks at all that are present. */
  look(): void {
    for (const it of this.#present) it.look();
  }

  /** Told of a `close` event. */
  ended(it: Watched): void {
    this.closed++;
    this.#present.delete(it);
  }

  /** Told of a promise that was not kept. */
  tell(how: string): void {
    if (this.broken.length < KEPT) this.broken.push(how);
  }
}
