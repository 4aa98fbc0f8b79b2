/** Deflate by `node:zlib`, as the adapters will have it. @module */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { Deflater, Inflater } from "../../src/protocol/deflate_framing.ts";

/** Inflates messages without context takeover. */
export const zlibInflater: Inflater = {
  inflate(deflated, maxLength) {
    try {
      return inflateRawSync(deflated, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: Math.max(1, Math.min(maxLength, 0x7fffffff)),
      });
    } catch (error) {
      const { code } = error as { code?: string };
      return code === "ERR_BUFFER_TOO_LARGE" ? "too-long" : "malformed";
    }
  },
};

/** A deflater that compresses messages of any length. */
interface AnyLengthDeflater extends Deflater {
  deflate(message: Uint8Array): Uint8Array;
}

/** Compresses messages without context takeover, in a window of so many bits. */
export function zlibDeflater(windowBits = 15): AnyLengthDeflater {
  return {
    deflate: (message) =>
      deflateRawSync(message, { windowBits, finishFlush: constants.Z_SYNC_FLUSH }),
  };
}
