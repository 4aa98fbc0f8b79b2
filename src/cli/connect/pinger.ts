/** Sends Ping frames in `connect`, by the package `ws`, which can do so on every runtime. @module */

import { WebSocket as WsSocket } from "ws";
import type { WebSocketClass } from "../../adapters/web/dial.ts";
import type { ClientTls } from "../../core/dial.ts";
import { CLIENT_MAX_PAYLOAD } from "../../core/max_payload.ts";
import { OPEN } from "../../core/ready_state.ts";

/** Members of `ws` beyond a platform's `WebSocket`. */
interface Ws extends WebSocket {
  ping(): void;
  terminate(): void;
  on(event: "pong", listener: () => void): void;
}

/** Second argument of the class: subprotocols, or an object if there are headers. */
type ProtocolsOrOptions = string[] | { readonly protocols?: string[]; readonly headers?: object };

/** Makes connections, one after the other, and sends Ping frames on the current one. */
export class Pinger {
  /** The class for `connect()` and `reconnect()`. */
  readonly WebSocket: WebSocketClass;
  /** Called with the time from a Ping to its Pong, in milliseconds. */
  onPong: ((milliseconds: number) => void) | undefined;

  #current: Ws | undefined;
  /** Time of the Ping that has no Pong yet. */
  #pingedAt: number | undefined;

  /** Makes the class. */
  constructor(tls: ClientTls | undefined) {
    const follow = (ws: Ws): void => this.#follow(ws);
    this.WebSocket = class extends WsSocket {
      constructor(url: string, second: ProtocolsOrOptions) {
        const { protocols = [], headers = {} } = Array.isArray(second)
          ? { protocols: second }
          : second;
        super(url, protocols, { ...tls, headers, maxPayload: CLIENT_MAX_PAYLOAD });
        follow(this as unknown as Ws);
      }
    } as unknown as WebSocketClass;
  }

  #follow(ws: Ws): void {
    this.#current = ws;
    this.#pingedAt = undefined;
    ws.on("pong", () => {
      if (ws !== this.#current || this.#pingedAt === undefined) return;
      const took = performance.now() - this.#pingedAt;
      this.#pingedAt = undefined;
      this.onPong?.(took);
    });
  }

  /** Whether the last Ping has no Pong yet. */
  get isPending(): boolean {
    return this.#pingedAt !== undefined;
  }

  /** Sends a Ping frame, if there is a connection. */
  ping(): void {
    if (this.#current?.readyState !== OPEN) return;
    this.#pingedAt ??= performance.now();
    this.#current.ping();
  }

  /** Drops the current connection. */
  terminate(): void {
    this.#current?.terminate();
  }
}
