/**
 * Reading: one memory that the system writes the octets of all connections to, where the runtime allows
 * it. This is the only file that names private members of a runtime.
 *
 * Node and Deno let a program bring the memory (`onread` of `net.connect()`), but have no public way to
 * do so for a connection that exists. What that option sets is set here: two symbols of the stream, and
 * a method of its handle. Where one of them is missing, as on Bun, or the stream is of another kind, its
 * `data` events are used.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { allocateUnmaskMemory } from "../../protocol/unmask_wasm.ts";

/** Number of bytes that are read at once. */
const SIZE = 256 * 1024;

const input = allocateUnmaskMemory(SIZE);

/** Unmasks in the shared memory by WebAssembly, where the runtime has it. */
export const { unmask } = input;

/** Receives what is read from one connection. */
export interface InputReader {
  /** Called with octets. Their memory is used again as soon as this returns. Must not throw. */
  read(bytes: Uint8Array, to: number): void;
}

const READER: unique symbol = Symbol("reader");

/** A stream with what is private. */
interface Stream extends Duplex {
  [READER]?: InputReader;
  readonly _handle?: { readonly useUserBuffer?: (memory: Uint8Array) => void } | null;
  [name: symbol]: unknown;
}

/** Symbols of the memory and of the function that is called when it has been written to. */
let memoryKey: symbol | undefined;
let callbackKey: symbol | undefined;

function symbolOf(stream: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(stream).find((it) => it.description === description);
}

/** Called by the runtime, as a method of the stream. */
function onMemoryWritten(this: Stream, count: number): void {
  this[READER]?.read(input.bytes, count);
}

function onData(this: Stream, data: Buffer): void {
  this[READER]?.read(data, data.length);
}

/** Makes the system write a connection's octets to the shared memory. Returns whether it does. */
function shareInput(stream: Stream): boolean {
  const handle = stream._handle;
  if (typeof handle?.useUserBuffer !== "function") return false;
  if (memoryKey === undefined || !(memoryKey in stream)) {
    memoryKey = symbolOf(stream, "kBuffer");
    callbackKey = symbolOf(stream, "kBufferCb");
  }
  if (memoryKey === undefined || callbackKey === undefined) return false;
  stream[memoryKey] = input.bytes;
  stream[callbackKey] = onMemoryWritten;
  handle.useUserBuffer(input.bytes);
  return true;
}

/**
 * Reads a connection from now on, beginning with what its stream has read already. The stream must be
 * resumed after that, unless it is to be paused.
 *
 * @returns Whether the shared memory is used; else, `data` events are.
 */
export function readFrom(stream: Duplex, reader: InputReader): boolean {
  (stream as Stream)[READER] = reader;
  for (let piece: Buffer | null; (piece = stream.read()) !== null;) {
    reader.read(piece, piece.length);
  }
  if (shareInput(stream as Stream)) return true;
  stream.on("data", onData);
  return false;
}
