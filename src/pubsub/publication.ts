/** One message for many sockets: encoded once, kept once, and, if it is a Blob, read once. @module */

import type { Bytes, SharedMessage } from "../core/link.ts";
import { BlobQueue } from "../core/blob_queue.ts";
import type { Payload } from "../core/payload.ts";
import type { Sender } from "../core/sender.ts";

/** Copies bytes. A Buffer's own `slice()` would be a view of the same memory. */
function copyOf(bytes: Bytes): Bytes {
  return bytes instanceof ArrayBuffer ? bytes.slice(0) : new Uint8Array(bytes as Uint8Array);
}

/** A published message. */
export class Publication implements SharedMessage {
  frame: unknown;
  #data: Payload;
  /** Whether the bytes are a copy: those of the caller may change later. */
  #isOwn = false;
  #reading: Promise<void> | undefined;
  readonly #onError: (error: unknown) => void;

  /**
   * Makes a publication of a message.
   *
   * @param onError Called with the error of a Blob that cannot be read.
   */
  constructor(data: Payload, onError: (error: unknown) => void) {
    this.#data = data;
    this.#onError = onError;
  }

  /** Whether the message is a Blob that has to be read first. */
  get isBlob(): boolean {
    return typeof this.#data === "object" && this.#data instanceof Blob;
  }

  /** Data of the message, if it is no Blob, or no longer. */
  get data(): string | Bytes {
    return this.#data as string | Bytes;
  }

  /** Sends the message through one connection, behind the messages that wait there for a Blob. */
  sendThrough(sender: Sender): void {
    if (sender.delayed || this.isBlob) this.#sendLater(sender);
    else sender.transmit(this.data, this);
    sender.afterSend();
  }

  #sendLater(sender: Sender): void {
    if (!this.#isOwn && !this.isBlob && typeof this.#data !== "string") {
      this.#data = copyOf(this.data as Bytes);
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

  /** Reads a Blob. One that cannot be read stays a Blob, and is sent to nobody. */
  async #read(blob: Blob): Promise<void> {
    try {
      this.#data = await blob.arrayBuffer();
      this.#isOwn = true;
    } catch (error) {
      this.#onError(error);
    }
  }
}
