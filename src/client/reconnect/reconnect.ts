/** A socket that does not give up. @module */

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
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { ReconnectingSocket } from "./reconnecting_socket.ts";
import type { ReconnectConfig, ValueOrProvider } from "./reconnector.ts";
import { type QueueOptions, SendQueue } from "./send_queue.ts";
import { onWake } from "./wake_signals.ts";

/** What `reconnect()` can be told, beyond what `connect()` can. */
export interface ReconnectOptions extends Omit<ConnectOptions, "protocols" | "headers"> {
  /**
   * The subprotocols to offer, or a function that is asked for them before each attempt.
   *
   * @default {[]}
   */
  protocols?: ValueOrProvider<string | Iterable<string>>;
  /**
   * Further headers of the handshake, or a function that is asked for them before each attempt. A
   * browser sends none: there, it is a `NotSupportedError`.
   *
   * @default {{}}
   */
  headers?: ValueOrProvider<HeadersInit>;
  /**
   * How long an attempt may take, in milliseconds, from asking for the address to the open event;
   * 0 for no limit.
   *
   * @default {10000}
   */
  timeout?: number;
  /**
   * How waits between attempts grow. Each is a random part of what it may be ("full jitter").
   *
   * @default {{}}
   */
  backoff?: BackoffOptions;
  /**
   * Tells which end is final. It is given the `close` event, and how many attempts and connections
   * have failed since one has stayed up. If it throws, that is final.
   *
   * @default {(event) => event.code === 1000}
   */
  until?: (event: CloseEvent, failures: number) => boolean;
  /**
   * When a silent connection is taken to be dead. Without it, only the runtime decides.
   *
   * @default {undefined}
   */
  heartbeat?: HeartbeatOptions;
  /**
   * How much may wait for a connection.
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
 * Attempts are spread at random, over a time that doubles with each failure and starts anew when a
 * connection has stayed up. A close code of 1012 (the server restarts) is given 5 to 30 seconds, and
 * 1013 (try again later) 15 to 30, both in proportion to `backoff.max`. A server that refuses can ask
 * for time by `Retry-After`, where that is told: with the engine `ws`. When the network comes back or
 * the page becomes visible, a wait ends at once, unless the server asked for it. There are never two
 * connections.
 *
 * @param url Where to, or a function that is asked before each attempt: it can bring a new token. If
 * it throws, or takes longer than `timeout`, the attempt has failed.
 * @param options What is final, how to wait, what may wait.
 * @returns A socket that is CONNECTING.
 * @throws {DOMException} `SyntaxError` if the address or a subprotocol is malformed;
 * `NotSupportedError` for `headers` in a page, and on Node 20, which has no `WebSocket`: there, take
 * `reconnect` from the main door.
 * @throws {TypeError} If an option is none of what it can be.
 * @throws {RangeError} If a time limit or a size is negative or no number.
 * @throws The signal's reason, if it is aborted already.
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
 * socket.send("hello"); // leaves when there is a connection
 * ```
 */
export function reconnect(
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions = {},
): ReconnectingSocket {
  return reconnectIn(environmentBy(platformDialer), url, options);
}
