/** Writing: what is sent in one tick, or while one chunk is read, leaves together. @module */

import { Buffer } from "node:buffer";
import type { Socket as TcpSocket } from "node:net";
import { nextTick } from "node:process";
import type { SharedMessage } from "../../core/link.ts";
import { AT_ONCE, Backlog } from "./backlog.ts";
import { type FrameEncoder, SharedFrames } from "./shared_frames.ts";
import type { Slab } from "./slab.ts";

/** Number of bytes from which on frames are written at once: more would take another call anyway. */
const TOGETHER = 64 * 1024;

/** Number of bytes from which on a frame for many is written by itself, and not joined with others. */
const LONG = 16 * 1024;

/** Writers that have something to write when this tick is over. */
let scheduled: TcpWriter[] = [];

/** Writer whose connection is being read. */
let corked: TcpWriter | undefined;

const sharedFrames = new SharedFrames();

/** Writes everything that waits, of all connections. */
export function flushAll(): void {
  corked?.flush();
  const writers = scheduled;
  scheduled = [];
  for (const writer of writers) writer.flush();
}

function endTick(): void {
  flushAll();
  sharedFrames.clear();
}

/**
 * Writes the frames of one connection to its stream. They are written to the slab first, which all
 * connections share, and handed to the stream together: one call for each chunk that is read, or for
 * each tick.
 */
export class TcpWriter {
  readonly #stream: TcpSocket;
  readonly #slab: Slab;
  /** Whether the stream is given a copy, since it keeps what it has been given for longer. */
  readonly #copies: boolean;
  /** Called when all is written that waited while the stream was behind. */
  readonly #drained: () => void;
  /** Frames that are next, if they are in the slab: its memory, and the offsets of the run. */
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #from = 0;
  #to = 0;
  /** Whether they are messages for many instead: then the offsets are those in that list. */
  #isShared = false;
  /** Frames before those. */
  #earlier: Buffer[] | undefined;
  /** Number of bytes of all of them. */
  #size = 0;
  #isScheduled = false;
  /** What waits while the stream is behind. */
  #backlog: Backlog | undefined;
  #isEnding = false;

  /**
   * Upper bound of the buffered bytes. The exact number is far away in memory: to read it for thousands
   * of connections costs a lot.
   */
  mostBuffered = 0;

  /**
   * Creates the writer of a connection.
   *
   * @param slab Memory to which the frames are written.
   * @param copies Whether the stream must be given a copy: over TLS it keeps all that it is given until
   * it is encrypted.
   * @param drained Called when all is written that had to wait.
   */
  constructor(stream: TcpSocket, slab: Slab, copies: boolean, drained: () => void) {
    this.#stream = stream;
    this.#slab = slab;
    this.#copies = copies;
    this.#drained = drained;
    this.mostBuffered = stream.writableLength; // TLS may not have taken the end of the handshake
  }

  /** Whether frames wait for the stream: `drained` is called when they are written. */
  get isWaiting(): boolean {
    return this.#backlog !== undefined;
  }

  /** Number of bytes that are not handed to the network yet. */
  get bufferedAmount(): number {
    const backlog = this.#backlog?.size ?? 0;
    return this.mostBuffered = this.#size + backlog + this.#stream.writableLength;
  }

  /** Begins to collect what is sent until {@linkcode TcpWriter.uncork}. */
  cork(): void {
    corked = this;
  }

