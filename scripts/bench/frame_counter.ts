/** Counts frames whose lengths are not known. @module */

import { payloadLength } from "./frame_head.ts";

/** Counts the frames of one server's connection. Each has to be a whole message. */
export class FrameCounter {
  #head: number[] = [];
  #missing = 0;

  /** Takes the first octets of some memory. Returns the number of frames that they complete. */
  receive(memory: Uint8Array, count: number): number {
    let frames = 0;
    for (let at = 0; at < count;) {
      if (this.#missing === 0) {
        this.#head.push(memory[at++]!);
        const length = payloadLength(this.#head);
        if (length === undefined) continue;
        this.#head = [];
        this.#missing = length;
      } else {
        const some = Math.min(this.#missing, count - at);
        at += some;
        this.#missing -= some;
      }
      if (this.#missing === 0) frames++;
    }
    return frames;
  }
}
