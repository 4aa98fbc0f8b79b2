/**
 * Streams of a server's socket. No failure of its connection rejects a promise: one that a program
 * does not handle would end the process, and any peer can lose its connection.
 *
 * @module
 */

import { systemClock } from "../core/clock.ts";
import { CONNECTING, OPEN } from "../core/ready_state.ts";
import {
  atEnd,
  type Sendable,
  type Source,
  type StreamEnvironment,
  Streams,
  untilDrained,
} from "../core/streams.ts";

/**
 * Milliseconds by which each write to a socket that has ended takes longer than the one before, if
 * no message was read meanwhile.
 */
const DISCARD_STEP = 1;

/** Maximum duration of such a write, in milliseconds. */
const MAX_DISCARD = 1000;

/** Number of such writes in a row after which `onError` is called, once. */
const MANY_DISCARDS = 100;

/**
 * Creates a stream that writes to a socket. What is written after the socket has ended is
 * discarded, as by `send()`: the stream stays writable, since one that fails would reject the
 * promise of every `pipeTo()`. Nor does `closed` of a writer resolve before the program closes it:
 * Node's `Writable.fromWeb()` would treat that as an error, and emit it.
 */
function writableOf(
  socket: WebSocket,
  source: Source,
  opened: Promise<void>,
  { clock = systemClock, onError }: StreamEnvironment,
  countTaken: () => number,
): WritableStream<Sendable> {
  let entered = 0;
  let taken = 0;
  let free = 0;
  let discards = 0;
  let takenBefore = 0;
  const ended = new Promise<void>((resolve) => atEnd(socket, source, () => resolve()));

  /**
   * Slows down a program that goes on writing, so that its loop leaves time for other tasks. A
   * chunk that entered the stream before the last of these waits ended has waited already. An answer
   * to a message that had arrived does not wait: there is an end to these, and a pipe from the
   * socket's own readable would keep the socket for minutes.
   */
  const discard = async (place: number): Promise<void> => {
    if (place <= free) return;
    const taken = countTaken();
    if (taken !== takenBefore) discards = 0;
    takenBefore = taken;
    const wait = Math.min(DISCARD_STEP * discards++, MAX_DISCARD);
    if (discards === MANY_DISCARDS) {
      const message = "Cannot write to a socket that has ended: its program goes on writing, and " +
        "must watch `closed` of the socket";
      onError?.(new Error(message), socket);
    }
    if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
    free = entered;
  };

  const sink: UnderlyingSink<Sendable> = {
    async write(data) {
      const place = ++taken;
      if (socket.readyState === CONNECTING) await opened;
      await untilDrained(socket, source, place); // otherwise send() might throw
      const isOpen = socket.readyState === OPEN;
      socket.send(data as string);
      if (!isOpen) await discard(place);
      else if (source.backlogged) await untilDrained(socket, source, place);
    },
    close() {
      socket.close();
      return ended;
    },
    abort: () => socket.close(),
  };
  const size = (): number => {
    entered++;
    return 1;
  };
  return new WritableStream(sink, { highWaterMark: 1, size });
}

/** Streams of a server's socket, which end with it, also when the connection was lost. */
export class ServerStreams extends Streams {
  readonly #environment: StreamEnvironment;

  /** Creates no stream yet: each is created when it is first used. */
  constructor(socket: WebSocket, source: Source, environment: StreamEnvironment) {
    super(socket, {
      setPaused: (paused) => source.setPaused(paused),
      get backlogged() {
        return source.backlogged;
      },
      get end() {
        const { end } = source;
        return end && { event: end.event, error: undefined };
      },
    });
    this.#environment = environment;
  }

  protected override makeOpened(): Promise<void> {
    return super.makeOpened().catch(() => {});
  }

  protected override makeWritable(): WritableStream<Sendable> {
    return writableOf(this.socket, this.source, this.opened, this.#environment, () => this.taken);
  }
}
