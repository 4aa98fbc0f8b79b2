/** A socket as promises, as Web Streams, and as an async iterable: over its events alone. @module */

import type { Clock } from "./clock.ts";
import { sizeOf } from "./payload.ts";
import { CONNECTING, OPEN } from "./ready_state.ts";
import { queueTask } from "./task.ts";

/** What may wait to be read, in bytes, before a socket is asked for no more. */
const MAX_UNREAD = 64 * 1024;

/** What a message takes beside its own bytes: a million empty ones are not nothing. */
const OVERHEAD = 64;

/**
 * Number of writes after which others have a turn. Where a system takes all that is written, or a
 * runtime has not told yet that its connection is lost, a loop would leave them none.
 */
const TURN = 64;

/** A message, in the form that `binaryType` asks for. */
export type Message = string | ArrayBuffer | Blob;

/** What can be sent. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | Blob;

/** How a socket ended. */
export interface SocketEnd {
  /** Its last `close` event. */
  readonly event: CloseEvent;
  /** What went wrong, if no Close frame came. */
  readonly error: unknown;
}

/** What a socket's streams know of it beside its events. */
export interface Source {
  /** Stops delivering messages, or starts again. */
  setPaused(paused: boolean): void;
  /** Whether `drain` will tell when little enough waits. */
  readonly backlogged: boolean;
  /** How it ended. */
  readonly end: SocketEnd | undefined;
}

/** What streams go by beside their socket. */
export interface StreamEnvironment {
  /** Where time comes from. */
  readonly clock?: Clock | undefined;
  /** Called with an error of the program that no promise tells it. */
  readonly onError?: ((error: unknown, target: WebSocket) => void) | undefined;
}

/** The class of a socket's streams. */
export type StreamsClass = new (
  socket: WebSocket,
  source: Source,
  surroundings: StreamEnvironment,
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
 * Resolves when little enough waits for the next message, or when the socket has ended.
 *
 * @param writes Number of messages so far.
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

/** A promise that nobody has to handle. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function openedOf(socket: WebSocket, source: Source): Promise<void> {
  return handled(
    new Promise((resolve, reject) => {
      if (socket.readyState === OPEN) return resolve();
      // A promise from this listener holds messages back until who awaits ours has run.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the socket awaits it
      socket.addEventListener("open", () => (resolve(), Promise.resolve()), { once: true });
      atEnd(socket, source, ({ error }) => reject(error ?? over()));
    }),
  );
}

function closedOf(socket: WebSocket, source: Source): Promise<CloseEvent> {
  return new Promise((resolve) => atEnd(socket, source, ({ event }) => resolve(event)));
}

/** Messages that wait to be read: those of a socket from now on. */
class Inbox {
  readonly #messages: Message[] = [];
  readonly #source: Source;
  #unread = 0;
  #end: SocketEnd | undefined;
  #wake: (() => void) | undefined;

  /** Begins to collect. */
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
   * Takes the next message, when there is one.
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
    const before = this.#unread;
    this.#unread -= OVERHEAD + sizeOf(message);
    if (before > MAX_UNREAD && this.#unread <= MAX_UNREAD) this.#source.setPaused(false);
    return message;
  }
}

/** The messages of an inbox, one by one. Leaving a loop over them leaves the socket open. */
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

/** The messages of an inbox as a stream. Cancelling it closes the socket. */
function readableOf(inbox: Inbox, socket: WebSocket): ReadableStream<Message> {
  return new ReadableStream<Message>({
    async pull(controller) {
      const message = await inbox.next();
      if (message === undefined) controller.close();
      else controller.enqueue(message);
    },
    async cancel() {
      socket.close();
      while (await inbox.next().catch(() => undefined) !== undefined); // nobody wants them
    },
  }, { highWaterMark: 0 }); // what is lost with an error must not be what had arrived
}

/**
 * A stream into a socket. A write is done when little enough waits for the next; closing the stream
 * closes the socket, and is done when that has ended.
 */
function writableOf(socket: WebSocket, source: Source): WritableStream<Sendable> {
  let closing = false;
  let writes = 0;
  let ended!: () => void;
  const end = new Promise<void>((resolve) => ended = resolve);
  return new WritableStream<Sendable>({
    start(controller) {
      atEnd(socket, source, ({ error }) => {
        ended();
        if (error !== undefined && !closing) controller.error(error);
        // Whoever pipes the socket's own readable into it learns of the end there, and closes this.
        else queueTask(() => closing || controller.error(over()));
      });
    },
    async write(data) {
      if (socket.readyState === CONNECTING) await openedOf(socket, source);
      if (socket.readyState !== OPEN) throw over();
      socket.send(data as string);
      await untilDrained(socket, source, ++writes);
    },
    close() {
      closing = true;
      socket.close();
      return end;
    },
    abort: () => socket.close(),
  });
}

/** What a socket is beside events, made when it is asked for. */
export class Streams {
  /** The socket. */
  protected readonly socket: WebSocket;
  /** What is known of it beside its events. */
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

  /** What comes. */
  get readable(): ReadableStream<Message> {
    return this.#readable ??= readableOf(this.#unread, this.socket);
  }

  /** What is sent. */
  get writable(): WritableStream<Sendable> {
    return this.#writable ??= this.makeWritable();
  }

  /** What comes, one by one. */
  iterate(): AsyncIterableIterator<Message> {
    return iterate(this.#unread);
  }

  /** Makes the promise of the open event. */
  protected makeOpened(): Promise<void> {
    return openedOf(this.socket, this.source);
  }

  /** Makes the stream of what is sent. */
  protected makeWritable(): WritableStream<Sendable> {
    return writableOf(this.socket, this.source);
  }

  get #unread(): Inbox {
    return this.#inbox ??= new Inbox(this.socket, this.source);
  }
}
