/** What the sockets of a page have in common: promises and loops over the platform's events. @module */

import type { Message, SocketEnd } from "../core/streams.ts";
import { defineStates } from "../core/web_socket_base.ts";
import { loopsOver, over, readableOf } from "./page_streams.ts";

/** A WebSocket with the platform's listeners, and with promises and loops. */
export abstract class PageTarget extends EventTarget {
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  static {
    defineStates(this.prototype);
  }

  #isOpen!: () => void;
  #hasEnded!: (end: SocketEnd) => void;
  readonly #ended: Promise<SocketEnd> = new Promise((resolve) => this.#hasEnded = resolve);
  readonly #opened: Promise<void> = new Promise((resolve, reject) => {
    this.#isOpen = resolve;
    // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it never rejects
    void this.#ended.then(({ error }) => reject(error ?? over()));
  });
  #readable: ReadableStream<Message> | undefined;
  #loops: (() => AsyncIterableIterator<Message>) | undefined;

  constructor() {
    super();
    this.#opened.catch(() => {}); // it need not be handled
  }

  /** Runs the listeners of an event, and settles promises: after the last one, there is an end. */
  protected fire(event: Event, end?: SocketEnd): void {
    this.dispatchEvent(event);
    if (event.type === "open") this.#isOpen();
    if (end !== undefined) this.#hasEnded(end);
  }

  /** Resolves with the end. */
  protected get ended(): Promise<SocketEnd> {
    return this.#ended;
  }

  /** Begins the closing handshake. */
  abstract close(): void;
  /** Delivers no messages for a while, since too many are unread. */
  protected abstract setPaused(paused: boolean): void;

  get opened(): Promise<void> {
    return this.#opened;
  }
  get closed(): Promise<CloseEvent> {
    return this.#ended.then(({ event }) => event);
  }
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return (this.#loops ??= loopsOver(this.readable))();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#ended;
  }

  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  get readable(): ReadableStream<Message> {
    return this.#readable ??= readableOf(this, this.#ended, (paused) => this.setPaused(paused));
  }
}
