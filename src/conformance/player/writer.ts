/**
 * The sending side of one connection: frames are encoded, cut as the case says, and written.
 *
 * @module
 */

import { type Compress, encode, encodeRest, type Frame, type Item, split } from "../wire/frame.ts";
import { join } from "../wire/octets.ts";
import type { Transport } from "../wire/transport.ts";
import type { Activity } from "./activity.ts";
import { describeFrame, type WireLog } from "./wire_log.ts";

/** Error thrown when the peer does not read what we write. */
export class Stalled extends Error {
  /** The name of the class. */
  override readonly name = "Stalled";
}

/** Options for cutting items when they are written. */
export interface Cutting {
  /** Number of octets to write at a time. */
  readonly chop?: number;

  /** Whether each frame is written on its own. */
  readonly apart?: boolean;

  /** Offsets at which the octets are cut, counted from the end where negative. */
  readonly cuts?: readonly number[];

  /** Milliseconds between the parts. */
  readonly every?: number;

  /** Number of the message in an exchange, from 0. */
  readonly round?: number;
}

/** Number of octets that are handed to the transport at once. */
const SLICE = 256 * 1024;

/** Milliseconds that a write may make no progress while we do not read either. */
const EXCUSED = 200;

/** Number of answers that may be pending. */
const MAX_ANSWERS = 1000;

/** Options for a {@linkcode Writer}. */
export interface WriterOptions {
  /** Whether the judge plays the client, and so masks. */
  readonly isClient: boolean;

  /** Milliseconds that a write may make no progress. */
  readonly patience: number;
}

/** Writes to one connection. */
export class Writer {
  readonly #transport: Transport;
  readonly #log: WireLog;
  readonly #activity: Activity;
  readonly #options: WriterOptions;
  readonly #deferred: Frame[] = [];
  #writes = 0;
  #answers = 0;
  #isStuck = false;
  #isExcused = false;
  #isStopped = false;
  #isInMessage = false;
  #sentClose = false;

  /** Compresses messages; `undefined` without compression. */
  compress: Compress | undefined;

  /** @param log Everything that is written is logged here. */
  constructor(transport: Transport, log: WireLog, activity: Activity, options: WriterOptions) {
    this.#transport = transport;
    this.#log = log;
    this.#activity = activity;
    this.#options = options;
  }

  /** Whether a message of ours has begun and its last frame has not been sent. */
  get isInMessage(): boolean {
    return this.#isInMessage;
  }

  /** Whether our Close frame has been sent. */
  get sentClose(): boolean {
    return this.#sentClose;
  }

  /** Sets whether the peer is excused from reading, because we do not read either. */
  setExcused(isExcused: boolean): void {
    this.#isExcused = isExcused;
  }

