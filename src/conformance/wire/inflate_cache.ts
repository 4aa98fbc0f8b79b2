/**
 * What has been inflated before need not be inflated again.
 *
 * A peer that echoes a thousand messages from a few stretches of data sends the same octets over
 * and over. To inflate is a function of these octets and of what the window remembers, so it can be
 * looked up: that saves most of the work, and nearly all of the garbage.
 *
 * @module
 */

import { Buffer } from "node:buffer";

interface Known {
  readonly compressed: Uint8Array;
  readonly inflated: Uint8Array;
}

/** Smaller messages are not worth it. */
const FROM = 4096;

/** How many octets are kept; beyond, everything is forgotten. */
const LIMIT = 48 * 1024 * 1024;

/** By what the window held: an object that is the same when the content is. */
let byMark = new WeakMap<object, Map<number, Known[]>>();

/** By size. Equal payloads become one object, which then stands for a window that holds them. */
let bySize = new Map<number, Uint8Array[]>();

let kept = 0;

/** A few octets of what is looked for, mixed with its length. */
function hashOf(octets: Uint8Array): number {
  let hash = octets.length;
  for (let at = 7; at < octets.length; at += 1 + (octets.length >> 3)) {
    hash = Math.imul(hash ^ octets[at]!, 0x01000193);
  }
  return hash;
}

/** What these octets have been inflated to when the window held the same; or undefined. */
export function recall(mark: object, compressed: Uint8Array): Uint8Array | undefined {
  const known = byMark.get(mark)?.get(hashOf(compressed));
  return known?.find((one) => Buffer.compare(one.compressed, compressed) === 0)?.inflated;
}

/** Remembers a message. Gives the object that stands for its content from now on. */
export function memorize(mark: object, compressed: Uint8Array, inflated: Uint8Array): Uint8Array {
  if (inflated.length < FROM || inflated.length + compressed.length > LIMIT / 8) return inflated;
  const alike = bySize.get(inflated.length) ?? [];
  let one = alike.find((other) => Buffer.compare(other, inflated) === 0);
  if (one === undefined) {
    // A copy: the original may be a part of something larger.
    one = inflated.slice();
    alike.push(one);
    kept += one.length;
  }
  kept += compressed.length;
  if (kept > LIMIT) {
    byMark = new WeakMap();
    bySize = new Map();
    kept = 0;
    return one;
  }
  bySize.set(one.length, alike);
  const byHash = byMark.get(mark) ?? new Map<number, Known[]>();
  byMark.set(mark, byHash);
  const hash = hashOf(compressed);
  const known = byHash.get(hash) ?? [];
  byHash.set(hash, known);
  known.push({ compressed: compressed.slice(), inflated: one });
  return one;
}
