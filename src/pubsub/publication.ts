/** One message for many: encoded once, kept once, and, if it is a Blob, read once. @module */

import type { Core } from "../server/guard.ts";
import type { Bytes, Shared } from "../core/link.ts";
import { Outbox } from "../core/blob_queue.ts";
import type { Outgoing } from "../core/payload.ts";

/** A message on its way to many. */
export class Publication implements Shared {
  frame: unknown;
  #data: Outgoing;
  /** The bytes are a copy: what the caller gave may change later. */
  #isOwn = false;
  #reading: Promise<void> | undefined;
  readonly #onError: (error: unknown) => void;

  /**
   * Takes a message.
   *
   * @param onError Told if it is a Blob that cannot be read.
   */
  constructor(data: Outgoing, onError: (error: unknown) => void) {
    this.#data = data;
    this.#onError = onError;
  }

  /** Whether it is a Blob that has to be read first. */
  get isBlob(): boolean {
    return typeof this.#data === "object" && this.#data instanceof Blob;
  }

  /** The message, when it is no Blob, or no more. */
  get data(): string | Bytes {
    return this.#data as string | Bytes;
  }

  /** Sends it through one connection, as soon as it is its turn. */
  sendThrough(core: Core): void {
    if (core.delayed || this.isBlob) this.#sendLater(core);
    else core.share(this);
    core.grown();
  }

  #sendLater(core: Core): void {
    if (!this.#isOwn && !this.isBlob && typeof this.#data !== "string") {
      this.#data = this.data.slice(0) as Bytes;
      this.#isOwn = true;
    }
    core.postpone(
      Outbox.size(this.#data),
      () => this.isBlob ? this.#readFor(core) : core.share(this),
    );
  }

  async #readFor(core: Core): Promise<void> {
    await (this.#reading ??= this.#read(this.#data as Blob));
    if (!this.isBlob) core.share(this);
  }

  /** What cannot be read stays a Blob, and reaches nobody. */
  async #read(blob: Blob): Promise<void> {
    try {
      this.#data = await blob.arrayBuffer();
      this.#isOwn = true;
    } catch (error) {
      this.#onError(error);
    }
  }
}
