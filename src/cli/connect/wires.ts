/** What carries the connections of `connect`: the package `ws`, which can ping on every runtime. @module */

import { WebSocket as WsSocket } from "ws";
import type { WebSocketClass } from "../../adapters/web/dial.ts";
import type { ClientTls } from "../../core/dial.ts";
import { CLIENT_MAX_PAYLOAD } from "../../core/max_payload.ts";
import { OPEN } from "../../core/ready_state.ts";

/** What `ws` can beyond a platform's `WebSocket`. */
interface Ws extends WebSocket {
  ping(): void;
  terminate(): void;
  on(event: "pong", listener: () => void): void;
}

/** What a socket is made with: subprotocols, or an object if there are headers. */
type Second = string[] | { readonly protocols?: string[]; readonly headers?: object };

/** Connections, one after the other, and Ping frames on the present one. */
export class Wires {
  /** The class for `connect()` and `reconnect()`. */
  readonly WebSocket: WebSocketClass;
  /** Told how long a Pong took, in milliseconds. */
  onPong: ((milliseconds: number) => void) | undefined;

  #present: Ws | undefined;
  /** When the Ping left that has no Pong yet. */
  #pinged: number | undefined;

  /** Prepares for connections. */
  constructor(tls: ClientTls | undefined) {
    const take = (ws: Ws): void => this.#take(ws);
    this.WebSocket = class extends WsSocket {
      constructor(url: string, second: Second) {
        const { protocols = [], headers = {} } = Array.isArray(second)
          ? { protocols: second }
          : second;
        super(url, protocols, { ...tls, headers, maxPayload: CLIENT_MAX_PAYLOAD });
        take(this as unknown as Ws);
      }
    } as unknown as WebSocketClass;
  }

  #take(ws: Ws): void {
    this.#present = ws;
    this.#pinged = undefined;
    ws.on("pong", () => {
      if (ws !== this.#present || this.#pinged === undefined) return;
      const took = performance.now() - this.#pinged;
      this.#pinged = undefined;
      this.onPong?.(took);
    });
  }

  /** Whether a Ping has no Pong yet. */
  get waits(): boolean {
    return this.#pinged !== undefined;
  }

  /** Sends a Ping frame, if there is a connection. */
  ping(): void {
    if (this.#present?.readyState !== OPEN) return;
    this.#pinged ??= performance.now();
    this.#present.ping();
  }

  /** Cuts the present connection. */
  terminate(): void {
    this.#present?.terminate();
  }
}
