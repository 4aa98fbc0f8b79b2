/** One promise of topics over a broker as a function, and the broker that it is tried on. @module */

import type { RecoveredTopic } from "../../../client/recover/recover.ts";
import type { RecoveryPositions } from "../../../client/recover/recovery.ts";
import type { Broker, BrokerEvent } from "../../../pubsub/broker/broker.ts";
import type { Hub } from "../../../server/hub.ts";
import type { SocketOptions } from "../../../server/options.ts";
import type { ServerSocket } from "../../../server/server_socket.ts";

/** What a test can do to an engine. */
export type BrokerFault = "restart" | "stall" | "cut" | "password" | "forget";

/** Subscriber of one server. */
export interface BrokerSubscriber {
  /** The server's socket. */
  readonly socket: ServerSocket;
  /** What its peer has received: text, and bytes as ArrayBuffer. */
  readonly messages: readonly unknown[];
}

/** Client of one server that recovers topics. */
export interface RecoveringSubscriber {
  /** What it has received: text, and bytes as ArrayBuffer. */
  readonly messages: readonly unknown[];
  /** What it was told of topics. */
  readonly states: readonly RecoveredTopic[];
  /** Returns how far it has come. */
  positions(): RecoveryPositions;
  /** Ends its connection. */
  leave(): void;
}

/** A server with sockets. */
export interface BrokerServer {
  /** All of its sockets. */
  readonly hub: Hub;
  /** Makes a socket that is OPEN and has subscribed to topics. */
  subscriber(...topics: string[]): Promise<BrokerSubscriber>;
  /** Connects a client that recovers, whose socket has subscribed to topics. */
  recovering(since: RecoveryPositions, ...topics: string[]): Promise<RecoveringSubscriber>;
}

/** A running engine, which no other rule uses at the same time. */
export interface BrokerEngine {
  /**
   * Makes a broker.
   *
   * @param prefix Beginning of its channels, for instance `"a:"`. The same prefix is the same
   * application.
   */
  broker(prefix: string): Broker;
  /** Makes a server. */
  serve(options: SocketOptions): BrokerServer;
  /** Returns the number of connections that all servers have with the engine. */
  connections(): Promise<number>;
  /** Ends the engine as `kill -9` does. Only with `"restart"`. */
  kill?(): Promise<void>;
  /** Starts it again. Only with `"restart"`. */
  restart?(): Promise<void>;
  /** Stops all that is on its way, as a network does that loses everything. Only with `"stall"`. */
  stall?(): void;
  /** Lets it go on. */
  resume?(): void;
  /** Cuts all connections. Only with `"cut"`. */
  cut?(): void;
  /** Loses all histories, while connections stay. Only with `"forget"`. */
  forget?(): Promise<void>;
  /** Sets whether the engine takes the password of the brokers. Only with `"password"`. */
  takePassword?(takes: boolean): Promise<void>;
  /** Ends the engine, with all that belongs to it. */
  end(): Promise<void>;
}

/** Source of engines. */
export interface BrokerHarness {
  /** Name in titles and among the deviations, for instance `"ioredis"`. */
  readonly name: string;
  /** What can be done to its engines. */
  readonly faults: readonly BrokerFault[];
  /** Whether its brokers keep histories. */
  readonly keepsHistory?: boolean;
  /** Maximum size of a message, if it is small enough to be tried. */
  readonly maxMessage?: number;
  /** Starts an engine. */
  start(): Promise<BrokerEngine>;
}

/** One promise of topics over a broker. */
export interface BrokerRule {
  /** Tries the promise; rejects if it is broken. */
  readonly try: (engine: BrokerEngine, harness: BrokerHarness) => Promise<void>;
  /** What must be possible with the engine for the rule to be tried: nothing by default. */
  readonly needs?: BrokerFault | "limit";
  /** Whether it is about histories. */
  readonly keepsHistory?: boolean;
}

/** Returns whether a rule can be tried on a harness. */
export function appliesTo(rule: BrokerRule, harness: BrokerHarness): boolean {
  if (rule.keepsHistory && !harness.keepsHistory) return false;
  if (rule.needs === "limit") return harness.maxMessage !== undefined;
  return rule.needs === undefined || harness.faults.includes(rule.needs);
}

/**
 * Waits until a condition holds.
 *
 * @param limit Time after which it rejects, in milliseconds.
 */
export async function until(
  condition: () => boolean,
  what: string,
  limit = 15_000,
): Promise<void> {
  const last = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > last) throw new Error(`Cannot go on: ${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** A server, and what it has reported. */
export interface WatchedServer extends BrokerServer {
  /** Events of its broker. */
  readonly events: readonly BrokerEvent[];
  /** What `onError` was called with. */
  readonly errors: readonly unknown[];
}

let applications = 0;

/** Returns a prefix that no other rule uses. */
export function newPrefix(): string {
  return `rules-${++applications}:`;
}

/** Starts a server that shares a prefix, without waiting for the broker. */
export function watched(
  engine: BrokerEngine,
  prefix: string,
  options: SocketOptions = {},
): WatchedServer {
  const events: BrokerEvent[] = [];
  const errors: unknown[] = [];
  const server = engine.serve({
    ...options,
    broker: engine.broker(prefix),
    onBroker: (event) => void events.push(event),
    onError: (error) => void errors.push(error),
  });
  return { ...server, events, errors };
}

/** Returns whether the broker of a server is up. */
export function isUp({ hub }: BrokerServer): boolean {
  return hub.stats().broker!.up;
}

/** Starts servers of one application, and waits until all are up. */
export async function upServers(
  engine: BrokerEngine,
  count: number,
  prefix: string = newPrefix(),
): Promise<WatchedServer[]> {
  const servers = Array.from({ length: count }, () => watched(engine, prefix));
  await until(() => servers.every(isUp), "up");
  return servers;
}

/** Closes servers. */
export async function closeAll(servers: readonly BrokerServer[]): Promise<void> {
  await Promise.all(servers.map(({ hub }) => hub.close({ deadline: 0 })));
}

let probes = 0;

/**
 * Waits until a server gets what others publish: until a subscription has taken effect.
 *
 * @param topic Topic that it has subscribed to. A message of the probe's own arrives there.
 */
export async function reached(
  from: BrokerServer,
  { messages }: BrokerSubscriber,
  topic: string,
): Promise<void> {
  const probe = `probe ${++probes}`;
  await until(() => {
    if (messages.includes(probe)) return true;
    from.hub.publish(topic, probe);
    return false;
  }, "a message from another server");
}

/** Returns what a subscriber has received, but for probes. */
export function received({ messages }: BrokerSubscriber): unknown[] {
  return messages.filter((it) => typeof it !== "string" || !it.startsWith("probe "));
}
