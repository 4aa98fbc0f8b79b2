/** One connection with PostgreSQL, as a broker's. @module */

import type { BrokerConnection, BrokerEvents } from "../../pubsub/broker/broker.ts";
import { Inbox } from "./inbox.ts";
import { type CheckedPostgresOptions, nameOf } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type { Session, SessionEvents } from "./session.ts";

/** Maximum size of a message: a field of a row has at most 1 GB, and a string of JavaScript half of it. */
const MAX_MESSAGE = 256 * 1024 * 1024;

/** A session, and what goes through it. */
interface Opened {
  readonly session: Session;
  readonly outbox: Outbox;
}

/** A connection that is used until it is lost for the first time. */
export class PostgresBrokerConnection implements BrokerConnection {
  readonly binary = false;
  readonly maxMessage: number = MAX_MESSAGE;
  readonly #options: CheckedPostgresOptions;
  readonly #events: BrokerEvents;
  readonly #ready: Promise<Opened>;
  /** Channels by PostgreSQL's names of them. */
  readonly #channels: Map<string, string> = new Map();
  #session: Session | undefined;
  #inbox: Inbox | undefined;
  #opened: Opened | undefined;
  #isClosed = false;

  /** Connects. */
  constructor(
    open: (events: SessionEvents) => Promise<Session>,
    options: CheckedPostgresOptions,
    events: BrokerEvents,
  ) {
    this.#options = options;
    this.#events = events;
    this.#ready = this.#open(open);
    this.#ready.catch((error) => this.#ended(error));
  }

  async subscribe(channel: string): Promise<void> {
    const { session } = await this.#ready;
    const name = nameOf(this.#options.prefix, channel);
    if (this.#channels.has(name)) return;
    this.#channels.set(name, channel);
    try {
      await session.listen(name);
    } catch (error) {
      this.#channels.delete(name);
      throw error;
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    const { session } = await this.#ready;
    const name = nameOf(this.#options.prefix, channel);
    if (this.#channels.delete(name)) await session.unlisten(name);
  }

  publish(channel: string, message: string | Uint8Array): Promise<void> {
    return this.#opened!.outbox.send(nameOf(this.#options.prefix, channel), message as string);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.end(); // one to come ends when it comes
  }

  async #open(open: (events: SessionEvents) => Promise<Session>): Promise<Opened> {
    const session = await open({
      notified: (name, payload) => this.#inbox?.take(name, payload),
      ended: (error) => this.#ended(error),
    });
    const { ready } = session;
    ready.catch(() => {}); // reported below, unless it has been closed
    this.#session = session;
    if (this.#isClosed) {
      await session.end();
      throw new Error("Cannot connect: it was closed meanwhile");
    }
    const { table } = this.#options;
    this.#inbox = new Inbox(session, table, (name, message) => {
      const channel = this.#channels.get(name);
      if (channel !== undefined) this.#events.message(channel, message);
    });
    await ready;
    return this.#opened = { session, outbox: new Outbox(session, table) };
  }

  #ended(error?: unknown): void {
    if (this.#isClosed) return;
    this.#events.closed(error ?? new Error("The connection with PostgreSQL was lost"));
  }
}
