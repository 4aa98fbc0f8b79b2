/** Counts of what has happened at a server. @module */

import type { BrokerStats } from "../pubsub/broker/broker.ts";
import type { Traffic } from "../pubsub/subscriber.ts";
import type { RefusalReason } from "../handshake/upgrade_error.ts";
import type { Stats } from "./hub.ts";

/** Counts the sockets, messages and refusals of one server. */
export class Statistics {
  /** Messages of all sockets, counted by their guards. */
  readonly traffic: Traffic = {
    received: 0,
    bytesReceived: 0,
    sent: 0,
    bytesSent: 0,
    dropped: 0,
  };
  readonly #refused: Record<RefusalReason, number> = {
    handshake: 0,
    origin: 0,
    full: 0,
    closing: 0,
    handler: 0,
    timeout: 0,
  };
  readonly #closed: Record<number, number> = {};
  #open = 0;
  #opened = 0;

  /** Counts a handshake that is refused. */
  refused(reason: RefusalReason): void {
    this.#refused[reason]++;
  }

  /** Counts a socket that has become OPEN. */
  opened(): void {
    this.#open++;
    this.#opened++;
  }

  /** Counts a socket that is no longer OPEN. */
  left(): void {
    this.#open--;
  }

  /** Counts a socket that is CLOSED. */
  closed(code: number): void {
    this.#closed[code] = (this.#closed[code] ?? 0) + 1;
  }

  /**
   * Returns a copy of all counts.
   *
   * @param broker Counts of the server's broker, if it has one.
   */
  read(broker?: BrokerStats): Stats {
    const { received, bytesReceived, sent, bytesSent, dropped } = this.traffic;
    return {
      open: this.#open,
      opened: this.#opened,
      refused: { ...this.#refused },
      received: { messages: received, bytes: bytesReceived },
      sent: { messages: sent, bytes: bytesSent },
      dropped,
      closed: { ...this.#closed },
      ...(broker === undefined ? {} : { broker }),
    };
  }
}
