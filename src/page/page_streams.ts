/** The streams and loops of a page's socket, over the platform's queues. @module */

import { sizeOf } from "../core/payload.ts";
import { OPEN } from "../core/ready_state.ts";
import type { Message, Sendable, SocketEnd } from "../core/streams.ts";
import { queueTask } from "../core/task.ts";

/** Number of bytes that may wait to be read before the socket is paused. */
const MAX_UNREAD = 64 * 1024;

/** Bytes counted for a message besides its own: a million empty ones take memory too. */
const OVERHEAD = 64;

/** Error of what comes too late. */
export function over(): Error {
  return new DOMException("The socket has been closed", "InvalidStateError");
}

/** A socket, as far as its messages are concerned. */
interface PageMessages extends EventTarget {
  close(): void;
}

/**
 * Makes the stream of the messages that arrive from now on.
 *
 * @param pause Pauses the socket, or ends that pause.
 */
export function readableOf(
  socket: PageMessages,
  ended: Promise<SocketEnd>,
  pause: (paused: boolean) => void,
): ReadableStream<Message> {
  let end: SocketEnd | undefined;
  let controller!: ReadableStreamDefaultController<Message>;
  const finish = (): void => {
    // An error discards what is queued: that has to be read before.
    if (end === undefined || controller.desiredSize !== MAX_UNREAD) return;
    if (end.error === undefined) controller.close();
    else controller.error(end.error);
  };
  return new ReadableStream({
    start(it) {
      controller = it;
      socket.addEventListener("message", (event) => {
        controller.enqueue((event as MessageEvent).data);
        if (controller.desiredSize! <= 0) pause(true);
      });
      // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it never rejects
      void ended.then((it) => {
        end = it;
        finish();
      });
    },
    pull() {
      pause(false);
      finish();
    },
    async cancel() {
      socket.close();
      await ended;
    },
  }, { highWaterMark: MAX_UNREAD, size: (message) => OVERHEAD + sizeOf(message) });
}

/** Returns a function that begins loops over a stream: each goes on where the last one ended. */
export function loopsOver(stream: ReadableStream<Message>): () => AsyncIterableIterator<Message> {
  const read = async (): Promise<IteratorResult<Message>> => {
    const reader = stream.getReader();
    try {
      return await reader.read() as IteratorResult<Message>;
    } finally {
      reader.releaseLock();
    }
  };
  let turn = Promise.resolve() as Promise<unknown> as ReturnType<typeof read>; // a stream has one reader at a time
  return () => ({
    next: () => turn = turn.then(read, read),
    return: () => Promise.resolve({ value: undefined, done: true }),
    [Symbol.asyncIterator]() {
      return this;
    },
  });
}

/**
 * Makes the stream of messages to send.
 *
 * @param drained Resolves when no more than the low-water mark is buffered.
 */
export function writableOf(
  socket: WebSocket & { readonly opened: Promise<void> },
  ended: Promise<SocketEnd>,
  drained: () => Promise<void>,
): WritableStream<Sendable> {
  let isClosing = false;
  return new WritableStream<Sendable>({
    start(controller) {
      // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it never rejects
      void ended.then(({ error }) => {
        if (error !== undefined && !isClosing) controller.error(error);
        // A pipe from the socket's own readable learns of the end there, and closes this.
        else queueTask(() => isClosing || controller.error(over()));
      });
    },
    async write(data) {
      await socket.opened;
      if (socket.readyState !== OPEN) throw over();
      socket.send(data as string);
      await drained();
    },
    async close() {
      isClosing = true;
      socket.close();
      await ended;
    },
    abort: () => socket.close(),
  });
}
