/** Implements `reconnect()`: checks the options, and makes a reconnecting socket. @module */

import { checkCount, checkSignal, checkTimeout, kindOf } from "../../core/checks.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import type { ConnectFailure } from "../../core/failure.ts";
import { checkNames, type OptionNames } from "../../core/option_names.ts";
import { holdBack, type Socket } from "../../core/socket.ts";
import { parseHeaders, parseProtocols, parseUrl } from "../arguments.ts";
import {
  checkConfig,
  CONNECT_OPTIONS,
  type ConnectConfig,
  type ConnectOptions,
  type ConnectRequest,
  openSocket,
} from "../connect.ts";
import { classDialer, type Dialer, platformDialer } from "../platform.ts";
import type { ValueOrProvider } from "./attempt.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import type { CarrierEvents } from "./carrier.ts";
import type { Recovery } from "../recover/recovery.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import { ListeningSocket } from "./listening_socket.ts";
import type { ReconnectingSocket } from "./reconnecting_socket.ts";
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
   * Returns whether the end of a connection is final. It is called with the `close` event, the number
   * of attempts and connections that have failed since a connection was stable, and with 1006 the
   * error. If it throws, the end is final, and the error is reported.
   *
   * By default, 1000 is final, and so is a refusal with the status 401, 403, 404, 407 or 410, as far as
   * the runtime tells it. If the address, the subprotocols or the headers are asked of a function, a second
   * such refusal in succession is: the function has had its chance to renew a token.
   *
   * What cannot even be tried is final in any case: a malformed address, an insecure one in a secure
   * page, headers that may not be sent.
   *
   * @default {1000, or a refusal with 401, 403, 404, 407 or 410}
   */
  until?: (event: CloseEvent, failures: number, error: unknown) => boolean;
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
  /**
   * Recovery of topics: what `recover()` of the entry point `./recover` makes. Each socket needs one of
   * its own. docs/recovery.md says what is promised.
   *
   * @default {undefined}
   */
  recover?: Recovery;
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
  /** Calls back when an attempt is worth making at once, until a signal is aborted. */
  readonly onWake: ReconnectConfig["onWake"];
}

/** Returns the system's environment, with one way to connect. */
export function environmentBy(dialer: Dialer): Environment {
  return { clock: systemClock, random: Math.random, dialer, connect: openSocket, onWake };
}

/**
 * Statuses of a refusal that the same request would get again, which they say (RFC 9110, 15.5): it lacks
 * credentials or permission, or there is nothing. Not 400: proxies answer so, too, when a connection to
 * the server behind them goes wrong.
 */
const REFUSALS: readonly unknown[] = [401, 403, 404, 407, 410];

/** Returns the default of `until`. */
function untilRefused(asksAnew: boolean): NonNullable<ReconnectOptions["until"]> {
  let wasRefused = false;
  return ({ code }, _, error) => {
    const { cause } = (error ?? {}) as { cause?: Partial<ConnectFailure> };
    const isRefused = REFUSALS.includes(cause?.status);
    const isFinal = isRefused && (wasRefused || !asksAnew);
    wasRefused = isRefused;
    return code === 1000 || isFinal;
  };
}

/** Returns a function `until` whose answers are checked: a promise is none. */
function checkedUntil(until: NonNullable<ReconnectOptions["until"]>): typeof until {
  return (event, failures, error) => {
    const isFinal: unknown = until(event, failures, error);
    if (!(isFinal instanceof Promise)) return Boolean(isFinal);
    isFinal.catch(() => {}); // an unhandled rejection would end the process
    throw new TypeError("Cannot wait for the function until: it must return true or false");
  };
}

const RECONNECT_OPTIONS: OptionNames<ReconnectOptions> = {
  ...CONNECT_OPTIONS,
  backoff: 0,
  until: 0,
  heartbeat: 0,
  queue: 0,
  recover: 0,
};

/** Names of the options in those that are objects. */
const PARTS: {
  readonly backoff: OptionNames<BackoffOptions>;
  readonly heartbeat: OptionNames<HeartbeatOptions>;
  readonly queue: OptionNames<QueueOptions>;
} = {
  backoff: { base: 0, max: 0, stable: 0, retryAfter: 0 },
  heartbeat: { every: 0, deadline: 0, message: 0 },
  queue: { bytes: 0, overflow: 0 },
};

