/**
 * permessage-deflate (RFC 7692), from the judge's side, one message at a time.
 *
 * Context takeover is done with dictionaries: what a window remembers is exactly the last bytes of
 * the messages before, so each message is one call into zlib, and nothing has to be kept open.
 *
 * @module
 */

import {
  constants,
  createDeflateRaw,
  type DeflateRaw,
  deflateRawSync,
  inflateRawSync,
} from "node:zlib";
import type { Agreement } from "./extensions.ts";
import { memorize, recall } from "./inflate_cache.ts";
import { longestDistance } from "./deflate_distance.ts";

const EMPTY = new Uint8Array(0);
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/** How large a message may get when inflated; beyond, it counts as a bomb. */
export const MAX_INFLATED: number = 64 * 1024 * 1024;

const MAX_ROOM = 1024 * 1024;

/** Both directions of one connection. */
export class Deflate {
  readonly #out: Memory;
  readonly #in: Memory;
  #measured = 0;
  #room = 16 * 1024;

  /** @param isClient Whether the judge plays the client. */
  constructor(agreement: Agreement, isClient: boolean) {
    const client = new Memory(agreement.clientBits, !agreement.clientNoTakeover);
    const server = new Memory(agreement.serverBits, !agreement.serverNoTakeover);
    this.#out = isClient ? client : server;
    this.#in = isClient ? server : client;
  }

  /** Compresses a message (7692:7.2.1). */
  compress(payload: Uint8Array): Uint8Array {
    const out = compressed(payload, this.#out);
    this.#out.remember(payload);
    return out;
  }

  /** Inflates a message (7692:7.2.2). Throws if the data is not deflate, or a bomb. */
  inflate(payload: Uint8Array): Uint8Array {
    const { bits, dictionary, mark } = this.#in;
    if (bits < 15 && this.#measured++ < MEASURED) {
      const reach = longestDistance(payload);
      if (reach > 1 << bits) {
        throw new RangeError(`It reaches ${reach} bytes back in a window of ${1 << bits}`);
      }
    }
    const known = mark && recall(mark, payload);
    if (known) {
      this.#in.remember(known);
      return known;
    }
    // What the window remembers goes first, as a stored block, and is cut off again: dictionaries
    // for raw deflate are not to be had on Deno.
    const primer = dictionary.length > 0 ? stored(dictionary) : EMPTY;
    const whole = new Uint8Array(primer.length + payload.length + TAIL.length);
    whole.set(primer);
    whole.set(payload, primer.length);
    whole.set(TAIL, primer.length + payload.length);
    const plain = inflateRawSync(whole, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_INFLATED,
      // Room for a message as large as the one before, so that it comes in one piece.
      chunkSize: dictionary.length + this.#room,
    }).subarray(dictionary.length);
    this.#room = Math.max(1024, Math.min(plain.length + 64, MAX_ROOM));
    const inflated = mark ? memorize(mark, payload, plain) : plain;
    this.#in.remember(inflated);
    return inflated;
  }
}

/** Of how many messages the reach is measured, on each connection with a small window. */
const MEASURED = 40;

/** Octets as a deflate block without compression, not the last. */
function stored(octets: Uint8Array): Uint8Array {
  const block = new Uint8Array(5 + octets.length);
  const view = new DataView(block.buffer);
  view.setUint16(1, octets.length, true);
  view.setUint16(3, ~octets.length & 0xffff, true);
  block.set(octets, 5);
  return block;
}

/** Stands for a window that holds nothing yet. */
const NOTHING: object = {};

/** What a sliding window remembers of the messages before. */
class Memory {
  readonly bits: number;
  readonly keeps: boolean;
  dictionary: Uint8Array = EMPTY;
  #stream: DeflateRaw | undefined;

  /** An object that is the same when the content is; undefined when that cannot be told. */
  mark: object | undefined = NOTHING;

  constructor(bits: number, keeps: boolean) {
    this.bits = bits;
    this.keeps = keeps;
  }

