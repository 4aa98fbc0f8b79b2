/** Keeps a connection with a broker, and knows whether messages go through it. @module */

import type { Clock } from "../../core/clock.ts";
import type { Broker, BrokerConnection, HistoryPlace } from "./broker.ts";
import { ownChannelOf, randomName } from "./channels.ts";

/** Time between two pings, in milliseconds. */
const PING_EVERY = 1000;

/** Number of pings without an answer after which a connection is given up. */
const MAX_UNANSWERED = 3;

/** Maximum time until a new connection answers a ping, in milliseconds. */
const MAX_CONNECTING = 5000;

/** Waits between attempts to connect, in milliseconds: the first, and the longest. */
const FIRST_WAIT = 50;
const LONGEST_WAIT = 2000;

/** Callbacks of a {@linkcode Supervisor}. They must not throw. */
export interface SupervisorEvents {
  /** Channels to subscribe to on a new connection, beside the server's own. */
  channels(): Iterable<string>;
  /** A ping of this server has come back, for the first time since the broker was down. */
  up(): void;
  /** The broker is down: the first attempt has failed, or a connection that was up. */
  down(error: Error): void;
  /** A ping was due while the broker is up. */
  tick(): void;
  /** A message has come. */
  message(channel: string, message: string | Uint8Array, place?: HistoryPlace): void;
  /** Another server has the same name. This one has a new one now. */
  renamed(node: string): void;
  /** A channel cannot be subscribed to. It is tried again with each ping. */
  refused(channel: string, error: unknown): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Returns what was thrown as an Error. */
export function asError(thrown: unknown, otherwise: string): Error {
  return thrown instanceof Error ? thrown : new Error(otherwise, { cause: thrown });
}

/**
 * Keeps a connection with a broker.
 *
 * No client is believed. Some report a connection that hears nothing any more, others keep what is
 * published for a later one, or never connect again. So the broker is up only while pings of this
 * server come back by its own subscription, and a connection that has failed once is replaced.
 * Pings are counted, not timed: a process that slept, or whose clock jumps, hears its answer first.
 */
export class Supervisor {
  /** Name of this server. */
  node: string = randomName();
  /** Connection that is up, if there is one. */
  connection: BrokerConnection | undefined;
  readonly #broker: Broker;
  readonly #events: SupervisorEvents;
  readonly #clock: Clock;
  /** Distinguishes the pings of this server from those of another one with its name. */
  readonly #secret: string = randomName();
  #attempt: BrokerConnection | undefined;
  #told: "up" | "down" | undefined;
  #sent = 0;
  #answered = 0;
  #wait = FIRST_WAIT;
  #cancelTimer: (() => void) | undefined;
  readonly #refused: Set<string> = new Set();
  /** Subscriptions of the present connection that have not taken effect, by their channels. */
  #subscribing: Map<string, Promise<void>> = new Map();
  #closed = false;

  /** Makes a supervisor that does nothing until {@linkcode Supervisor.start}. */
  constructor(broker: Broker, clock: Clock, events: SupervisorEvents) {
    this.#broker = broker;
    this.#clock = clock;
    this.#events = events;
  }

