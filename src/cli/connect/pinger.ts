/** Sends Ping frames in `connect`, and sees those of the peer, by the link below a socket. @module */

import type { WebSocketClass } from "../../adapters/web/dial.ts";
import { DIAL } from "../../client/platform.ts";
import type { Dial } from "../../core/dial.ts";
import type { Link, LinkEvents } from "../../core/link.ts";
import { passOn } from "./pass_on.ts";

/** Follows connections, one after the other, and sends Ping frames on the current one. */
export class Pinger {
  /** Called with the payload of each Ping of the peer. */
  onPing: ((payload: Uint8Array) => void) | undefined;
  /** Called with each Pong: its payload, and the time since the Ping; `undefined` if there was none. */
  onPong: ((payload: Uint8Array, milliseconds: number | undefined) => void) | undefined;

  /** Link of the current connection; `undefined` while there is none. */
  #link: Link | undefined;
  /** Time of the Ping that has no Pong yet. */
  #pingedAt: number | undefined;

  /** Returns the class for `connect()` and `reconnect()` whose connections are followed. */
  classFor(dial: Dial): WebSocketClass {
    const followed: Dial = (request) => {
      const begin = dial(request);
      return (events) => begin(this.follow(events));
    };
    return class {
      static readonly [DIAL]: Dial = followed;
    } as unknown as WebSocketClass;
  }

  /** Returns what passes the reports of a connection on, and notes Pings and Pongs. */
  follow(events: LinkEvents): LinkEvents {
    let own: Link | undefined;
    const end = (): void => {
      if (own !== undefined && this.#link === own) this.#link = this.#pingedAt = undefined;
    };
    return passOn(events, {
      opened: (link, protocol, extensions) => {
        this.#link = own = link;
        this.#pingedAt = undefined;
        events.opened(link, protocol, extensions);
      },
      heard: (kind, payload = new Uint8Array()) => {
        if (this.#link === own) this.#heard(kind, payload);
        events.heard(kind, payload);
      },
      closed: (code, reason) => {
        end();
        events.closed(code, reason);
      },
      failed: (cause) => {
        end();
        events.failed(cause);
      },
    });
  }

  #heard(kind: "ping" | "pong" | undefined, payload: Uint8Array): void {
    if (kind === "ping") return this.onPing?.(payload);
    const since = this.#pingedAt;
    this.#pingedAt = undefined;
    this.onPong?.(payload, since === undefined ? undefined : performance.now() - since);
  }

  /** Whether the last Ping has no Pong yet. */
  get isPending(): boolean {
    return this.#pingedAt !== undefined;
  }

  /** Sends a Ping frame, if there is a connection. */
  ping(payload?: Uint8Array): void {
    if (this.#link === undefined) return;
    this.#pingedAt ??= performance.now();
    this.#link.ping?.(payload);
  }

  /** Drops the current connection. */
  terminate(): void {
    this.#link?.terminate();
  }
}
