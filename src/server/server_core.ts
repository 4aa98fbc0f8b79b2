/**
 * The part of a server that all runtimes share: it admits sockets, and knows those that exist.
 *
 * @module
 */

import { kindOf } from "../core/checks.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Compression } from "../handshake/compression.ts";
import type { ConnectionOptions } from "../core/connection_options.ts";
import type { Handler, RequestInfo, UpgradeContext } from "./handler.ts";
import { type StartTimeout, UpgradeTimeouts } from "./handler_wait.ts";
import { Guard, type GuardOwner } from "./guard.ts";
import type { UpgradeError } from "../handshake/upgrade_error.ts";
import type { Hub, PublishOptions } from "./hub.ts";
import type { CheckedLimits, Limits } from "./limits.ts";
import type { LinkEvents, StartConnection } from "../core/link.ts";
import {
  type CheckedSocketOptions,
  checkSocketOptions,
  limitsFor,
  type SocketOptions,
} from "./options.ts";
import type { CheckedOrigins } from "../handshake/origin.ts";
import type { BrokerEvent } from "../pubsub/broker/broker.ts";
import { Relay } from "../pubsub/broker/relay.ts";
import type { HistoryHost, HistoryKeeper } from "../pubsub/history/keeper.ts";
import type { PresenceHost, PresenceKeeper } from "../pubsub/presence/keeper.ts";
import type { Traffic } from "../pubsub/subscriber.ts";
import { Topics } from "../pubsub/topics.ts";
import { LivenessTimer } from "./liveness_timer.ts";
import { type Refusal, RefusalConsole, refusalOf, type RefusedRequest } from "./refusal.ts";
import { type Diagnostics, guarded } from "./reports.ts";
import { checkNames } from "../core/option_names.ts";
import { Capacity, type Place } from "./capacity.ts";
import { guardOf, ServerSocket } from "./server_socket.ts";
import { ServerStreams } from "./server_streams.ts";
import { Shutdown } from "./shutdown.ts";
import { convert } from "../core/payload.ts";
import type { Socket, SocketInit } from "../core/socket.ts";
import { Statistics } from "./statistics.ts";

const NO_OPTIONS: PublishOptions = {};

/** Checks options for `publish()` that have no effect. Those that have one are not: each call would pay. */
function checkPublish(options: PublishOptions): void {
  if (options instanceof ServerSocket) {
    throw new TypeError("Cannot publish with a socket: { except: socket } leaves it out");
  }
  checkNames("publish", options, { except: 0, local: 0 });
}

/** The sockets of one server, what they share, and how they end. */
export class ServerCore implements UpgradeContext, GuardOwner {
  readonly #statistics: Statistics = new Statistics();
  readonly traffic: Traffic = this.#statistics.traffic;
  readonly handler: Handler;
  readonly onError: (error: unknown) => void;
  readonly options: ConnectionOptions;
  readonly limits: CheckedLimits;
  readonly compression: Compression | undefined;
  readonly livenessTimer: LivenessTimer;
  readonly keepAlive: number;
  readonly origins: CheckedOrigins;
  readonly proxies: number;
  readonly limitUpgrade: StartTimeout | undefined;

  readonly #clock: Clock | undefined;
  readonly #diagnostics: Diagnostics | undefined;
  readonly #follow: ((events: LinkEvents) => LinkEvents) | undefined;
  readonly #onRefuse: (refusal: Refusal, request: RefusedRequest) => unknown;
  readonly #sockets: Set<ServerSocket> = new Set();
  readonly #relay: Relay | undefined;
  readonly #keeper: HistoryKeeper | undefined;
  readonly #presence: PresenceKeeper | undefined;
  readonly #topics: Topics;
  readonly #capacity: Capacity;
  readonly #upgradeTimeouts: UpgradeTimeouts;
  readonly #shutdown: Shutdown;

