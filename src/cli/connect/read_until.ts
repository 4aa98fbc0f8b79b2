/** Reads an answer from a stream, and leaves what comes behind it there. @module */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** Maximum size of an answer, in bytes. */
const MAX_ANSWER = 16 * 1024;

/**
 * Reads until an answer is complete. The stream is paused then.
 *
 * @param lengthOf Returns the length of the answer at the beginning of what has come; `undefined` if it
 * is not complete.
 * @throws {Error} If the stream ends before, or the answer is too long: the message is the rest of a
 * sentence about the peer.
 */
export function readUntil(
  stream: Socket,
  lengthOf: (bytes: Buffer) => number | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const release = (): void => {
      stream.off("data", take).off("error", fail).off("close", end).off("end", end);
      signal.removeEventListener("abort", abort);
    };
    const fail = (error: unknown): void => {
      release();
      stream.on("error", () => {}); // nobody else listens
      reject(error);
    };
    const end = (): void => fail(new Error("ended the connection without an answer"));
    const abort = (): void => fail(signal.reason);
    const take = (piece: Buffer): void => {
      bytes = Buffer.concat([bytes, piece]);
      const length = lengthOf(bytes);
      if (length === undefined) {
        if (bytes.length > MAX_ANSWER) fail(new Error("gave an answer that is too long"));
        return;
      }
      release();
      stream.pause();
      if (bytes.length > length) stream.unshift(bytes.subarray(length));
      resolve(bytes.subarray(0, length));
    };
    stream.on("data", take).on("error", fail).on("close", end).on("end", end);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else stream.resume();
  });
}
