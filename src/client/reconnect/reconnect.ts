/** A socket that does not give up. @module */

import type { Dial, DialRequest } from "../../core/dial.ts";
import { parseHeaders, parseProtocols, parseUrl } from "../arguments.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { systemClock } from "../../core/clock.ts";
import { connectBy, type ConnectOptions } from "../connect.ts";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.ts";
import { CLIENT_MAX_PAYLOAD } from "../../core/max_payload.ts";
import { dialByPlatform, dialClass } from "../platform.ts";
import { ReconnectingSocket } from "./reconnecting_socket.ts";
import type { ReconnectConfig, ValueOrProvider } from "./reconnector.ts";
import { type QueueOptions, SendQueue } from "./send_queue.ts";
import { onWake } from "./wake_signals.ts";
import { checkCount, checkTimeout } from "../../core/checks.ts";

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

/** What a test replaces. */
export interface Environment {
  /** Where time comes from. */
  readonly clock: ReconnectConfig["clock"];
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Throws for what nothing here can do. */
  readonly check: (headers: DialRequest["headers"]) => void;
  /** Connects once. */
  readonly connect: ReconnectConfig["connect"];
  /** Tells when it is worth trying at once. */
  readonly onWake: ReconnectConfig["onWake"];
}

/** The surroundings that there are, with one way to connect. */
export function environmentBy(by: Dial): Environment {
  return {
    clock: systemClock,
    random: Math.random,
    check: checkBy(by),
    connect: (url, options) => connectBy(by, url, options),
    onWake,
  };
}

/** Checks headers by whatever would send them. */
function checkBy(dial: Dial): Environment["check"] {
  return (headers) =>
    void dial({ url: "", protocols: [], headers, closeTimeout: 0, maxPayload: 1 });
}

/** Checks the arguments of `reconnect()`, and makes the socket. */
export function reconnectIn(
  surroundings: Environment,
  url: ValueOrProvider<string | URL>,
  options: ReconnectOptions,
): ReconnectingSocket {
  const { protocols = [], binaryType = "blob", timeout = 10_000, closeTimeout = 10_000 } = options;
  const { until = (event) => event.code === 1000, headers = {}, heartbeat, signal } = options;
  const { WebSocket, clock = surroundings.clock, maxPayload = CLIENT_MAX_PAYLOAD } = options;
  signal?.throwIfAborted();
  if (binaryType !== "blob" && binaryType !== "arraybuffer") {
    throw new TypeError(
      `Cannot connect with binaryType "${binaryType}": it must be "blob" or "arraybuffer"`,
    );
  }
  if (heartbeat !== undefined) Heartbeat.check(heartbeat);
  checkCount("maxPayload", maxPayload, 1);
  const check = WebSocket === undefined ? surroundings.check : checkBy(dialClass(WebSocket));
  check(typeof headers === "function" ? {} : parseHeaders(headers));
  const plan: ReconnectConfig = {
    url: typeof url === "function" ? url : parseUrl(url),
    protocols: typeof protocols === "function" ? protocols : parseProtocols(protocols),
    headers,
    timeout: checkTimeout("timeout", timeout),
    closeTimeout: checkTimeout("closeTimeout", closeTimeout),
    until,
    heartbeat,
    signal,
    backoff: new Backoff(options.backoff ?? {}, surroundings.random),
    queue: new SendQueue(options.queue ?? {}),
    clock,
    connect: (to, how) =>
      surroundings.connect(to, {
        ...how,
        clock,
        maxPayload,
        ...(WebSocket === undefined ? {} : { WebSocket }),
      }),
    onWake: surroundings.onWake,
  };
  return new ReconnectingSocket(plan, typeof plan.url === "string" ? plan.url : "", binaryType);
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
  return reconnectIn(environmentBy(dialByPlatform), url, options);
}