  /** Compresses through a stream of its own that stays open, where there are no dictionaries. */
  squeeze(payload: Uint8Array): Uint8Array {
    this.#stream ??= createDeflateRaw(optionsFor(this.bits));
    // Without what the messages before have left, it is still right, only longer.
    return writeSync(this.#stream, payload) ?? deflateRawSync(payload, optionsFor(this.bits));
  }

  remember(payload: Uint8Array): void {
    if (!this.keeps || payload.length === 0) return;
    const size = 1 << this.bits;
    if (payload.length >= size) {
      this.dictionary = payload.subarray(payload.length - size);
      this.mark = payload;
      return;
    }
    const kept = this.dictionary.subarray(
      Math.max(0, this.dictionary.length + payload.length - size),
    );
    const joined = new Uint8Array(kept.length + payload.length);
    joined.set(kept);
    joined.set(payload, kept.length);
    this.dictionary = joined;
    this.mark = undefined;
  }
}

// The large exchanges run through the same few stretches of a corpus, in case after case, and those
// are the same objects every time (corpus.ts). So what was compressed once is looked up.
const cache = new WeakMap<Uint8Array, WeakMap<object, Map<number, Uint8Array>>>();

function compressed(payload: Uint8Array, memory: Memory): Uint8Array {
  const { bits, dictionary, mark } = memory;
  if (!HAS_DICTIONARIES && memory.keeps) return cutTail(memory.squeeze(payload));
  if (mark === undefined) return deflated(payload, bits, dictionary);
  const byMark = cache.get(payload) ?? new WeakMap<object, Map<number, Uint8Array>>();
  cache.set(payload, byMark);
  const byBits = byMark.get(mark) ?? new Map<number, Uint8Array>();
  byMark.set(mark, byBits);
  const known = byBits.get(bits) ?? deflated(payload, bits, dictionary);
  byBits.set(bits, known);
  return known;
}

function optionsFor(bits: number): { windowBits: number; strategy: number; finishFlush: number } {
  return {
    windowBits: Math.max(bits, 9),
    // In a window of 256 bytes, which zlib cannot do, only entropy coding is safe.
    strategy: bits === 8 ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY,
    finishFlush: constants.Z_SYNC_FLUSH,
  };
}

function deflated(payload: Uint8Array, bits: number, dictionary: Uint8Array): Uint8Array {
  const options = { ...optionsFor(bits), ...(dictionary.length > 0 && { dictionary }) };
  return cutTail(deflateRawSync(payload, options));
}

/** 7692:7.2.1: the last four octets, 00 00 ff ff, do not travel; an empty message is one octet. */
function cutTail(out: Uint8Array): Uint8Array {
  return out.length > TAIL.length ? out.subarray(0, out.length - TAIL.length) : Uint8Array.of(0);
}

/** Whether raw deflate can be given a dictionary: not on Deno 2.9, which ignores it. */
const HAS_DICTIONARIES = ((): boolean => {
  const [dictionary, finishFlush] = [TAIL, constants.Z_SYNC_FLUSH];
  const [plain, primed] = [{ finishFlush }, { finishFlush, dictionary }]
    .map((options) => deflateRawSync(TAIL, options));
  return !primed!.every((octet, at) => octet === plain![at]);
})();

/** What lies below a zlib stream, the same on Deno, Bun and Node. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    from: number,
    size: number,
    output: Uint8Array,
    at: number,
    room: number,
  ): void;
}

/** Writes into a stream that stays open, and takes what comes out, at once. */
function writeSync(stream: DeflateRaw, input: Uint8Array): Uint8Array | undefined {
  const { _handle: handle, _writeState: state } = stream as unknown as {
    _handle?: Handle;
    _writeState?: Uint32Array;
  };
  if (!handle?.writeSync || !state) return undefined;
  const output = new Uint8Array(input.length + (input.length >> 3) + 64);
  handle.writeSync(constants.Z_SYNC_FLUSH, input, 0, input.length, output, 0, output.length);
  return state[0]! > 0 ? output.subarray(0, output.length - state[0]!) : undefined;
}
