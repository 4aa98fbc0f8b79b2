/**
 * Streams of a server's socket. Nothing that happens to its connection rejects a promise of theirs:
 * one that a program forgot would end the process, and any peer can lose its connection.
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

/** Number of milliseconds that a write to a socket that has ended takes more than the last one. */
const DISCARD_STEP = 1;

/** Maximum number of milliseconds that such a write takes. */
const MAX_DISCARD = 1000;

/** Number of such writes after which the program is told of its mistake. */
const MANY_DISCARDS = 100;

/**
 * Makes a stream into a socket. What is written when it has ended is discarded, as `send()` does it:
 * the stream stays writable, since one that fails would reject the promise of every `pipeTo()`. Nor
 * does `closed` of a writer resolve before the program closes it: `Writable.fromWeb()` of Node would
 * take that for an error, and emit it.
 */
function writableOf(
  socket: WebSocket,
  source: Source,
  opened: Promise<void>,
  { clock = systemClock, onError }: StreamEnvironment,
): WritableStream<Sendable> {
  let entered = 0;
  let taken = 0;
  let free = 0;
  let discards = 0;
  const ended = new Promise<void>((resolve) => atEnd(socket, source, () => resolve()));

  /**
   * Slows a program down that goes on writing, so that a loop leaves time for others. What entered
   * the stream before the last of these waits was over has waited already.
   */
  const discard = async (place: number): Promise<void> => {
    if (place <= free) return;
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
      await untilDrained(socket, source, place); // else send() might throw
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

/** The streams of a server's socket: they end with it, also when the connection was lost. */
export class ServerStreams extends Streams {
  readonly #surroundings: StreamEnvironment;

  /** Makes nothing yet. */
  constructor(socket: WebSocket, source: Source, surroundings: StreamEnvironment) {
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
    this.#surroundings = surroundings;
  }

  protected override makeOpened(): Promise<void> {
    return super.makeOpened().catch(() => {});
  }

  protected override makeWritable(): WritableStream<Sendable> {
    return writableOf(this.socket, this.source, this.opened, this.#surroundings);
  }
}
