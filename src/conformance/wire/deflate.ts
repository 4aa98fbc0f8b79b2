/**
 * permessage-deflate (RFC 7692) of one connection, one message at a time.
 *
 * Context takeover uses dictionaries: the content of a window is exactly the last bytes of the
 * messages before, so each message is one call into zlib, and no stream has to be kept open.
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
import { longestDistance } from "./deflate_distance.ts";
import { memorize, recall } from "./inflate_cache.ts";
import { join } from "./octets.ts";

const EMPTY = new Uint8Array(0);
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/** Number of octets of the largest inflated message; a larger one counts as a bomb. */
export const MAX_INFLATED: number = 64 * 1024 * 1024;

/** Limits of the buffer that zlib inflates into, in octets. */
const MIN_CHUNK = 1024;
const MAX_CHUNK = 1024 * 1024;

/** Number of messages whose distances are measured, on each connection with a small window. */
const MEASURED = 40;

/** The compression of one connection, in both directions. */
export class Deflate {
  readonly #out: SlidingWindow;
  readonly #in: SlidingWindow;
  #measured = 0;
  #chunkSize = 16 * 1024;

  /** @param isClient Whether the judge plays the client. */
  constructor(agreement: Agreement, isClient: boolean) {
    const client = new SlidingWindow(agreement.clientBits, !agreement.clientNoTakeover);
    const server = new SlidingWindow(agreement.serverBits, !agreement.serverNoTakeover);
    this.#out = isClient ? client : server;
    this.#in = isClient ? server : client;
  }

  /** Compresses a message (7692:7.2.1). */
  compress(payload: Uint8Array): Uint8Array {
    const out = compressed(payload, this.#out);
    this.#out.remember(payload);
    return out;
  }

  /**
   * Inflates a message (7692:7.2.2).
   *
   * @throws If the data are invalid, refer beyond the window, or are a bomb.
   */
  inflate(payload: Uint8Array): Uint8Array {
    const { bits, dictionary, identity } = this.#in;
    if (bits < 15 && this.#measured++ < MEASURED) {
      const distance = longestDistance(payload);
      if (distance > 1 << bits) {
        throw new RangeError(`It reaches ${distance} bytes back in a window of ${1 << bits}`);
      }
    }
    const known = identity && recall(identity, payload);
    if (known) {
      this.#in.remember(known);
      return known;
    }
    // The content of the window goes first, as a stored block, and is cut off again: Deno has no
    // dictionaries for raw deflate.
    const primer = dictionary.length > 0 ? storedBlock(dictionary) : EMPTY;
    const plain = inflateRawSync(join([primer, payload, TAIL]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_INFLATED,
      // Capacity for a message as large as the one before, so that it comes in one piece.
      chunkSize: dictionary.length + this.#chunkSize,
    }).subarray(dictionary.length);
    this.#chunkSize = Math.max(MIN_CHUNK, Math.min(plain.length + 64, MAX_CHUNK));
    const inflated = identity ? memorize(identity, payload, plain) : plain;
    this.#in.remember(inflated);
    return inflated;
  }
}

/** Returns octets as a deflate block without compression, which is not the last. */
function storedBlock(octets: Uint8Array): Uint8Array {
  const block = new Uint8Array(5 + octets.length);
  const view = new DataView(block.buffer);
  view.setUint16(1, octets.length, true);
  view.setUint16(3, ~octets.length & 0xffff, true);
  block.set(octets, 5);
  return block;
}

/** Identity of an empty window. */
const NOTHING: object = {};

/** The sliding window of one direction. */
class SlidingWindow {
  /** Size of the window as a power of two. */
  readonly bits: number;

  /** Whether the content is kept from one message to the next. */
  readonly keepsContext: boolean;

  /** Content: the last bytes of the messages before. */
  dictionary: Uint8Array = EMPTY;

  /** An object that stands for the content: equal content, same object. Else `undefined`. */
  identity: object | undefined = NOTHING;

  #stream: DeflateRaw | undefined;

  constructor(bits: number, keepsContext: boolean) {
    this.bits = bits;
    this.keepsContext = keepsContext;
  }

  /** Compresses with a stream that stays open, where there are no dictionaries. */
  compressInStream(payload: Uint8Array): Uint8Array {
    this.#stream ??= createDeflateRaw(optionsFor(this.bits));
    // Without the content of the window the result is still correct, only longer.
    return writeSync(this.#stream, payload) ?? deflateRawSync(payload, optionsFor(this.bits));
  }

  /** Moves a message into the window. */
  remember(payload: Uint8Array): void {
    if (!this.keepsContext || payload.length === 0) return;
    const size = 1 << this.bits;
    if (payload.length >= size) {
      this.dictionary = payload.subarray(payload.length - size);
      this.identity = payload;
      return;
    }
    const kept = this.dictionary.subarray(
      Math.max(0, this.dictionary.length + payload.length - size),
    );
    this.dictionary = join([kept, payload]);
    this.identity = undefined;
  }
}

/**
 * Compressed messages by payload, content of the window, and size of the window. Large exchanges
 * repeat the same few parts of a corpus in many cases, and these are the same objects
 * (`corpus.ts`).
 */
const cache = new WeakMap<Uint8Array, WeakMap<object, Map<number, Uint8Array>>>();

function compressed(payload: Uint8Array, window: SlidingWindow): Uint8Array {
  const { bits, dictionary, identity } = window;
  if (!HAS_DICTIONARIES && window.keepsContext) return cutTail(window.compressInStream(payload));
  if (identity === undefined) return deflated(payload, bits, dictionary);
  const byContent = cache.get(payload) ?? new WeakMap<object, Map<number, Uint8Array>>();
  cache.set(payload, byContent);
  const byBits = byContent.get(identity) ?? new Map<number, Uint8Array>();
  byContent.set(identity, byBits);
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

/**
 * Cuts the last four octets, 00 00 ff ff, which are not sent; an empty message is one octet
 * (7692:7.2.1).
 */
function cutTail(out: Uint8Array): Uint8Array {
  return out.length > TAIL.length ? out.subarray(0, out.length - TAIL.length) : Uint8Array.of(0);
}

/** Whether raw deflate supports dictionaries: Deno 2.9 ignores them. */
const HAS_DICTIONARIES = ((): boolean => {
  const [dictionary, finishFlush] = [TAIL, constants.Z_SYNC_FLUSH];
  const [plain, primed] = [{ finishFlush }, { finishFlush, dictionary }]
    .map((options) => deflateRawSync(TAIL, options));
  return !primed!.every((octet, at) => octet === plain![at]);
})();

/** The internal handle of a zlib stream, the same on Deno, Bun and Node. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    from: number,
    size: number,
    output: Uint8Array,
    at: number,
    capacity: number,
  ): void;
}

/** Writes to a stream that stays open, and returns its output synchronously. */
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
