/** A socket as promises, as Web Streams, and as an async iterable: built on its events. @module */

import type { Clock } from "./clock.ts";
import { sizeOf } from "./payload.ts";
import { CONNECTING, OPEN } from "./ready_state.ts";
import { queueTask } from "./task.ts";

/** Number of bytes that may wait to be read before the socket is paused. */
const MAX_UNREAD = 64 * 1024;

/** Bytes counted for a message besides its own: a million empty ones take memory too. */
const OVERHEAD = 64;

/**
 * Number of writes after which other connections have a turn. Where a system takes all that is
 * written, or a runtime has not reported yet that its connection is lost, a loop would leave none.
 */
const TURN = 64;

/** Data of a received message: a string, or of the type that `binaryType` names. */
export type Message = string | ArrayBuffer | Blob;

/** Data that can be sent. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | Blob;

/** End of a socket. */
export interface SocketEnd {
  /** The last `close` event. */
  readonly event: CloseEvent;
  /** Error, if no Close frame came. */
  readonly error: unknown;
}

/** Source of messages as streams see it, besides the events of its socket. */
export interface Source {
  /** Stops delivering messages, or starts again. */
  setPaused(paused: boolean): void;
  /** Whether so much is buffered that a `drain` event will follow. */
  readonly backlogged: boolean;
  /** End of the socket, when it has ended. */
  readonly end: SocketEnd | undefined;
}

/** Options of streams. */
export interface StreamEnvironment {
  /** Source of time. */
  readonly clock?: Clock | undefined;
  /** Called with an error of the program that rejects no promise. */
  readonly onError?: ((error: unknown, target: WebSocket) => void) | undefined;
}

/** Class of a socket's streams. */
export type StreamsClass = new (
  socket: WebSocket,
  source: Source,
  environment: StreamEnvironment,
) => Streams;

function over(): Error {
  return new DOMException("The socket has been closed", "InvalidStateError");
}

/** Calls back at the end of a socket, or now if it has ended. */
export function atEnd(socket: WebSocket, source: Source, ended: (end: SocketEnd) => void): void {
  if (source.end !== undefined) return ended(source.end);
  const close = (): void => {
    if (source.end === undefined) return; // one connection of several
    socket.removeEventListener("close", close);
    ended(source.end);
  };
  socket.addEventListener("close", close);
}

/**
 * Resolves when the next message may be sent without a backlog, or when the socket has ended.
 *
 * @param writes Number of messages sent so far.
 */
export async function untilDrained(
  socket: WebSocket,
  source: Source,
  writes: number,
): Promise<void> {
  if (writes % TURN === 0) await new Promise<void>(queueTask);
  while (source.backlogged && socket.readyState === OPEN) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const type of ["drain", "close"]) socket.removeEventListener(type, done);
        resolve();
      };
      for (const type of ["drain", "close"]) socket.addEventListener(type, done);
    });
  }
}

/** Marks a promise as handled: its rejection is no error. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function openedOf(socket: WebSocket, source: Source): Promise<void> {
  return handled(
    new Promise((resolve, reject) => {
      if (socket.readyState === OPEN) return resolve();
      socket.addEventListener("open", () => resolve(), { once: true });
      atEnd(socket, source, ({ error }) => reject(error ?? over()));
    }),
  );
}

function closedOf(socket: WebSocket, source: Source): Promise<CloseEvent> {
  return new Promise((resolve) => atEnd(socket, source, ({ event }) => resolve(event)));
}

/** Messages of a socket that wait to be read, from now on. */
class Inbox {
  /** Number of messages that were taken. */
  taken = 0;
  readonly #messages: Message[] = [];
  readonly #source: Source;
  #unread = 0;
  #end: SocketEnd | undefined;
  #wake: (() => void) | undefined;