  /** The connection has ended: drops whatever is still to be written. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Sends an answer at once, or behind a frame of ours that is being written in parts. Of many
   * pings that arrive faster than pongs can be sent, only some are answered (5.5.3).
   */
  answer(frame: Frame): void {
    if (this.#writes > 0) {
      if (this.#deferred.length < MAX_ANSWERS || frame.opcode === 0x8) this.#deferred.push(frame);
      return;
    }
    if (this.#answers >= MAX_ANSWERS && frame.opcode === 0xa) return;
    this.#answers++;
    // A peer that does not read is noticed elsewhere.
    this.send([frame]).catch(() => {}).finally(() => this.#answers--);
  }

  /** Encodes and logs items; returns their octets. */
  pack(items: readonly Item[], round = 0): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (const item of items) {
      if ("rest" in item) {
        const octets = encodeRest(item, this.#options.isClient);
        this.#log.add("judge", "bytes", `The rest of a frame: ${octets.length} bytes`, octets);
        parts.push(octets);
        continue;
      }
      const frames = split(item, round, this.compress);
      for (const frame of frames) parts.push(this.#encode(frame));
    }
    return parts;
  }

  /**
   * Writes items.
   *
   * @param how Cuts them into parts, each flushed: by size, by frame, or at offsets.
   */
  async send(items: readonly Item[], how: Cutting = {}): Promise<void> {
    const parts = this.pack(items, how.round);
    if (how.apart) return await this.#writeParts(parts);
    const octets = join(parts);
    if (how.chop === undefined && how.cuts === undefined) return await this.#write(octets);
    await this.raw(octets, how);
  }

  /** Encodes items, and has all their octets written in a way of its own. */
  async sendWith(
    items: readonly Item[],
    write: (octets: Uint8Array) => Promise<void>,
  ): Promise<void> {
    await write(join(this.pack(items)));
    this.#activity.touch();
  }

  #encode(frame: Frame): Uint8Array {
    const octets = encode(frame, this.#options.isClient);
    const masked = frame.mask ?? this.#options.isClient;
    const { opcode, fin = true, rsv = 0 } = frame;
    const payload = frame.payload instanceof Uint8Array ? frame.payload : octets.subarray(2);
    const length = Number(frame.length ?? payload.length);
    const header = { opcode, fin, rsv, masked, length };
    const words = (): string => describeFrame({ opcode, fin, rsv, payload });
    this.#log.add("judge", "frame", words, octets, octets.length, header);
    if (opcode < 0x8) this.#isInMessage = !fin;
    if (opcode === 0x8) this.#sentClose = true;
    return octets;
  }

  /** Writes octets that are logged already, cut into parts. */
  async raw(octets: Uint8Array, how: Pick<Cutting, "chop" | "cuts" | "every"> = {}): Promise<void> {
    await this.#writeParts(cut(octets, how), how.every);
  }

  /** Writes parts, each flushed before the next, until the peer leaves. */
  async #writeParts(parts: readonly Uint8Array[], every?: number): Promise<void> {
    this.#writes++;
    for (const part of parts) {
      if (this.#isStopped) break;
      await this.#write(part);
      // A turn of the event loop, so that the parts are not joined again below us, and so that
      // what has arrived is read before a write can find the connection broken.
      await new Promise<void>((resolve) =>
        every ? setTimeout(resolve, every) : setImmediate(resolve)
      );
    }
    await this.#release();
  }

  /** Writes the same octets `times` times, as fast as the peer takes them. */
  async repeat(octets: Uint8Array, times: number): Promise<void> {
    const batch = Math.max(1, Math.min(times, Math.floor(65536 / octets.length)));
    const block = join(Array.from({ length: batch }, () => octets));
    const parts = Array.from({ length: Math.floor(times / batch) }, () => block);
    parts.push(block.subarray(0, (times % batch) * octets.length));
    const size = octets.length * times;
    this.#log.add("judge", "bytes", `The same, ${times} times more`, undefined, size);
    await this.#writeParts(parts.filter(({ length }) => length > 0));
  }

  async #write(octets: Uint8Array): Promise<void> {
    // In slices, to distinguish a peer that reads slowly from one that reads nothing.
    this.#writes++;
    for (let at = 0; at < octets.length && !this.#isStopped; at += SLICE) {
      await this.#writeSlice(octets.subarray(at, at + SLICE));
    }
    await this.#release();
  }

  async #release(): Promise<void> {
    if (--this.#writes === 0 && this.#deferred.length > 0) {
      await this.send(this.#deferred.splice(0));
    }
  }

  async #writeSlice(octets: Uint8Array): Promise<void> {
    this.#activity.touch();
    let written = false;
    const done = this.#transport.write(octets).then(() => written = true);
    // It is queued on our side, behind what is stuck: no more than a case sends.
    if (this.#isStuck && this.#isExcused) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    while (!written) {
      const most = this.#options.patience;
      const patience = this.#isExcused ? Math.min(most, EXCUSED) : most;
      const timeout = new Promise<boolean>((resolve) => {
        timer = setTimeout(resolve, patience, false);
      });
      const ready = await Promise.race([done, timeout]);
      clearTimeout(timer);
      if (ready) break;
      if (this.#isExcused) {
        this.#isStuck = true;
        const free = (): void => {
          this.#isStuck = false;
        };
        done.then(free, free);
        break;
      }
      if (this.#activity.idleFor < patience) continue;
      throw new Stalled(`Cannot go on writing: the peer has taken nothing for ${patience} ms`);
    }
    this.#activity.touch();
  }
}

function cut(octets: Uint8Array, { chop, cuts }: Cutting): Uint8Array[] {
  const { length } = octets;
  const at = chop !== undefined
    ? Array.from({ length: Math.ceil(length / chop) }, (_, part) => part * chop)
    : (cuts ?? []).map((offset) => offset < 0 ? length + offset : offset);
  const inside = at.filter((offset) => offset > 0 && offset < length);
  const edges = [0, ...inside.sort((one, other) => one - other), length];
  const parts = edges.slice(1).map((edge, part) => octets.subarray(edges[part], edge));
  return parts.filter((part) => part.length > 0);
}
