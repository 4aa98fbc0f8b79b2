/** Writes what is sent in one tick together. @module */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";
import { nextTick } from "node:process";
import type { Ws } from "./socket.ts";

/** Maximum number of bytes of a frame that is joined with others: Node has a pool for short ones. */
export const SHORT = 4000;

/** Maximum number of long frames per call: a system takes 1024 pieces, and `ws` makes two of each. */
const MOST_AT_ONCE = 500;

/** Number of bytes of joined frames from which on they are written: more take another call anyway. */
const TOGETHER = 64 * 1024;

/** Writers that have something to write when this tick is over. */
let scheduled: TickWriter[] = [];

/**
 * Writes to the stream below `ws`, once per tick. `ws` writes each message to the system by itself.
 * Short frames are joined in one piece: if a peer does not read, one of two bytes would take 600 by
 * itself.
 *
 * Apart from the link, it costs 48 bytes per connection and no measurable time (Node 24).
 */
export class TickWriter {
  /** The stream; `undefined` while a client's is not known, or on Bun. */
  stream: TcpSocket | undefined;
  readonly #ws: Pick<Ws, "OPEN" | "readyState">;
  /** Short frames of this tick, and the sum of their lengths. */
  #frames: Buffer[] | undefined;
  #size = 0;
  /** Messages since the stream was corked; 0 if it is not. */
  #corked = 0;
  #isScheduled = false;

  /** Makes the writer of one socket. */
  constructor(ws: Pick<Ws, "OPEN" | "readyState">, stream: TcpSocket | undefined) {
    this.#ws = ws;
    this.stream = stream;
  }

  /** Number of bytes that are not written to the stream yet. */
  get size(): number {
    return this.#size;
  }

  /** Writes a frame when this tick is over. */
  put(frame: Buffer): void {
    if (frame.length > SHORT) {
      this.cork();
      this.#write(frame);
      return;
    }
    if (this.#frames === undefined) {
      this.#frames = [frame];
      this.#schedule();
    } else {
      this.#frames.push(frame);
    }
    this.#size += frame.length;
    if (this.#size >= TOGETHER) this.flush();
  }

  /** Called before `ws` writes a message itself: the stream keeps it until this tick is over. */
  cork(): void {
    const { stream } = this;
    if (stream === undefined) return;
    this.flush();
    if (this.#corked === 0) {
      stream.cork();
      this.#schedule();
    } else if (this.#corked % MOST_AT_ONCE === 0) {
      stream.uncork();
      stream.cork();
    }
    this.#corked++;
  }

  /** Writes the short frames of this tick: before anything else is written. */
  flush(): void {
    const frames = this.#frames;
    if (frames === undefined) return;
    const size = this.#size;
    this.#frames = undefined;
    this.#size = 0;
    this.#write(frames.length === 1 ? frames[0]! : Buffer.concat(frames, size));
  }

  /** Writes to the stream, unless `ws` has written a Close frame. */
  #write(bytes: Buffer): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.stream!.write(bytes);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (scheduled.push(this) === 1) nextTick(TickWriter.#endTick);
  }

  static #endTick(): void {
    const writers = scheduled;
    scheduled = [];
    for (const writer of writers) {
      writer.#isScheduled = false;
      writer.flush();
      if (writer.#corked === 0) continue;
      writer.#corked = 0;
      writer.stream!.uncork();
    }
  }
}