  /** Begins to connect. */
  start(): void {
    if (!this.#closed) this.#connect();
  }

  /**
   * Subscribes to a channel, now or on the next connection.
   *
   * @returns Resolves when the subscription has taken effect or is refused; does not reject.
   */
  async subscribe(channel: string): Promise<void> {
    if (this.#attempt !== undefined) await this.#subscribe(this.#attempt, channel);
  }

  /** Resolves when a subscription of the present connection has taken effect; rejects if it is refused. */
  async subscribed(channel: string): Promise<void> {
    await this.#subscribing.get(channel);
    if (this.#refused.has(channel)) throw new Error("Cannot subscribe: the broker refuses it");
  }

  /** Ends a subscription. */
  unsubscribe(channel: string): void {
    this.#refused.delete(channel);
    const attempt = this.#attempt;
    if (attempt !== undefined) settle(() => attempt.unsubscribe(channel));
  }

  /** Ends the connection, and makes no other one. Resolves when it has ended; does not reject. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    const attempt = this.#attempt;
    this.#attempt = this.connection = undefined;
    if (attempt !== undefined) await settled(() => attempt.close());
  }

  #connect(): void {
    // A driver may report before it returns: `failed` knows which attempt it belongs to by this box.
    const box: { attempt: BrokerConnection | undefined; failed: boolean; error: unknown } = {
      attempt: undefined,
      failed: false,
      error: undefined,
    };
    const isCurrent = (): boolean => box.attempt !== undefined && box.attempt === this.#attempt;
    const failed = (error: unknown): void => {
      if (isCurrent()) this.#fail(asError(error, "Cannot reach the broker"));
      else if (box.attempt === undefined) Object.assign(box, { failed: true, error });
    };
    let attempt: BrokerConnection;
    try {
      attempt = this.#broker.connect({
        message: (channel, message, place) => {
          if (!isCurrent()) return;
          if (channel === ownChannelOf(this.node)) this.#heard(message);
          else this.#events.message(channel, message, place);
        },
        closed: failed,
      });
    } catch (error) {
      return this.#retry(asError(error, "Cannot reach the broker"));
    }
    this.#attempt = box.attempt = attempt;
    if (box.failed) return failed(box.error);
    this.#sent = this.#answered = 0;
    this.#refused.clear();
    this.#subscribing = new Map();
    this.#cancelTimer = this.#clock.after(
      MAX_CONNECTING,
      () => failed(new Error(`Cannot reach the broker: no answer for ${MAX_CONNECTING} ms`)),
    );
    this.#place(attempt).then(() => isCurrent() && this.#ping(attempt), failed);
  }

  /** Subscribes to all channels. Rejects if the server's own cannot be. */
  async #place(attempt: BrokerConnection): Promise<void> {
    const channels = [...this.#events.channels()];
    await Promise.all([
      attempt.subscribe(ownChannelOf(this.node)),
      ...channels.map((channel) => this.#subscribe(attempt, channel)),
    ]);
  }

  #subscribe(attempt: BrokerConnection, channel: string): Promise<void> {
    const subscribing = this.#subscribing;
    const subscribed = this.#trySubscribing(attempt, channel).then(() => {
      if (subscribing.get(channel) === subscribed) subscribing.delete(channel);
    });
    subscribing.set(channel, subscribed);
    return subscribed;
  }

  /** Does not reject. */
  async #trySubscribing(attempt: BrokerConnection, channel: string): Promise<void> {
    try {
      await attempt.subscribe(channel);
      if (attempt === this.#attempt) this.#refused.delete(channel);
    } catch (error) {
      if (attempt !== this.#attempt) return; // closed meanwhile
      const known = this.#refused.has(channel);
      this.#refused.add(channel);
      if (!known) this.#events.refused(channel, error);
    }
  }

  #ping(attempt: BrokerConnection): void {
    const text = `${this.#secret} ${++this.#sent}`;
    const message = attempt.binary ? encoder.encode(text) : text;
    settle(() => attempt.publish(ownChannelOf(this.node), message));
  }

  #heard(message: string | Uint8Array): void {
    const text = typeof message === "string" ? message : decoder.decode(message);
    const [secret, number] = text.split(" ");
    if (secret !== this.#secret) {
      this.#ping(this.#attempt!); // the other one must notice, too: nobody else tells it
      this.node = randomName();
      this.#events.renamed(this.node);
      return this.#fail(new Error("Cannot go on at the broker: another server had the same name"));
    }
    this.#answered = Math.max(this.#answered, Number(number) || 0);
    if (this.connection !== undefined) return;
    this.connection = this.#attempt;
    this.#wait = FIRST_WAIT;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(PING_EVERY, () => this.#tick());
    this.#told = "up";
    this.#events.up();
  }

  #tick(): void {
    const attempt = this.#attempt!;
    if (this.#sent - this.#answered >= MAX_UNANSWERED) {
      const silence = MAX_UNANSWERED * PING_EVERY;
      return this.#fail(new Error(`Cannot reach the broker: no answer for ${silence} ms`));
    }
    this.#cancelTimer = this.#clock.after(PING_EVERY, () => this.#tick());
    this.#ping(attempt);
    this.#subscribeAgain(attempt);
    this.#events.tick();
  }

  /** Tries again what was refused, and is still wanted. */
  #subscribeAgain(attempt: BrokerConnection): void {
    if (this.#refused.size === 0) return;
    const wanted = new Set(this.#events.channels());
    for (const channel of [...this.#refused]) {
      if (wanted.has(channel)) this.#subscribe(attempt, channel).catch(() => {}); // it does not reject
      else this.#refused.delete(channel);
    }
  }

  /** Gives up the connection, and begins another one a little later. */
  #fail(error: Error): void {
    const attempt = this.#attempt!;
    this.#attempt = this.connection = undefined;
    this.#cancelTimer?.();
    settle(() => attempt.close());
    this.#retry(error);
  }

  #retry(error: Error): void {
    if (this.#closed) return;
    // All servers lose a broker at the same moment: they must not all be back at the same one.
    const wait = this.#wait * (0.5 + Math.random() / 2);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    this.#cancelTimer = this.#clock.after(wait, () => this.#connect());
    if (this.#told === "down") return;
    this.#told = "down";
    this.#events.down(error);
  }
}

/** Calls a driver. The next ping tells what its failure means. */
function settle(call: () => Promise<unknown> | void): void {
  settled(call).catch(() => {}); // it does not reject
}

async function settled(call: () => Promise<unknown> | void): Promise<void> {
  try {
    await call();
  } catch {
    // A driver reports the end of its connection apart.
  }
}
