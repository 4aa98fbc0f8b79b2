/** Sends Ping frames in `connect`, by the engine of our own, which can do so on every runtime. @module */

import type { WebSocketClass } from "../../adapters/web/dial.ts";
import { DIAL } from "../../client/platform.ts";
import type { ClientTls, Dial } from "../../core/dial.ts";
import type { Link, LinkEvents } from "../../core/link.ts";
import { dialerBy } from "../../portable/connect.ts";

/** Makes connections, one after the other, and sends Ping frames on the current one. */
export class Pinger {
  /** The class for `connect()` and `reconnect()`. */
  readonly WebSocket: WebSocketClass;
  /** Called with the time from a Ping to its Pong, in milliseconds. */
  onPong: ((milliseconds: number) => void) | undefined;

  /** Link of the current connection; `undefined` while there is none. */
  #link: Link | undefined;
  /** Time of the Ping that has no Pong yet. */
  #pingedAt: number | undefined;

  /** Makes the class. */
  constructor(tls: ClientTls | undefined) {
    const { dial } = dialerBy({ engine: "tcp", ...(tls && { tls }) });
    const followed: Dial = (request) => {
      const begin = dial(request);
      return (events) => begin(this.#follow(events));
    };
    this.WebSocket = class {
      static readonly [DIAL]: Dial = followed;
    } as unknown as WebSocketClass;
  }

  /** Returns what passes reports on, and notes Pongs. */
  #follow(events: LinkEvents): LinkEvents {
    let own: Link | undefined;
    const end = (): void => {
      if (own !== undefined && this.#link === own) this.#link = this.#pingedAt = undefined;
    };
    return {
      opened: (link, protocol, extensions) => {
        this.#link = own = link;
        this.#pingedAt = undefined;
        events.opened(link, protocol, extensions);
      },
      received: (data) => events.received(data),
      heard: (kind) => {
        if (kind === "pong" && this.#link === own) this.#answered();
        events.heard(kind);
      },
      closing: (answer) => events.closing(answer),
      closed: (code, reason) => {
        end();
        events.closed(code, reason);
      },
      failed: (cause) => {
        end();
        events.failed(cause);
      },
    };
  }

  #answered(): void {
    if (this.#pingedAt === undefined) return;
    const took = performance.now() - this.#pingedAt;
    this.#pingedAt = undefined;
    this.onPong?.(took);
  }

  /** Whether the last Ping has no Pong yet. */
  get isPending(): boolean {
    return this.#pingedAt !== undefined;
  }

  /** Sends a Ping frame, if there is a connection. */
  ping(): void {
    if (this.#link === undefined) return;
    this.#pingedAt ??= performance.now();
    this.#link.ping?.();
  }

  /** Drops the current connection. */
  terminate(): void {
    this.#link?.terminate();
  }
}
