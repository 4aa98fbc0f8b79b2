/** One message for many: encoded once, kept once, and, if it is a Blob, read once. @module */

import type { Bytes, SharedMessage } from "../core/link.ts";
import { BlobQueue } from "../core/blob_queue.ts";
import type { Payload } from "../core/payload.ts";
import type { Sender } from "../core/sender.ts";

/** A message on its way to many. */
export class Publication implements SharedMessage {
  frame: unknown;
  #data: Payload;
  /** The bytes are a copy: what the caller gave may change later. */
  #isOwn = false;
  #reading: Promise<void> | undefined;
  readonly #onError: (error: unknown) => void;

  /**
   * Takes a message.
   *
   * @param onError Told if it is a Blob that cannot be read.
   */
  constructor(data: Payload, onError: (error: unknown) => void) {
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
  sendThrough(sender: Sender): void {
    if (sender.delayed || this.isBlob) this.#sendLater(sender);
    else sender.transmit(this.data, this);
    sender.afterSend();
  }

  #sendLater(sender: Sender): void {
    if (!this.#isOwn && !this.isBlob && typeof this.#data !== "string") {
      this.#data = this.data.slice(0) as Bytes;
      this.#isOwn = true;
    }
    sender.enqueue(
      BlobQueue.size(this.#data),
      () => this.isBlob ? this.#readFor(sender) : sender.transmit(this.data, this),
    );
  }

  async #readFor(sender: Sender): Promise<void> {
    await (this.#reading ??= this.#read(this.#data as Blob));
    if (!this.isBlob) sender.transmit(this.data, this);
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