  /**
   * Checks the options.
   *
   * @param diagnostics Receives reports beside the options' `onError`.
   * @param clock Source of time; the system's by default.
   * @param follow Stands between links and their sockets, if there is one.
   * @throws {RangeError} If a number is out of its range.
   * @throws {TypeError} If another option is invalid, or the handler is not a function.
   */
  constructor(
    handler: Handler,
    options: SocketOptions = {},
    diagnostics?: Diagnostics,
    clock?: Clock,
    follow?: (events: LinkEvents) => LinkEvents,
  ) {
    if (typeof handler !== "function") {
      const isApp = typeof (handler as { fetch?: unknown } | undefined)?.fetch === "function";
      throw new TypeError(
        `Cannot serve: the handler must be a function, and is ${kindOf(handler)}` +
          (isApp ? ": is its fetch meant?" : ""),
      );
    }
    const checked = checkSocketOptions(options);
    const { heartbeat, idleTimeout, upgradeTimeout } = checked;
    const report = (error: unknown, socket?: Socket): void =>
      guarded(() => {
        diagnostics?.threw(error, socket);
        return checked.onError(error, socket);
      });
    this.#clock = clock;
    this.#diagnostics = diagnostics;
    this.#follow = follow;
    this.#onRefuse = onRefuseBy(checked.onRefuse);
    this.handler = handler;
    this.onError = (error) => report(error);
    this.options = {
      role: "server",
      openTimeout: checked.handshakeTimeout,
      closeTimeout: checked.closeTimeout,
      onError: (error, socket) => report(error, socket as Socket),
      clock,
      streams: ServerStreams,
    };
    const timers = clock ?? systemClock;
    const onEvent = (event: BrokerEvent): void =>
      guarded(() => {
        diagnostics?.broker(event);
        return checked.onBroker?.(event);
      });
    const { onError, traffic } = this;
    if (checked.broker !== undefined) {
      this.#relay = new Relay(checked.broker, timers, {
        deliver: (topic, payload) => void this.#topics.publish(topic, payload, undefined),
        onEvent,
        onError,
      });
    }
    const relay = this.#relay;
    this.#keeper = checked.history?.attach(
      {
        clock: timers,
        traffic,
        relay: relay && ((listener) => relay.extend(listener)),
        onEvent,
        onError,
      } satisfies HistoryHost,
    ) as HistoryKeeper | undefined;
    this.#presence = checked.presence?.attach(
      {
        clock: timers,
        relay: relay && ((listener) => relay.extend(listener)),
        has: (socket) => this.#sockets.has(socket as ServerSocket),
        onError,
      } satisfies PresenceHost,
    ) as PresenceKeeper | undefined;
    this.#topics = new Topics(traffic, onError, relay, this.#keeper);
    this.#upgradeTimeouts = new UpgradeTimeouts((callback) =>
      timers.after(upgradeTimeout, callback)
    );
    if (upgradeTimeout > 0) this.limitUpgrade = this.#upgradeTimeouts.start;
    this.limits = checked.limits;
    this.compression = checked.compression;
    this.livenessTimer = new LivenessTimer(heartbeat, idleTimeout, clock);
    this.keepAlive = heartbeat === 0 ? 0 : idleTimeout || 2 * heartbeat;
    this.origins = checked.origins;
    this.proxies = checked.proxies;
    this.#capacity = new Capacity(checked.maxConnections, checked.maxConnectionsPerAddress);
    this.#shutdown = new Shutdown(this.#sockets, {
      now: () => this.now(),
      after: (milliseconds, callback) => timers.after(milliseconds, callback),
    });
  }

  // For handshakes: UpgradeContext.

  chooseProtocol(protocol: string, offered: readonly string[]): string {
    return this.#keeper?.choose(protocol, offered) ?? protocol;
  }

  reserve({ remoteAddress }: RequestInfo): Place {
    this.#shutdown.check();
    return this.#capacity.reserve(remoteAddress);
  }

  checkCapacity({ remoteAddress }: RequestInfo, place?: Place): void {
    this.#shutdown.check();
    if (place === undefined) this.#capacity.check(remoteAddress);
  }

  createSocket(
    info: RequestInfo,
    init: SocketInit,
    limits: Limits,
    place?: Place,
    failure?: Error,
  ): { socket: ServerSocket; events: LinkEvents } {
    let events!: LinkEvents;
    const begin: StartConnection = (it) => {
      events = it; // synchronously, in the constructor
      if (failure !== undefined) it.failed(failure); // deferred by the socket, as in any such call
      return () => {}; // answer() sees that the socket is CLOSED
    };
    const socket = this.admit(info, init, limits, begin, place);
    return { socket, events: this.#follow?.(events) ?? events };
  }

  /**
   * Creates a socket that begins its connection by itself.
   *
   * @param begin Begins it.
   * @param place The place that is reserved for it, if any: it becomes the socket's.
   * @throws {RangeError} If a limit is out of its range, or `maxPayload` is more than the server's.
   */
  admit(
    info: RequestInfo,
    init: SocketInit,
    limits: Limits,
    begin: StartConnection,
    place?: Place,
  ): ServerSocket {
    const checked = limitsFor(limits, this.limits);
    const address = place === undefined
      ? this.#capacity.enter(info.remoteAddress)
      : place.handOver();
    const guard = new Guard(checked, this, address);
    const keeper = this.#keeper;
    const started: StartConnection = keeper === undefined
      ? begin
      : (events) => begin(keeper.follow(guard, events));
    const socket = new ServerSocket({ ...init, guard }, this.options, started, this.#topics);
    this.#sockets.add(socket);
    return socket;
  }

  refused(error: UpgradeError, request: RefusedRequest, { remoteAddress }: RequestInfo): void {
    this.#statistics.refused(error.reason);
    const refusal = refusalOf(error, request, remoteAddress);
    this.#diagnostics?.refused(refusal);
    guarded(() => this.#onRefuse(refusal, request));
  }

  // For sockets: GuardOwner.

  now(): number {
    return this.#clock?.now() ?? performance.now();
  }

  opened(guard: Guard): void {
    this.#statistics.opened();
    this.#topics.place(guard);
    this.#diagnostics?.opened(guard.connection.socket as ServerSocket);
  }

  closing(guard: Guard): void {
    this.#statistics.left();
    this.#topics.leave(guard);
    this.#presence?.left(guard.connection.socket as ServerSocket);
  }

  sendabilityChanged(guard: Guard): void {
    this.#topics.place(guard);
  }

  closed(guard: Guard, code: number): void {
    const socket = guard.connection.socket as ServerSocket;
    this.#topics.leave(guard); // it may never have been OPEN
    this.#presence?.left(socket);
    this.#sockets.delete(socket);
    this.#capacity.leave(guard.address);
    this.#statistics.closed(code);
    this.#diagnostics?.closed(socket, code);
    this.#shutdown.ended(code);
  }

  /**
   * Returns the user's interface to the sockets.
   *
   * @param end Ends what else there is, within a number of milliseconds, when no socket is left.
   */
  hub(end?: (deadline: number) => Promise<void>): Hub {
    const topics = this.#topics;
    const relay = this.#relay;
    relay?.start();
    return {
      sockets: this.#sockets,
      publish(topic, data, options: PublishOptions = NO_OPTIONS) {
        if (arguments.length < 2) {
          throw new TypeError("Cannot publish: 2 arguments are required, but there are fewer");
        }
        const { except } = options;
        if (except === undefined && options !== NO_OPTIONS) checkPublish(options);
        const payload = typeof data === "string" ? data : convert(data);
        const count = topics.publish(topic, payload, except && guardOf(except));
        if (options.local !== true) relay?.publish(topic, payload);
        return count;
      },
      subscribers: (topic) => topics.count(topic),
      stats: () => this.#statistics.read(relay?.stats()),
      close: (options) =>
        this.#shutdown.begin(options, async (deadline) => {
          await Promise.all([end?.(deadline), this.#endRelay()]);
          this.#upgradeTimeouts.end();
        }),
    };
  }

  async #endRelay(): Promise<void> {
    await Promise.all([this.#keeper?.close(), this.#presence?.close()]);
    await this.#relay?.close();
  }
}

/** Returns a function that reports refusals, by the option `onRefuse`. */
function onRefuseBy(
  option: CheckedSocketOptions["onRefuse"],
): (refusal: Refusal, request: RefusedRequest) => unknown {
  if (option === false) return () => {};
  if (option !== undefined) return (refusal) => option(refusal);
  const lines = new RefusalConsole();
  return (refusal, request) => lines.warn(refusal, request);
}