  /** Writes what was collected. */
  uncork(): void {
    corked = undefined;
    if (this.#size > 0) this.flush();
  }

  /** Takes the frame that was written to the slab last. */
  took(): void {
    const slab = this.#slab;
    const { bytes, start, end } = slab;
    if (slab.isOwn) {
      this.#seal();
      (this.#earlier ??= []).push(Buffer.from(bytes.buffer, start, end - start));
      slab.share();
    } else if (this.#bytes === bytes && this.#to === start) {
      this.#to = end;
    } else {
      slab.hold(); // before a run is released, or its memory would be used again
      this.#seal();
      this.#bytes = bytes;
      this.#from = start;
      this.#to = end;
    }
    this.#added(end - start);
  }

  /** Takes a message for many. */
  takeShared(shared: SharedMessage, encoder: FrameEncoder): void {
    const index = sharedFrames.indexOf(shared, encoder);
    const length = sharedFrames.lengthAt(index);
    if (length >= LONG) {
      this.#seal();
      (this.#earlier ??= []).push(sharedFrames.join(index, index + 1));
    } else if (this.#isShared && this.#to === index) {
      this.#to = index + 1;
    } else {
      this.#seal();
      this.#isShared = true;
      this.#from = index;
      this.#to = index + 1;
    }
    this.#added(length);
    if (scheduled.length === 0) this.#schedule(); // the list has to be emptied
  }

  #added(size: number): void {
    this.#size += size;
    this.mostBuffered += size;
    if (this.#size >= TOGETHER) this.flush();
    else if (corked !== this) this.#schedule();
  }

  /** Puts the frames that are next behind those before, as others follow that are elsewhere. */
  #seal(): void {
    const piece = this.#takeNext();
    if (piece !== undefined) (this.#earlier ??= []).push(piece);
  }

  /** Returns the frames that are next, which are none from then on. */
  #takeNext(): Buffer | undefined {
    if (this.#isShared) {
      this.#isShared = false;
      return sharedFrames.join(this.#from, this.#to);
    }
    const bytes = this.#bytes;
    if (bytes === undefined) return undefined;
    this.#bytes = undefined;
    const run = Buffer.from(bytes.buffer, bytes.byteOffset + this.#from, this.#to - this.#from);
    if (!this.#copies && !this.#slab.isFar(run)) return run;
    const copy = Buffer.allocUnsafeSlow(run.length); // a piece of Buffer's pool would keep 64 KiB
    copy.set(run);
    this.#slab.release(run, true);
    return copy;
  }

  /** Writes what there is. A stream that throws is destroyed: other connections wait behind this one. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#size === 0) return;
    try {
      this.#flush();
    } catch (error) {
      this.#stream.destroy(error as Error);
    }
  }

  #flush(): void {
    const next = this.#takeNext();
    const earlier = this.#earlier;
    const isLong = this.#size > AT_ONCE;
    this.#earlier = undefined;
    this.#size = 0;
    const stream = this.#stream;
    if (isLong || this.#backlog !== undefined || stream.writableLength > 0) {
      if (earlier !== undefined) { for (const piece of earlier) this.#wait(piece); }
      if (next !== undefined) this.#wait(next);
      this.#backlog!.write();
      return;
    }
    if (earlier === undefined) {
      stream.write(next!);
    } else {
      stream.cork();
      for (const piece of earlier) stream.write(piece);
      if (next !== undefined) stream.write(next);
      stream.uncork();
    }
    const left = stream.writableLength;
    this.mostBuffered = left;
    if (next !== undefined) this.#slab.release(next, left === 0);
    if (earlier !== undefined) {
      for (const piece of earlier) {
        this.#slab.release(piece, left === 0);
      }
    }
  }

  /** Keeps a piece until the stream has written what it has. */
  #wait(piece: Buffer): void {
    const backlog = this.#backlog ??= new Backlog(this.#stream, () => {
      this.#backlog = undefined;
      this.mostBuffered = this.#size;
      if (this.#isEnding) this.#stream.end();
      else this.#drained();
    });
    const isOwn = !this.#slab.has(piece);
    backlog.add(piece, isOwn);
    this.#slab.release(piece, true);
  }

  /** Ends the stream behind all that was sent. Nothing may be sent from then on. */
  end(): void {
    if (this.#isEnding) return;
    this.flush();
    this.#isEnding = true;
    if (this.#backlog === undefined) this.#stream.end();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (scheduled.push(this) === 1) nextTick(endTick);
  }
}
