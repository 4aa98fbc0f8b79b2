/** Implements `reconnect()` in a page. @module */

import type { ValueOrProvider } from "../client/reconnect/attempt.ts";
import { Backoff } from "../client/reconnect/backoff.ts";
import type { CarrierEvents } from "../client/reconnect/carrier.ts";
import type { ReconnectOptions } from "../client/reconnect/reconnect.ts";
import {
  RECONNECT_EVENTS,
  type ReconnectingSocket,
  type ReconnectListener,
} from "../client/reconnect/reconnecting_socket.ts";
import { type ReconnectConfig, Reconnector } from "../client/reconnect/reconnector.ts";
import { SendQueue } from "../client/reconnect/send_queue.ts";
import { onWake } from "../client/reconnect/wake_signals.ts";
import { systemClock } from "../core/clock.ts";
import { NativeSocket } from "./native_socket.ts";
import { closeEvent, defineAttributes, errorEvent, messageEvent } from "./page_events.ts";
import { PageTarget } from "./page_target.ts";
import { refuse } from "./refuse.ts";

/** One connection. Its reports, which are abstract, go to the state machine. */
const Carrier = NativeSocket as unknown as new (
  ...args: ConstructorParameters<typeof NativeSocket>
) => Omit<NativeSocket, keyof CarrierEvents>;

/** A reconnecting socket over the platform's, with the platform's listeners and events. */
class PageReconnectingSocket extends PageTarget implements ReconnectingSocket {
  declare onopen: ReconnectListener<"open"> | null;
  declare onmessage: ReconnectListener<"message"> | null;
  declare onerror: ReconnectListener<"error"> | null;
  declare onclose: ReconnectListener<"close"> | null;
  declare onconnecting: ReconnectListener<"connecting"> | null;
  declare onwaiting: ReconnectListener<"waiting"> | null;

  static {
    defineAttributes(this.prototype, RECONNECT_EVENTS);
  }

  readonly #reconnector: Reconnector;

  /** Makes a socket, whose first attempt begins in a later task. */
  constructor(config: ReconnectConfig) {
    super();
    const reconnector = this.#reconnector = new Reconnector({
      open: () => new Event("open"),
      message: messageEvent,
      error: errorEvent,
      close: closeEvent,
      fire: (event) => this.fire(event, reconnector.end),
      report: (error) => reportError(error),
    }, config);
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#reconnector.state;
  }
  get url(): string {
    return this.#reconnector.url;
  }
  get protocol(): string {
    return this.#reconnector.carrier?.protocol ?? "";
  }
  get extensions(): string {
    return this.#reconnector.carrier?.extensions ?? "";
  }
  get bufferedAmount(): number {
    return this.#reconnector.bufferedAmount;
  }
  get binaryType(): BinaryType {
    return this.#reconnector.binaryType;
  }
  set binaryType(type: BinaryType) {
    if (type === "blob" || type === "arraybuffer") this.#reconnector.setBinaryType(type);
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    this.#reconnector.send(data as string);
  }
  close(code?: number, reason?: string): void {
    this.#reconnector.close(code, reason);
  }
  protected setPaused(paused: boolean): void {
    this.#reconnector.setPaused(paused);
  }
}

/** Randomness and wake signals of reconnecting sockets. Tests replace them. */
export type PageEnvironment = Pick<ReconnectConfig, "onWake"> & { readonly random: () => number };

/** Implements `reconnect()` in an environment. */
export function reconnectIn(
  { random, onWake }: PageEnvironment,
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions,
): ReconnectingSocket {
  const { protocols = [], headers = {}, binaryType = "blob", timeout = 10_000 } = options;
  const { clock = systemClock } = options;
  options.signal?.throwIfAborted();
  refuse(options);
  const config: ReconnectConfig = {
    ...options, // heartbeat and signal
    url,
    protocols,
    headers,
    binaryType,
    timeout,
    until: options.until ?? (({ code }) => code === 1000), // no page learns of a status
    backoff: new Backoff(options.backoff, random),
    queue: new SendQueue(options.queue),
    clock,
    open({ url, protocols, headers, binaryType }, events) {
      refuse({ headers });
      // The attempt has a time limit of its own, which includes the functions.
      const carrier = new Carrier(url, protocols, {
        ...options,
        binaryType: binaryType!,
        timeout: 0,
      });
      return Object.assign(carrier, events);
    },
    holdBack: (carrier, held) => (carrier as NativeSocket).setPaused(held),
    onWake,
  };
  options.recover?.wrap(config);
  return new PageReconnectingSocket(config);
}

/**
 * Connects to a server from a page, and again whenever the connection is lost: `reconnect()` of the
 * entry point `./client`, in half of its size. It takes the same options and returns the same socket,
 * over the listeners, the events and the checks of the browser; options are checked by their types only.
 *
 * @param url The address: `ws:`, `wss:`, `http:` or `https:`; it may be relative to the page. Or a
 * function that is called before each attempt and returns it.
 * @param options Which end is final, delays, the queue, and the options of `connect()`.
 * @returns A socket that is CONNECTING. If it cannot connect, now or later, as the address is malformed
 * or the page may not connect there, it fires `error`, then `close`, and is CLOSED.
 * @throws {DOMException} `NotSupportedError` for `headers`.
 * @throws The signal's reason, if the signal is already aborted.
 *
 * @example
 * ```ts ignore
 * import { reconnect } from "@isosocket/isosocket/page";
 *
 * const socket = reconnect(async () => `/chat?ticket=${await ticket()}`, {
 *   heartbeat: { every: 25_000, deadline: 10_000, message: "ping" },
 * });
 * socket.onmessage = (event) => console.log(event.data);
 * socket.send("hello"); // is sent when there is a connection
 * ```
 */
export function reconnect(
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions = {},
): ReconnectingSocket {
  return reconnectIn({ random: Math.random, onWake }, url, options);
}
