/**
 * The judge's own octets on one connection: frames encoded, cut as the case says, and written.
 *
 * @module
 */

import type { Deflate } from "../wire/deflate.ts";
import type { Transport } from "../wire/transport.ts";
import { encode, encodeRest, type Frame, type Item, split } from "../wire/frame.ts";
import { describeFrame, type WireLog } from "./wire_log.ts";

/** Thrown when the peer does not read what we write. */
export class Stalled extends Error {
  /** The name of the class. */
  override readonly name = "Stalled";
}

/** How items are cut when they are written. */
export interface Cutting {
  /** So many octets at a time. */
  readonly chop?: number;

  /** Frame by frame. */
  readonly apart?: boolean;

  /** At these offsets, counted from the end where negative. */
  readonly cuts?: readonly number[];

  /** So many ms between the parts. */
  readonly every?: number;

  /** Which message of an exchange it is. */
  readonly round?: number;
}

/** How much is written at once. */
const SLICE = 256 * 1024;

/** How long a write may find no taker while we do not read either, in ms. */
const EXCUSED = 200;

/** How many pongs may be on their way. */
const MAX_ANSWERS = 1000;

/** Writes to one line. */
export class Writer {
  readonly #line: Transport;
  readonly #log: WireLog;
  readonly #isClient: boolean;
  readonly #patience: number;
  #busy = 0;
  #stuck = false;
  #answers = 0;
  #later: Frame[] = [];

  /** The compression that was agreed, if any. */
  deflate: Deflate | undefined;

  /** When octets last moved in either direction. */
  moved: number = performance.now();

  /** Whether a message of ours is open: its last frame has not been sent. */
  open = false;

  /** Whether our Close frame has been sent. */
  sentClose = false;

  /** Whether the other side reads from us, or may be excused because we do not read either. */
  reading = true;

  /** Whether the line has ended: then writing is in vain. */
  ended = false;

  /**
   * @param isClient Whether the judge plays the client, and so masks.
   * @param patience How long a write may find no taker, in ms.
   */
  constructor(line: Transport, log: WireLog, isClient: boolean, patience: number) {
    this.#line = line;
    this.#log = log;
    this.#isClient = isClient;
    this.#patience = patience;
  }

  /**
   * Answers at once, but never inside a frame of ours that is being written in parts. Of many pings
   * that come faster than pongs can go, only some are answered (5.5.3).
   */
  answer(frame: Frame): void {
    if (this.#busy > 0) {
      if (this.#later.length < MAX_ANSWERS || frame.opcode === 0x8) this.#later.push(frame);
      return;
    }
    if (this.#answers >= MAX_ANSWERS && frame.opcode === 0xa) return;
    this.#answers++;
    // A peer that does not read shows elsewhere.
    this.send([frame]).catch(() => {}).finally(() => this.#answers--);
  }

  /** The octets of items, put on the log. */
  pack(items: readonly Item[], round = 0): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (const item of items) {
      if ("rest" in item) {
        const octets = encodeRest(item, this.#isClient);
        this.#log.add("judge", "bytes", `The rest of a frame: ${octets.length} bytes`, octets);
        parts.push(octets);
        continue;
      }
      const deflate = this.deflate;
      const frames = split(item, round, deflate && ((payload) => deflate.compress(payload)));
      for (const frame of frames) parts.push(this.#encode(frame));
    }
    return parts;
  }

  /**
   * Writes items.
   *
   * @param how Cut into parts, each flushed: by size, by frame, or at offsets.
   */
  async send(
    items: readonly Item[],
    how: Cutting = {},
  ): Promise<void> {
    const parts = this.pack(items, how.round);
    if (how.apart) return await this.#parts(parts);
    const octets = join(parts);
    if (how.chop === undefined && how.cuts === undefined) return await this.#write(octets);
    await this.raw(octets, how);
  }

  #encode(frame: Frame): Uint8Array {
    const octets = encode(frame, this.#isClient);
    const masked = frame.mask ?? this.#isClient;
    const { opcode, fin = true, rsv = 0 } = frame;
    const payload = frame.payload instanceof Uint8Array ? frame.payload : octets.subarray(2);
    const length = Number(frame.length ?? payload.length);
    const kept = { opcode, fin, rsv, masked, length };
    const words = (): string => describeFrame({ opcode, fin, rsv, payload });
    this.#log.add("judge", "frame", words, octets, octets.length, kept);
    if (opcode < 0x8) this.open = !fin;
    if (opcode === 0x8) {
      this.sentClose = true;
    }
    return octets;
  }

  /** Writes octets that are on the log already, cut as asked. */
  async raw(octets: Uint8Array, how: Pick<Cutting, "chop" | "cuts" | "every"> = {}): Promise<void> {
    await this.#parts(cut(octets, how), how.every);
  }

  /** Writes parts, each flushed before the next, until the peer leaves. */
  async #parts(parts: readonly Uint8Array[], every?: number): Promise<void> {
    this.#busy++;
    for (const part of parts) {
      if (this.ended) break;
      await this.#write(part);
      // A turn of the event loop, so that the parts are not joined again below us, and so that
      // what has come is read before a write can find the line broken.
      await new Promise<void>((resolve) =>
        every ? setTimeout(resolve, every) : setImmediate(resolve)
      );
    }
    await this.#release();
  }

  /** Writes the same octets so many times, as fast as the peer takes them. */
  async repeat(octets: Uint8Array, times: number): Promise<void> {
    const batch = Math.max(1, Math.min(times, Math.floor(65536 / octets.length)));
    const block = join(Array.from({ length: batch }, () => octets));
    const parts = Array.from({ length: Math.floor(times / batch) }, () => block);
    parts.push(block.subarray(0, (times % batch) * octets.length));
    const size = octets.length * times;
    this.#log.add("judge", "bytes", `The same, ${times} times more`, undefined, size);
    await this.#parts(parts.filter(({ length }) => length > 0));
  }

  async #write(octets: Uint8Array): Promise<void> {
    // In slices, so that a peer that takes its time is told from one that takes nothing.
    this.#busy++;
    for (let at = 0; at < octets.length && !this.ended; at += SLICE) {
      await this.#slice(octets.subarray(at, at + SLICE));
    }
    await this.#release();
  }

  async #release(): Promise<void> {
    if (--this.#busy === 0 && this.#later.length > 0) await this.send(this.#later.splice(0));
  }

  async #slice(octets: Uint8Array): Promise<void> {
    this.moved = performance.now();
    let written = false;
    const done = this.#line.write(octets).then(() => written = true);
    // It queues behind what is stuck, on our side: no more than a case sends.
    if (this.#stuck && !this.reading) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    while (!written) {
      const patience = this.reading ? this.#patience : Math.min(this.#patience, EXCUSED);
      const pause = new Promise<boolean>((resolve) => timer = setTimeout(resolve, patience, false));
      const ready = await Promise.race([done, pause]);
      clearTimeout(timer);
      if (ready) break;
      if (!this.reading) {
        this.#stuck = true;
        const free = (): void => {
          this.#stuck = false;
        };
        done.then(free, free);
        break;
      }
      if (performance.now() - this.moved < patience) continue;
      throw new Stalled(`Cannot go on writing: the peer has taken nothing for ${patience} ms`);
    }
    this.moved = performance.now();
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

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