function checkOptions(
  options: ReconnectOptions,
  more: Readonly<Record<string, 0 | string>> | undefined,
): void {
  checkNames("reconnect", options, { ...RECONNECT_OPTIONS, ...more });
  const { backoff = {}, heartbeat, queue = {}, timeout = 0 } = options;
  for (const name of ["backoff", "heartbeat", "queue"] as const) {
    const { [name]: part = {} } = options;
    checkNames(`use ${name}`, part, PARTS[name]);
  }
  if (options.until !== undefined && typeof options.until !== "function") {
    throw new TypeError(
      `Cannot use until: it must be a function, and is ${kindOf(options.until)}`,
    );
  }
  checkTimeout("timeout", timeout);
  for (const name of ["base", "max", "stable", "retryAfter"] as const) {
    checkTimeout(`backoff.${name}`, backoff[name] ?? 0);
  }
  if (heartbeat) {
    checkTimeout("heartbeat.every", heartbeat.every);
    checkTimeout("heartbeat.deadline", heartbeat.deadline);
  }
  checkCount("queue.bytes", queue.bytes ?? 0, 0);
  const { recover } = options;
  if (recover !== undefined && typeof Object(recover).wrap !== "function") {
    throw new TypeError(
      `Cannot use recover: it must be what recover() makes, and is ${kindOf(recover)}`,
    );
  }
  const { overflow = "reject" } = queue;
  if (overflow !== "reject" && overflow !== "drop-oldest") {
    throw new TypeError(
      `Cannot use queue.overflow "${overflow}": it must be "reject" or "drop-oldest"`,
    );
  }
}

/** Tells the state machine what a socket reports. */
function follow(socket: Socket, { onOpened, onReceived, onEnded }: CarrierEvents): Socket {
  let error: unknown;
  socket.onopen = onOpened;
  socket.onmessage = onReceived;
  socket.onerror = (event) => error = event.error;
  socket.onclose = ({ code, reason }) => onEnded(code, reason, error);
  return socket;
}

/**
 * Implements `reconnect()` in an environment.
 *
 * @param more Names of further options, which the caller checks.
 */
export function reconnectIn(
  environment: Environment,
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions,
  more?: Readonly<Record<string, 0 | string>>,
): ReconnectingSocket {
  checkOptions(options, more);
  const { protocols = [], headers = {}, binaryType = "blob", timeout = 10_000 } = options;
  const { heartbeat, signal, WebSocket, clock = environment.clock } = options;
  checkSignal(signal);
  const { check, dial } = WebSocket === undefined ? environment.dialer : classDialer(WebSocket);
  // The attempt has a time limit of its own, which includes the providers.
  const connectConfig = checkConfig(dial, { ...options, timeout: 0, clock });
  // A provider may return headers: so an empty set of them must be supported.
  check(typeof headers === "function" ? {} : parseHeaders(headers));
  const asksAnew = [url, protocols, headers].some((it) => typeof it === "function");
  const config: ReconnectConfig = {
    url: typeof url === "function" ? url : parseUrl(url),
    protocols: typeof protocols === "function" ? protocols : parseProtocols(protocols),
    headers,
    binaryType,
    timeout,
    until: checkedUntil(options.until ?? untilRefused(asksAnew)),
    heartbeat,
    signal,
    backoff: new Backoff(options.backoff, environment.random),
    queue: new SendQueue(options.queue),
    clock,
    open: (request, events) => follow(environment.connect(connectConfig, request), events),
    holdBack: (carrier, held) => holdBack(carrier as Socket, held),
    onWake: environment.onWake,
  };
  options.recover?.wrap(config);
  return new ListeningSocket(config);
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
 * Some failures end it, with an `error` event that says so: see {@linkcode ReconnectOptions.until}.
 *
 * @param url The address, or a function that is called before each attempt and returns it, for
 * instance with a new token. If it throws, or takes longer than `timeout`, the attempt fails; if what it
 * returns is no address, no other attempt follows.
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
