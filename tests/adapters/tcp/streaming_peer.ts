/** A peer that compresses by zlib's streams, which keep their context. @module */

import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

type Transform = ReturnType<typeof createDeflateRaw> | ReturnType<typeof createInflateRaw>;

const TAIL = Uint8Array.of(0, 0, 0xff, 0xff); // RFC 7692, 7.2.2

/** Writes to a stream, flushes it, and resolves with what came out. */
function through(stream: Transform, input: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const take = (chunk: Uint8Array): void => void chunks.push(chunk);
    stream.on("data", take).once("error", reject);
    stream.write(input);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off("data", take).off("error", reject);
      resolve(new Uint8Array(Buffer.concat(chunks)));
    });
  });
}

/** One end of a connection with context takeover. */
export class StreamingPeer {
  readonly #deflate: ReturnType<typeof createDeflateRaw>;
  readonly #inflate: ReturnType<typeof createInflateRaw>;

  /**
   * Creates a peer.
   *
   * @param deflateBits Size of its own window, as a power of two: 9 to 15.
   * @param inflateBits Size of the window that it expects.
   */
  constructor(deflateBits: number, inflateBits: number) {
    this.#deflate = createDeflateRaw({ windowBits: deflateBits });
    this.#inflate = createInflateRaw({ windowBits: inflateBits });
  }

  /** Compresses a message, and leaves out its tail (7.2.1). */
  async deflate(message: Uint8Array): Promise<Uint8Array> {
    const deflated = (await through(this.#deflate, message)).slice(0, -TAIL.length);
    return deflated.length > 0 ? deflated : Uint8Array.of(0); // 7.2.3.6
  }

  /** Inflates a message without its tail. */
  inflate(deflated: Uint8Array): Promise<Uint8Array> {
    return through(this.#inflate, Buffer.concat([deflated, TAIL]));
  }

  /** Frees its memory. */
  close(): void {
    this.#deflate.close();
    this.#inflate.close();
  }
}
