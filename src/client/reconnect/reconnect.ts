/** Implements `reconnect()`: checks the options, and makes a reconnecting socket. @module */

import { checkTimeout } from "../../core/checks.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import type { Socket } from "../../core/socket.ts";
import { parseHeaders, parseProtocols, parseUrl } from "../arguments.ts";
import {
  checkConfig,
  type ConnectConfig,
  type ConnectOptions,
  type ConnectRequest,
  openSocket,
} from "../connect.ts";
import { classDialer, type Dialer, platformDialer } from "../platform.ts";
import type { ValueOrProvider } from "./attempt.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { ReconnectingSocket } from "./reconnecting_socket.ts";
import type { ReconnectConfig } from "./reconnector.ts";
import { type QueueOptions, SendQueue } from "./send_queue.ts";
import { onWake } from "./wake_signals.ts";

/** Options for {@linkcode reconnect}, in addition to those of `connect()`. */
export interface ReconnectOptions extends Omit<ConnectOptions, "protocols" | "headers"> {
  /**
   * Subprotocols to offer, or a function that is called before each attempt and returns them.
   *
   * @default {[]}
   */
  protocols?: ValueOrProvider<string | Iterable<string>>;
  /**
   * Additional headers of the handshake, or a function that is called before each attempt and returns
   * them. A browser cannot send headers of a program: there, the option throws a `NotSupportedError`.
   *
   * @default {{}}
   */
  headers?: ValueOrProvider<HeadersInit>;
  /**
   * Time limit of an attempt, in milliseconds, from the call of the function that returns the address
   * to the `open` event; 0 for no limit.
   *
   * @default {10000}
   */
  timeout?: number;
  /**
   * Delays between attempts. Each is a random part of its maximum ("full jitter").
   *
   * @default {{}}
   */
  backoff?: BackoffOptions;
  /**
   * Returns whether the end of a connection is final. It is called with the `close` event, and the
   * number of attempts and connections that have failed since a connection was stable. If it throws,
   * the end is final, and the error is reported.
   *
   * @default {(event) => event.code === 1000}
   */
  until?: (event: CloseEvent, failures: number) => boolean;
  /**
   * Detection of dead connections. Without it, only the runtime detects them.
   *
   * @default {undefined}
   */
  heartbeat?: HeartbeatOptions;
  /**
   * Queue of the messages that are sent while there is no connection.
   *
   * @default {{}}
   */
  queue?: QueueOptions;
}

/** Clock, randomness, network and wake signals of reconnecting sockets. Tests replace them. */
export interface Environment {
  /** The clock, unless the options have one. */
  readonly clock: Clock;
  /** Returns a number from 0 up to 1. */
  readonly random: () => number;
  /** The way to connect, unless the options have a class. */
  readonly dialer: Dialer;
  /** Makes the socket of one attempt. */
  readonly connect: (config: ConnectConfig, request: ConnectRequest) => Socket;
  /** Calls back when an attempt is worth making at once. Returns a function that ends it. */
  readonly onWake: (callback: () => void) => () => void;
}

/** Returns the system's environment, with one way to connect. */
export function environmentBy(dialer: Dialer): Environment {
  return { clock: systemClock, random: Math.random, dialer, connect: openSocket, onWake };
}

/** Implements `reconnect()` in an environment. */
export function reconnectIn(
  environment: Environment,
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions,
): ReconnectingSocket {
  const { protocols = [], headers = {}, binaryType = "blob", timeout = 10_000 } = options;
  const { until = (event) => event.code === 1000, heartbeat, signal, WebSocket } = options;
  const { clock = environment.clock } = options;
  signal?.throwIfAborted();
  const { check, dial } = WebSocket === undefined ? environment.dialer : classDialer(WebSocket);
  // The attempt has a time limit of its own, which includes the providers.
  const connectConfig = checkConfig(dial, { ...options, timeout: 0, clock });
  if (heartbeat !== undefined) Heartbeat.check(heartbeat);
  // A provider may return headers: so an empty set of them must be supported.
  check(typeof headers === "function" ? {} : parseHeaders(headers));
  const config: ReconnectConfig = {
    url: typeof url === "function" ? url : parseUrl(url),
    protocols: typeof protocols === "function" ? protocols : parseProtocols(protocols),
    headers,
    timeout: checkTimeout("timeout", timeout),
    until,
    heartbeat,
    signal,
    backoff: new Backoff(options.backoff ?? {}, environment.random),
    queue: new SendQueue(options.queue ?? {}),
    clock,
    connect: (request) => environment.connect(connectConfig, request),
    onWake: environment.onWake,
  };
  return new ReconnectingSocket(
    config,
    typeof config.url === "string" ? config.url : "",
    binaryType,
  );
}

/**
 * Connects to a server, and again whenever the connection is lost, with the platform's `WebSocket`.
 *
 * The delay before an attempt is random, up to a maximum that doubles with each failure and is reset
 * by a stable connection. After close code 1012 (the server restarts) it is 5 to 30 seconds, after
 * 1013 (try again later) 15 to 30, both in proportion to `backoff.max`. A server that refuses can
 * request a delay by `Retry-After`, which only the engine `tcp` reports. When the network comes back or
 * the page becomes visible, the delay ends at once, unless the server requested it. There are never
 * two connections at a time.
 *
 * @param url The address, or a function that is called before each attempt and returns it, for
 * instance with a new token. If it throws, or takes longer than `timeout`, the attempt fails.
 * @param options Which end is final, delays, the queue, and the options of `connect()`.
 * @returns A socket that is CONNECTING.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for `headers` in a page, and on Node 20, which has no `WebSocket`: there, import
 * `reconnect` from the main entry point.
 * @throws {TypeError} If an option is invalid.
 * @throws {RangeError} If a time limit or a size is negative or not a number.
 * @throws The signal's reason, if the signal is already aborted.
 *
 * @example
 * ```ts ignore
 * import { reconnect } from "@isosocket/isosocket/client";
 *
 * const socket = reconnect(async () => `wss://example.org/chat?ticket=${await ticket()}`, {
 *   protocols: ["chat.v2"],
 *   heartbeat: { every: 25_000, deadline: 10_000, message: "ping" },
 *   until: (event) => event.code === 1000 || event.code === 4001,
 * });
 * socket.onmessage = (event) => console.log(event.data);
 * socket.onwaiting = (event) => console.log(`attempt ${event.attempt} in ${event.delay} ms`);
 * socket.send("hello"); // is sent when there is a connection
 * ```
 */
export function reconnect(
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions = {},
): ReconnectingSocket {
  return reconnectIn(environmentBy(platformDialer), url, options);
}
