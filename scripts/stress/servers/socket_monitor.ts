/** Monitor of the promises of sockets. @module */

import type { ServerSocket } from "../../../mod.ts";

/** Number of violations that are kept. */
const MAX_KEPT = 20;

const TYPES = ["open", "message", "drain", "error", "close"];

const OPEN = 1;
const CLOSED = 3;

/** A socket, monitored from its creation on. */
class MonitoredSocket {
  readonly #socket: ServerSocket;
  readonly #monitor: SocketMonitor;
  readonly #name: string;
  #state = 0;
  #opened = false;
  #failed = false;
  #closed = false;

  constructor(socket: ServerSocket, monitor: SocketMonitor, name: string) {
    this.#socket = socket;
    this.#monitor = monitor;
    this.#name = name;
    for (const type of TYPES) socket.addEventListener(type, this);
  }

  handleEvent(event: Event): void {
    const { type } = event;
    const state = this.check();
    if (this.#closed) this.#violated(`${type} after close`);
    if (type === "open") {
      if (this.#opened) this.#violated("open twice");
      if (this.#failed) this.#violated("open after error");
      this.#opened = true;
    } else if (type === "message" || type === "drain") {
      if (!this.#opened) this.#violated(`${type} before open`);
      if (type === "message") this.#monitor.messages++;
    }
    if (type === "error") this.#failed = true;
    else if (type === "close") this.#end(event as CloseEvent, state);
    else if (state !== OPEN) this.#violated(`${type} in state ${state}`);
  }

  /** Returns `readyState`, which must not go back. */
  check(): number {
    const { readyState } = this.#socket;
    if (readyState < this.#state) {
      this.#violated(`readyState went from ${this.#state} back to ${readyState}`);
    }
    return this.#state = readyState;
  }

  #end({ code, wasClean }: CloseEvent, state: number): void {
    if (state !== CLOSED) this.#violated(`close in state ${state}`);
    if (wasClean === (code === 1006)) this.#violated(`wasClean is ${wasClean} with ${code}`);
    if (code === 1006 && !this.#failed) this.#violated("close with 1006 without error");
    if (!this.#closed) this.#monitor.ended(this);
    this.#closed = true;
  }

  #violated(violation: string): void {
    this.#monitor.violated(`${this.#name}${violation}`);
  }
}

/** Monitors sockets. */
export class SocketMonitor {
  /** Number of monitored sockets. */
  made = 0;
  /** Number of sockets whose `close` event has fired. */
  closed = 0;
  /** Number of `message` events. */
  messages = 0;
  /** First violations, in words. */
  readonly violations: string[] = [];
  readonly #present: Set<MonitoredSocket> = new Set();

  /**
   * Monitors a socket that is still CONNECTING.
   *
   * @param name Prefix of its violations.
   */
  watch(socket: ServerSocket, name = ""): void {
    this.made++;
    this.#present.add(new MonitoredSocket(socket, this, name));
  }

  /** Checks all sockets that are not closed. */
  check(): void {
    for (const it of this.#present) it.check();
  }

  /** Counts a `close` event. */
  ended(it: MonitoredSocket): void {
    this.closed++;
    this.#present.delete(it);
  }

  /** Adds a violation. */
  violated(violation: string): void {
    if (this.violations.length < MAX_KEPT) this.violations.push(violation);
  }
}
