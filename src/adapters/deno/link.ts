/** Link over the socket that `Deno.upgradeWebSocket` returns. @module */

import { endPings } from "./internals.ts";
import type { Bytes } from "../../core/link.ts";
import { WebLink } from "../web/link.ts";

/** Value of `readyState`. */
const OPEN = 1;

/** ms: time between two looks at what is buffered, while a Close frame waits for that. */
const LOOK = 10;

/** Bytes of memory that Deno adds per queued message (measured). */
const OVERHEAD = 640;

/** Number of microtasks that Deno takes to deliver what it has read. */
const READING_MICROTASKS = 10;

/** Link over a server socket of Deno's. */
export class DenoLink extends WebLink {
  /**
   * Upper bound of the buffered bytes, overhead included: Deno counts what it is given until that is
   * written, but reading its count is slow.
   */
  mostBuffered = 0;

  /** Messages since nothing was buffered, and the sum of their lengths. */
  #messages = 0;
  #bytes = 0;

  override get bufferedAmount(): number {
    const amount = super.bufferedAmount;
    if (amount === 0) this.#messages = this.#bytes = 0;
    this.mostBuffered = amount + this.#overheadOf(amount);
    return amount;
  }

  /** An estimate, as if all messages were equally long: Deno counts bytes, and no messages. */
  get overhead(): number {
    return this.#overheadOf(super.bufferedAmount);
  }

  #overheadOf(amount: number): number {
    return amount === 0 ? 0 : this.#messages * OVERHEAD * Math.min(1, amount / this.#bytes);
  }

  override send(data: string | Bytes): void {
    const size = typeof data === "string" ? data.length : data.byteLength;
    this.#messages++;
    this.#bytes += size;
    this.mostBuffered += 3 * size + OVERHEAD;
    super.send(data);
  }

  /**
   * Closes after what has arrived is read. A frame that is read after `close()` makes Deno drop the
   * connection, often before the Close frame is written: 12 of 12 codes arrive, where 9 did. What is
   * buffered leaves first: Deno counts none of it from `close()` on, and the core gives a slow peer time.
   */
  override close(code?: number, reason?: string): void {
    this.#closeAfterReading(code, reason).catch((error) => this.events.failed(error));
  }

  async #closeAfterReading(code?: number, reason?: string): Promise<void> {
    for (let i = 0; i < READING_MICROTASKS; i++) await undefined;
    while (super.bufferedAmount > 0 && this.socket.readyState === OPEN) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    super.close(code, reason);
  }

  override handleEvent(event: Event): void {
    super.handleEvent(event);
    if (event.type === "close" && (event as CloseEvent).code === 0) endPings(this.socket);
  }
}
