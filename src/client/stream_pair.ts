/** The streams of a `WebSocketStream` over its socket, and how both end. @module */

import { OPEN } from "../core/ready_state.ts";
import type { Socket } from "../core/socket.ts";
import type { Message, Sendable } from "../core/streams.ts";
import { queueTask } from "../core/task.ts";
import { errorOfEnd, type WebSocketCloseInfo, WebSocketError } from "./web_socket_error.ts";

/** Number of bytes that may be buffered while a write counts as done: then a `drain` event is due. */
const MAX_BUFFERED = 1024 * 1024;

/** Number of writes after which other connections have a turn. */
const TURN = 64;

/** The streams and the negotiated terms of an open connection. */
export interface WebSocketConnection {
  /**
   * Received messages, as strings and ArrayBuffers. It ends with the connection, after all that had
   * arrived. Cancelling it closes the connection, with the code and the reason of a
   * {@linkcode WebSocketError}.
   */
  readonly readable: ReadableStream<Message>;
  /**
   * Messages to send. Closing the stream closes the connection; aborting it does so too, with the code and
   * the reason of a {@linkcode WebSocketError}. When the connection has ended, it fails.
   */
  readonly writable: WritableStream<Sendable>;
  /** The negotiated subprotocol; `""` if none. */
  readonly protocol: string;
  /** The negotiated extensions, as far as the runtime reports them. */
  readonly extensions: string;
}

/** How a connection ended: an error, or none if all that was written had left, and a Close frame came. */
interface End {
  readonly error: WebSocketError | undefined;
}

/** A promise, and what settles it: `Promise.withResolvers()`, which Node 20 does not have. */
class Deferred<T> {
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;
  readonly promise: Promise<T> = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** One connection as promises and streams. */
interface StreamPair {
  readonly opened: Promise<WebSocketConnection>;
  readonly closed: Promise<WebSocketCloseInfo>;
}

/**
 * Makes the promises and streams of a socket that is CONNECTING.
 *
 * @param signal Gives up connecting.
 */
export function streamsOf(socket: Socket, signal: AbortSignal | undefined): StreamPair {
  const messages = socket[Symbol.asyncIterator](); // collects from now on, whoever reads when
  const opening = new Deferred<WebSocketConnection>();
  const closing = new Deferred<WebSocketCloseInfo>();
  const ending = new Deferred<End>();
  const reader = new Reader(socket, messages, ending.promise);
  let writer: Writer | undefined;
  let cause: unknown;
  const abort = (): void => socket.terminate();
  signal?.addEventListener("abort", abort);
  const release = (): void => signal?.removeEventListener("abort", abort);

  socket.addEventListener("open", () => {
    release();
    writer = new Writer(socket, closing.promise);
    const { protocol, extensions } = socket;
    opening.resolve({ readable: reader.stream, writable: writer.stream, protocol, extensions });
  });
  socket.addEventListener("error", (event) => cause = event.error);
  socket.addEventListener("close", ({ code, reason, wasClean }) => {
    release();
    if (writer === undefined && signal?.aborted) {
      for (const { reject } of [opening, closing]) reject(signal.reason);
      return;
    }
    const isClean = wasClean && writer?.isDone === true;
    const error = isClean ? undefined : errorOfEnd(messageOf(cause), code, reason, cause);
    ending.resolve({ error });
    // A pipe from this readable stream learns of the end there, and closes the writable one.
    if (error === undefined && reader.isWaiting) queueTask(() => writer!.ended(error));
    else writer?.ended(error);
    if (error === undefined) return closing.resolve({ closeCode: code, reason });
    for (const { reject } of [opening, closing]) reject(error);
  });
  return { opened: opening.promise, closed: closing.promise };
}

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  return "The connection was closed before all that was written had left";
}

/** Closes a socket, with the code and the reason that a stream was cancelled or aborted with. */
function closeWith(socket: Socket, reason: unknown): void {
  if (reason instanceof WebSocketError) socket.close(reason.closeCode ?? undefined, reason.reason);
  else socket.close();
}

/** The readable stream of a socket. */
class Reader {
  readonly stream: ReadableStream<Message>;
  /** Whether somebody waits for the next message. */
  isWaiting = false;

  /**
   * Makes the stream.
   *
   * @param messages Ends with the socket.
   * @param ending Resolves at its end.
   */
  constructor(socket: Socket, messages: AsyncIterator<Message>, ending: Promise<End>) {
    const discard = async (): Promise<void> => {
      while (!(await messages.next()).done);
    };
    this.stream = new ReadableStream<Message>({
      pull: async (controller) => {
        this.isWaiting = true;
        const message = await messages.next().catch(() => undefined);
        this.isWaiting = false;
        if (message?.done === false) return controller.enqueue(message.value);
        const { error } = await ending;
        if (error === undefined) controller.close();
        else controller.error(error);
      },
      cancel: async (reason) => {
        closeWith(socket, reason);
        await discard().catch(() => {});
      },
    }, { highWaterMark: 0 }); // an error discards what is queued: that must not be what had arrived
  }
}

/** The writable stream of an OPEN socket. A write is done when no more than 1 MiB is buffered. */
class Writer {
  readonly stream: WritableStream<Sendable>;
  readonly #socket: Socket;
  #controller!: WritableStreamDefaultController;
  #writes = 0;
  #isClosing = false;
  /** Fails the write that is under way. */
  #fail: ((error: unknown) => void) | undefined;

  /**
   * Makes the stream.
   *
   * @param closed Settles with the connection: closing the stream waits for it.
   */
  constructor(socket: Socket, closed: Promise<unknown>) {
    this.#socket = socket;
    this.stream = new WritableStream<Sendable>({
      start: (controller) => {
        this.#controller = controller;
        controller.signal?.addEventListener("abort", () => this.#fail?.(controller.signal.reason));
      },
      write: (data) => this.#write(data),
      close: async () => {
        this.#isClosing = true;
        socket.close();
        await closed;
      },
      abort: (reason) => closeWith(socket, reason),
    });
  }

  /** Whether all that was written has left. */
  get isDone(): boolean {
    return this.#fail === undefined && this.#socket.bufferedAmount === 0;
  }

  /** Fails the stream, as the connection has ended; what is being written has not been. */
  ended(error: WebSocketError | undefined): void {
    const over = new DOMException("The connection has been closed", "InvalidStateError");
    if (this.#fail !== undefined) this.#fail(over);
    else if (!this.#isClosing) this.#controller.error(error ?? over);
  }

  async #write(data: Sendable): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== OPEN) {
      throw new DOMException("The connection has been closed", "InvalidStateError");
    }
    socket.send(data as string);
    await undefined; // until then, all that was sent counts as buffered
    if (++this.#writes % TURN !== 0 && socket.bufferedAmount <= MAX_BUFFERED) return;
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        release();
        resolve();
      };
      const release = (): void => {
        this.#fail = undefined;
        socket.removeEventListener("drain", done);
      };
      this.#fail = (error) => {
        release();
        reject(error);
      };
      if (socket.bufferedAmount > MAX_BUFFERED) socket.addEventListener("drain", done);
      else queueTask(done);
    });
  }
}
