/** Compression of messages by zlib, in one call each (RFC 7692, 7.2.1). @module */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { Deflater } from "../../protocol/deflate_framing.ts";
import { FULL_WINDOW, SMALLEST_WINDOW } from "../../handshake/deflate_parameters.ts";
import { RecentBytes } from "./recent_bytes.ts";

/**
 * Level of compression. JSON of 1 KiB takes 15 µs on Node, 17 on Deno and 14 on Bun, with level 6, the
 * default, 18, 19 and 16, which makes it 2 to 4 % shorter; JSON of 64 KiB takes 0.3 ms and 0.7, and is 9 %
 * shorter. Level 1 takes no less time than 3 on Node; on Deno and Bun it takes 6 µs, and 28 % more bytes.
 */
const LEVEL = 3;

/**
 * Maximum number of bytes of a message that is compressed. Nothing else happens meanwhile: for JSON of
 * this length 5 to 7 ms, about as long as it took to be made, and 20 ms for bytes that do not get
 * shorter.
 */
export const MAX_DEFLATED = 1024 * 1024;

/**
 * Maximum size of what is kept for context takeover, as a power of two, whatever the window: zlib reads
 * it again for each message. With 11, 12, 13 and 15 bits JSON of 1 KiB takes 15, 17, 22 and 51 µs on
 * Node, and becomes 205, 201, 198 and 194 bytes; 337 without context.
 */
const CONTEXT_BITS = 12;

/** Number of bytes of a window that zlib cannot refer to. */
const LOOKAHEAD = 262;

/** Returns the size of the smallest window that reaches over so many bytes. It takes 1 µs less. */
function bitsFor(length: number, windowBits: number): number {
  const needed = 32 - Math.clz32(length + LOOKAHEAD - 1);
  return Math.min(windowBits, Math.max(SMALLEST_WINDOW, needed));
}

function deflate(
  message: Uint8Array,
  windowBits: number,
  dictionary: Uint8Array<ArrayBuffer> | undefined,
): Uint8Array {
  return deflateRawSync(message, {
    level: LEVEL,
    windowBits: bitsFor(message.length + (dictionary?.length ?? 0), windowBits),
    // Memory for the result: 16 KiB by default, which takes longer than a short message.
    chunkSize: Math.min(65_536, Math.max(1024, message.length >> 1)),
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary !== undefined && dictionary.length > 0 && { dictionary }),
  });
}

/** Compresses each message by itself. It has no state, and so can be shared by connections. */
class SingleDeflater implements Deflater {
  readonly #windowBits: number;

  constructor(windowBits: number) {
    this.#windowBits = windowBits;
  }

  deflate(message: Uint8Array): Uint8Array | undefined {
    return message.length > MAX_DEFLATED
      ? undefined
      : deflate(message, this.#windowBits, undefined);
  }
}

/**
 * Compresses the messages of one connection with context takeover (7.1.1). zlib has no synchronous stream
 * that stays open; but one that begins with the last bytes as its dictionary writes the same.
 */
class ContextDeflater implements Deflater {
  readonly contextTakeover = true;
  readonly #windowBits: number;
  readonly #context: RecentBytes;

  constructor(windowBits: number) {
    this.#windowBits = windowBits;
    this.#context = new RecentBytes(1 << Math.min(windowBits, CONTEXT_BITS));
  }

  deflate(message: Uint8Array): Uint8Array | undefined {
    if (message.length > MAX_DEFLATED) return undefined; // sent as it is, it is no part of the context
    const stream = deflate(message, this.#windowBits, this.#context.bytes);
    this.#context.add(message);
    return stream;
  }
}

/** Whether zlib takes a dictionary for raw streams: Deno 2.9 ignores it. Found out at the first use. */
let takesDictionary: boolean | undefined;

/** Reports whether {@linkcode createDeflater} can compress with context on this runtime. */
export function canDeflateWithContext(): boolean {
  return takesDictionary ??= hasReference();
}

function hasReference(): boolean {
  const bytes = new TextEncoder().encode("what is repeated, and so must not come again");
  const stream = deflate(bytes, FULL_WINDOW, bytes);
  try {
    inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });
    return false; // it can be read without the dictionary
  } catch {
    return true;
  }
}

const single: Deflater[] = [];

/**
 * Returns a compressor. Without context takeover, or on a runtime that cannot do it, it is the same one
 * for all connections with such a window. A message of more than {@linkcode MAX_DEFLATED} bytes is not
 * compressed.
 *
 * @param contextTakeover Whether a message may refer to earlier ones of the connection.
 * @param windowBits Maximum size of the window, as a power of two: 9 to 15.
 */
export function createDeflater(contextTakeover: boolean, windowBits: number): Deflater {
  if (contextTakeover && canDeflateWithContext()) return new ContextDeflater(windowBits);
  return single[windowBits] ??= new SingleDeflater(windowBits);
}
