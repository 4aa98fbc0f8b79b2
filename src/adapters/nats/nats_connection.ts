// deno-lint-ignore-file no-explicit-any -- whatever the client's own types are has to fit
/** One connection with NATS, as a broker's. @module */

import type { BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
import { subjectOf } from "./options.ts";

/** Part of a connection of `@nats-io/nats-core`, or of the package `nats`, that is used. */
export interface NatsConnection {
  /** What the server has said of itself, if it is connected. */
  readonly info?: any;
  /** Publishes a message. */
  publish(subject: string, payload: Uint8Array): void;
  /** Subscribes to a subject. */
  subscribe(
    subject: string,
    options: { callback: (error: any, message: any) => void },
  ): { unsubscribe(): void };
  /** Resolves when the server has read what was sent before. */
  flush(): Promise<void>;
  /** Iterates over what happens to the connection. */
  status(): AsyncIterable<any>;
  /** Resolves when the connection is closed for good. */
  closed(): Promise<unknown>;
  /** Closes the connection. */
  close(): Promise<void>;
}

/** Default of the server, in bytes, for the moment at which it has not told. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

/**
 * A connection that is used until it is lost for the first time. The client would connect again, ten
 * times by default, and keep in memory what is published meanwhile.
 */
export class NatsBrokerConnection implements BrokerConnection {
  readonly binary = true;
  readonly #prefix: string;
  readonly #events: BrokerEvents;
  /** Whether the connection was made for this purpose. */
  readonly #isOwn: boolean;
  readonly #ready: Promise<NatsConnection>;
  #connection: NatsConnection | undefined;
  readonly #subscriptions: Map<string, { unsubscribe(): void }> = new Map();
  #statuses: AsyncIterable<any> | undefined;
  /** Request for an answer that is on its way, and the one behind it. */
  #flushing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** Last refusal to publish that was not reported. */
  #refusal: Error | undefined;
  #hasHeard = false;
  #isClosed = false;

  /**
   * Connects.
   *
   * @param open Makes a connection, or returns one that was given.
   */
  constructor(
    open: () => NatsConnection | Promise<NatsConnection>,
    isOwn: boolean,
    prefix: string,
    events: BrokerEvents,
  ) {
    this.#prefix = prefix;
    this.#events = events;
    this.#isOwn = isOwn;
    this.#ready = this.#open(open);
    this.#ready.then((connection) => this.#watch(connection))
      .catch((error) => this.#isClosed || events.closed(error));
  }

  get maxMessage(): number {
    return this.#connection?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
  }

  async subscribe(channel: string): Promise<void> {
    const connection = await this.#ready;
    let refusal: unknown;
    this.#subscriptions.get(channel)?.unsubscribe();
    const subscription = connection.subscribe(subjectOf(this.#prefix, channel), {
      callback: (error, message) => {
        if (error) return void (refusal = error);
        this.#hasHeard = true;
        this.#events.message(channel, message.data);
      },
    });
    this.#subscriptions.set(channel, subscription);
    await this.#flushed(connection); // a refusal comes before this answer
    if (refusal !== undefined) throw refusal;
  }

  unsubscribe(channel: string): void {
    this.#subscriptions.get(channel)?.unsubscribe();
    this.#subscriptions.delete(channel);
  }

  publish(channel: string, message: string | Uint8Array): Promise<void> {
    const connection = this.#connection!;
    connection.publish(subjectOf(this.#prefix, channel), message as Uint8Array);
    const refusal = this.#refusal;
    if (refusal === undefined) return this.#flushed(connection);
    this.#refusal = undefined;
    return Promise.reject(refusal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#isOwn) return await this.#connection?.close(); // one to come is closed when it comes
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe();
    (this.#statuses as { stop?(): void } | undefined)?.stop?.();
  }

  async #open(open: () => NatsConnection | Promise<NatsConnection>): Promise<NatsConnection> {
    const connection = await open();
    if (this.#isClosed) {
      if (this.#isOwn) await connection.close();
      throw new Error("Cannot connect: it was closed meanwhile");
    }
    return this.#connection = connection;
  }

  /** Reports that the connection is lost, or closed for good. Rejects with the reason of it. */
  async #watch(connection: NatsConnection): Promise<void> {
    this.#statuses = connection.status();
    for await (const status of this.#statuses) {
      if (status.type === "disconnect") throw new Error("The connection with NATS was lost");
      if (status.type === "error") this.#noteRefusal(status);
    }
    throw await connection.closed() ?? new Error(
      this.#isOwn
        ? "The connection with NATS was closed"
        : "Cannot use this connection with NATS: it is closed; a function can make another one",
    );
  }

  /** Takes note of a subject of ours that may not be published to. */
  #noteRefusal({ error, permissionContext }: any): void {
    const { operation, subject } = error ?? permissionContext ?? {};
    if (operation !== "publish" || !String(subject).startsWith(this.#prefix)) return;
    this.#refusal = new Error(
      `Cannot publish: the user of NATS may not publish to subjects with "${this.#prefix}"`,
      { cause: error },
    );
    if (!this.#hasHeard) throw this.#refusal; // not even to itself
  }

  /** Resolves when the server has read all. What is asked for at the same time shares an answer. */
  #flushed(connection: NatsConnection): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#flushing.then(() => {
      this.#next = undefined;
      return connection.flush();
    });
    this.#next = next;
    this.#flushing = next.catch(() => {}); // reported to who waits for it
    return next;
  }
}
