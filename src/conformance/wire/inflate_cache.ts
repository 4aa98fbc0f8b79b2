/**
 * A cache of inflated messages.
 *
 * A peer that echoes a thousand messages from a few parts of a corpus sends the same octets again
 * and again. The result of inflating depends only on these octets and on the content of the window,
 * so it is looked up: that saves most of the work, and nearly all of the garbage.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** A message that was inflated before. */
interface Known {
  readonly compressed: Uint8Array;
  readonly inflated: Uint8Array;
}

/** Number of octets of the smallest message that is cached. */
const FROM = 4096;

/** Number of octets that are kept; beyond, the cache is emptied. */
const LIMIT = 48 * 1024 * 1024;

/** Messages by the content of the window, for which an object stands, and by hash. */
let byContent = new WeakMap<object, Map<number, Known[]>>();

/** Payloads by size. Equal payloads become one object, which then stands for a window with them. */
let bySize = new Map<number, Uint8Array[]>();

let kept = 0;

/** Hashes a few of the octets, and their number. */
function hashOf(octets: Uint8Array): number {
  let hash = octets.length;
  for (let at = 7; at < octets.length; at += 1 + (octets.length >> 3)) {
    hash = Math.imul(hash ^ octets[at]!, 0x01000193);
  }
  return hash;
}

/** Returns what these octets were inflated to with the same window; or `undefined`. */
export function recall(identity: object, compressed: Uint8Array): Uint8Array | undefined {
  const known = byContent.get(identity)?.get(hashOf(compressed));
  return known?.find((one) => Buffer.compare(one.compressed, compressed) === 0)?.inflated;
}

/** Caches a message. Returns the object that stands for its content from now on. */
export function memorize(
  identity: object,
  compressed: Uint8Array,
  inflated: Uint8Array,
): Uint8Array {
  if (inflated.length < FROM || inflated.length + compressed.length > LIMIT / 8) return inflated;
  const alike = bySize.get(inflated.length) ?? [];
  let one = alike.find((other) => Buffer.compare(other, inflated) === 0);
  if (one === undefined) {
    // A copy, as the original may be part of a larger buffer.
    one = inflated.slice();
    alike.push(one);
    kept += one.length;
  }
  kept += compressed.length;
  if (kept > LIMIT) {
    byContent = new WeakMap();
    bySize = new Map();
    kept = 0;
    return one;
  }
  bySize.set(one.length, alike);
  const byHash = byContent.get(identity) ?? new Map<number, Known[]>();
  byContent.set(identity, byHash);
  const hash = hashOf(compressed);
  const known = byHash.get(hash) ?? [];
  byHash.set(hash, known);
  known.push({ compressed: compressed.slice(), inflated: one });
  return one;
}