  /** Begins to collect messages. */
  constructor(socket: WebSocket, source: Source) {
    this.#source = source;
    socket.addEventListener("message", ({ data }) => {
      this.#messages.push(data);
      this.#unread += OVERHEAD + sizeOf(data);
      if (this.#unread > MAX_UNREAD) source.setPaused(true);
      this.#wake?.();
    });
    atEnd(socket, source, (end) => {
      this.#end = end;
      this.#wake?.();
    });
  }

  /**
   * Waits for the next message, and takes it.
   *
   * @returns The message; `undefined` when the socket has ended and all is read.
   * @throws {Error} When the connection was lost and all is read.
   */
  async next(): Promise<Message | undefined> {
    while (this.#messages.length === 0) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        const wake = this.#wake; // several may wait
        this.#wake = () => {
          this.#wake = undefined;
          wake?.();
          resolve();
        };
      });
    }
    const message = this.#messages.shift()!;
    this.taken++;
    const before = this.#unread;
    this.#unread -= OVERHEAD + sizeOf(message);
    if (before > MAX_UNREAD && this.#unread <= MAX_UNREAD) this.#source.setPaused(false);
    return message;
  }
}

/** Iterates over the messages of an inbox. Leaving a loop over them leaves the socket open. */
function iterate(inbox: Inbox): AsyncIterableIterator<Message> {
  return {
    async next() {
      const value = await inbox.next();
      return value === undefined ? { value, done: true } : { value, done: false };
    },
    return: () => Promise.resolve({ value: undefined, done: true }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Makes a stream of the messages of an inbox. Cancelling it closes the socket. */
function readableOf(inbox: Inbox, socket: WebSocket): ReadableStream<Message> {
  return new ReadableStream<Message>({
    async pull(controller) {
      const message = await inbox.next();
      if (message === undefined) controller.close();
      else controller.enqueue(message);
    },
    async cancel() {
      socket.close();
      while (await inbox.next().catch(() => undefined) !== undefined); // discards them
    },
  }, { highWaterMark: 0 }); // an error discards what is queued: that must not be what had arrived
}

/**
 * Makes a stream into a socket. A write is done when the next may be sent without a backlog; closing
 * the stream closes the socket, and is done when that has ended.
 */
function writableOf(socket: WebSocket, source: Source): WritableStream<Sendable> {
  let closing = false;
  let writes = 0;
  const closed = closedOf(socket, source);
  return new WritableStream<Sendable>({
    start(controller) {
      atEnd(socket, source, ({ error }) => {
        if (error !== undefined && !closing) controller.error(error);
        // A pipe from the socket's own readable learns of the end there, and closes this.
        else queueTask(() => closing || controller.error(over()));
      });
    },
    async write(data) {
      if (socket.readyState === CONNECTING) await openedOf(socket, source);
      if (socket.readyState !== OPEN) throw over();
      socket.send(data as string);
      await untilDrained(socket, source, ++writes);
    },
    async close() {
      closing = true;
      socket.close();
      await closed;
    },
    abort: () => socket.close(),
  });
}

/** Promises and streams of a socket, each made when first asked for. */
export class Streams {
  /** The socket. */
  protected readonly socket: WebSocket;
  /** Its connection, besides events. */
  protected readonly source: Source;
  #opened: Promise<void> | undefined;
  #closed: Promise<CloseEvent> | undefined;
  #inbox: Inbox | undefined;
  #readable: ReadableStream<Message> | undefined;
  #writable: WritableStream<Sendable> | undefined;

  /** Makes nothing yet. */
  constructor(socket: WebSocket, source: Source) {
    this.socket = socket;
    this.source = source;
  }

  /** Resolves when the socket is OPEN. */
  get opened(): Promise<void> {
    return this.#opened ??= this.makeOpened();
  }

  /** Resolves when the socket is CLOSED. */
  get closed(): Promise<CloseEvent> {
    return this.#closed ??= closedOf(this.socket, this.source);
  }

  /** Received messages, as a stream. */
  get readable(): ReadableStream<Message> {
    return this.#readable ??= readableOf(this.#unread, this.socket);
  }

  /** Messages to send, as a stream. */
  get writable(): WritableStream<Sendable> {
    return this.#writable ??= this.makeWritable();
  }

  /** Iterates over the received messages. */
  iterate(): AsyncIterableIterator<Message> {
    return iterate(this.#unread);
  }

  /** Number of messages that were read, in whichever way. */
  protected get taken(): number {
    return this.#inbox?.taken ?? 0;
  }

  /** Makes the promise of the open event. */
  protected makeOpened(): Promise<void> {
    return openedOf(this.socket, this.source);
  }

  /** Makes the stream of messages to send. */
  protected makeWritable(): WritableStream<Sendable> {
    return writableOf(this.socket, this.source);
  }

  get #unread(): Inbox {
    return this.#inbox ??= new Inbox(this.socket, this.source);
  }
}
