/** Arguments of `send()`. @module */

import type { Bytes } from "./link.ts";

/** Argument of `send()`, once it is converted. */
export type Payload = string | Bytes | Blob;

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/**
 * Returns the size of a message, in bytes, where it need not be exact. Text counts as it is in memory,
 * in UTF-16 units: its bytes would have to be counted one by one.
 */
export function sizeOf(data: Payload): number {
  if (typeof data === "string") return data.length;
  return data instanceof Blob ? data.size : data.byteLength;
}

/** Returns a Blob of another realm, as an iframe's, as one of this; `undefined` if it is none. */
function toBlob(foreign: Blob): Blob | undefined {
  try {
    const blob = new Blob([foreign]);
    return blob.size === foreign.size ? blob : undefined;
  } catch {
    return undefined; // it only looks like one
  }
}

/** Converts the argument of `send()` by WebIDL's rules, where it is no string. */
export function convert(data: unknown): Payload {
  const isView = ArrayBuffer.isView(data);
  const buffer = isView ? data.buffer : data;
  if (!(buffer instanceof ArrayBuffer)) {
    if (buffer instanceof Blob) return buffer;
    const tag = Object.prototype.toString.call(buffer);
    if (tag === "[object SharedArrayBuffer]") {
      throw new TypeError("Cannot send shared memory: copy it first");
    }
    const isBlob = tag === "[object Blob]" || tag === "[object File]";
    const blob = isBlob ? toBlob(buffer as Blob) : undefined;
    if (blob !== undefined) return blob;
    if (tag !== "[object ArrayBuffer]") return `${data}`; // unlike String(), not for symbols
  }
  const memory = buffer as ArrayBuffer & { resizable?: boolean };
  if (memory.resizable) throw new TypeError("Cannot send a resizable buffer: copy it first");
  const { byteLength } = isView ? data : memory;
  if (byteLength === 0) return EMPTY;
  if (!isView) return memory instanceof ArrayBuffer ? memory : new Uint8Array(memory);
  if (data instanceof Uint8Array) return data as Uint8Array<ArrayBuffer>;
  return new Uint8Array(memory, data.byteOffset, byteLength);
}
