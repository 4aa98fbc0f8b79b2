/**
 * Compression of the correct endpoint, one message at a time.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Failure, MAX_MESSAGE } from "./endpoint_frames.ts";
import type { Faults } from "./faults.ts";

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

/** Whether raw deflate supports dictionaries here: not on Deno. */
export const HAS_DICTIONARIES: boolean = deflateRawSync(TAIL, { dictionary: TAIL, finishFlush: 2 })
  .compare(deflateRawSync(TAIL, { finishFlush: 2 })) !== 0;

/** Parameters that were negotiated, and the windows of both directions. */
export interface DeflateState {
  readonly inBits: number;
  readonly outBits: number;

  /** Whether the peer compresses each message by itself. */
  readonly inReset: boolean;

  /** Whether the endpoint compresses each message by itself. */
  readonly outReset: boolean;

  inWindow: Buffer;
  outWindow: Buffer;
}

/** Inflates a message. */
export function inflate(state: DeflateState, data: Buffer, faults: Faults): Buffer {
  const { inWindow } = state;
  let plain: Buffer;
  try {
    // The content of the window goes first, stored: Deno has no dictionaries for raw deflate.
    const head = Buffer.alloc(inWindow.length > 0 ? 5 : 0);
    if (inWindow.length > 0) {
      head.writeUInt16LE(inWindow.length, 1);
      head.writeUInt16LE(~inWindow.length & 0xffff, 3);
    }
    plain = inflateRawSync(Buffer.concat([head, inWindow, data, TAIL]), {
      finishFlush: 2,
      maxOutputLength: MAX_MESSAGE,
    }).subarray(inWindow.length);
  } catch (error) {
    const isBomb = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw new Failure(isBomb ? 1009 : 1007, "deflate");
  }
  if (!state.inReset && faults.deflate !== "forgets") {
    state.inWindow = Buffer.concat([inWindow, plain]).subarray(-(1 << state.inBits));
  }
  return plain;
}

/** Compresses a message. */
export function deflate(state: DeflateState, payload: Buffer, faults: Faults): Buffer {
  const bits = faults.deflate === "wide" ? 15 : state.outBits;
  const out = deflateRawSync(payload, {
    windowBits: Math.max(9, bits),
    level: bits === 8 ? 0 : 1,
    finishFlush: 2,
    ...(state.outWindow.length && { dictionary: state.outWindow }),
  });
  if (!state.outReset || faults.deflate === "keeps") {
    state.outWindow = Buffer.concat([state.outWindow, payload]).subarray(-(1 << bits));
  }
  return out.length > 4 ? out.subarray(0, -4) : Buffer.alloc(1);
}
