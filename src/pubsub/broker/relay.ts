/** Takes what a server publishes to the others, and brings what they publish. @module */

import type { Clock } from "../../core/clock.ts";
import { utf8Length } from "../../core/close_code.ts";
import type { Bytes } from "../../core/link.ts";
import type { Payload } from "../../core/payload.ts";
import type { Broker, BrokerConnection, BrokerEvent, BrokerStats } from "./broker.ts";
import { channelOf, isTopicChannel } from "./channels.ts";
import { asBytes, BytesAsText, decode, encode, type Envelope, type Position } from "./envelope.ts";
import { Following, Numbering } from "./numbering.ts";
import type { HistoryRelay, RelayListener } from "../history/keeper.ts";
import { asError, Supervisor } from "./supervisor.ts";

/** Number of bytes that may wait in a client of the broker: more is dropped. */
const MAX_WAITING = 16 * 1024 * 1024;

/** Number of times that a mark is sent, once with each ping: others may be down for a while longer. */
const MARKS = 5;

/** Number of topics that marks are sent for. */
const MAX_MARKED = 10_000;

/** Time that `close()` waits for what was published, in milliseconds. */
const LAST_WAIT = 1000;

/** Server of a {@linkcode Relay}. Its callbacks must not throw. */
export interface RelayOwner {
  /** Delivers a message of another server to the subscribers here. */
  deliver(topic: string, payload: string | Bytes): void;
  /** Called when the broker is up or down, or messages are lost. */
  onEvent(event: BrokerEvent): void;
  /** Called with an error that is the program's to mend. */
  onError(error: unknown): void;
}

function sizeOf(message: string | Uint8Array, limit: number): number {
  if (typeof message !== "string") return message.byteLength;
  return 3 * message.length <= limit ? message.length : utf8Length(message);
}

/**
 * Connects the topics of a server with those of others.
 *
 * While the broker is down, messages are dropped and counted: what a client keeps for later comes
 * when nobody expects it, may come twice, and takes memory without end.
 */
export class Relay {
  readonly #owner: RelayOwner;
  readonly #clock: Clock;
  readonly #supervisor: Supervisor;
  readonly #following: Following;
  #numbering: Numbering = new Numbering();
  /** Topics that somebody here has subscribed to, by their channels. */
  readonly #topics: Map<string, string> = new Map();
  /** Topics in which messages were dropped, and how often that still has to be said. */
  readonly #marks: Map<string, number> = new Map();
  /** Last message of a topic that waits for a Blob. */
  readonly #reading: Map<string, Promise<void>> = new Map();
  /** Number of bytes that wait in the client, and of the messages that do. */
  #waiting = 0;
  #pending = 0;
  #idle: (() => void) | undefined;
  /** Errors that were reported for this connection: each follows for every message. */
  readonly #reported: Set<string> = new Set();
  #refusal: Error | undefined;
  /** Hear what is not for plain topics. */
  readonly #listeners: RelayListener[] = [];
  readonly #counts = {
    published: 0,
    dropped: 0,
    received: 0,
    lost: 0,
    duplicates: 0,
    ignored: 0,
  };

  /** Makes a relay that does nothing until {@linkcode Relay.start}. */
  constructor(broker: Broker, clock: Clock, owner: RelayOwner) {
    this.#owner = owner;
    this.#clock = clock;
    this.#following = new Following(() => clock.now());
    this.#supervisor = new Supervisor(broker, clock, {
      channels: () => [
        ...this.#topics.keys(),
        ...this.#listeners.flatMap((it) => [...it.channels()]),
      ],
      up: () => {
        owner.onEvent({ type: "up" });
        this.#sendMarks();
        for (const listener of this.#listeners) listener.up();
      },
      down: (error) => {
        this.#waiting = this.#pending = 0;
        this.#reported.clear();
        this.#refusal = undefined;
        this.#idle?.();
        for (const listener of this.#listeners) listener.down(error);
        owner.onEvent({ type: "down", error });
      },
      tick: () => {
        if (this.#refusal !== undefined) this.#reportOnce(this.#refusal);
        this.#sendMarks();
      },
      message: (channel, message, place) => {
        if (place === undefined && isTopicChannel(channel)) {
          return this.#received(channel, message);
        }
        for (const listener of this.#listeners) listener.message(channel, message, place);
      },
      renamed: () => this.#numbering = new Numbering(),
      refused: (channel, error) => {
        const topic = this.#topics.get(channel);
        const what = topic === undefined ? `channel "${channel}"` : `topic "${topic}"`;
        owner.onError(
          new Error(`Cannot subscribe to ${what} at the broker`, { cause: error }),
        );
      },
    });
  }

  /** Begins to connect. */
  start(): void {
    this.#supervisor.start();
  }

  /** Called when a topic has its first subscriber. */
  subscribe(topic: string): void {
    const channel = channelOf(topic);
    this.#topics.set(channel, topic);
    this.#following.add(topic);
    this.#supervisor.subscribe(channel).catch(() => {}); // it does not reject
  }

  /** Has somebody hear what comes on channels that are not those of plain topics. */
  extend(listener: RelayListener): HistoryRelay {
    this.#listeners.push(listener);
    return { supervisor: this.#supervisor, counts: this.#counts };
  }

  /** Called when a topic has no subscriber any more. */
  unsubscribe(topic: string): void {
    const channel = channelOf(topic);
    this.#topics.delete(channel);
    this.#following.delete(topic);
    this.#supervisor.unsubscribe(channel);
  }

  /** Takes a message to the other servers, behind those of the same topic that wait for a Blob. */
  publish(topic: string, payload: Payload): void {
    const before = this.#reading.get(topic);
    if (before === undefined && !(payload instanceof Blob)) return this.#send(topic, payload);
    if (this.#supervisor.connection === undefined) return this.#drop(topic);
    const kept = payload instanceof Blob || typeof payload === "string"
      ? payload
      : new Uint8Array(asBytes(payload)); // the caller's may change
    const sent = this.#sendLater(topic, kept, before);
    this.#reading.set(topic, sent);
    sent.then(() => {
      if (this.#reading.get(topic) === sent) this.#reading.delete(topic);
    }).catch(() => {}); // it does not reject
  }

  /** Returns a copy of all counts. */
  stats(): BrokerStats {
    return { up: this.#supervisor.connection !== undefined, ...this.#counts };
  }

  /** Ends the connection, at most a second later: when what was published has left. */
  async close(): Promise<void> {
    if (this.#supervisor.connection !== undefined) await this.#left();
    await this.#supervisor.close();
  }

  async #left(): Promise<void> {
    let cancel: (() => void) | undefined;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
      cancel = this.#clock.after(LAST_WAIT, resolve);
    });
    await Promise.race([Promise.all(this.#reading.values()), idle]);
    if (this.#pending === 0) this.#idle?.();
    await idle;
    cancel?.();
  }

  /** Does not reject. */
  async #sendLater(topic: string, payload: Payload, before?: Promise<void>): Promise<void> {
    const read = payload instanceof Blob ? payload.arrayBuffer() : payload;
    if (read instanceof Promise) read.catch(() => {}); // is awaited a while later
    await before;
    try {
      this.#send(topic, await read);
    } catch {
      this.#counts.dropped++; // the topic reports it, whose own subscribers do not get it either
    }
  }

  #send(topic: string, payload: string | Bytes): void {
    const position = this.#numbering.next(topic);
    const { connection, node } = this.#supervisor;
    if (connection === undefined || this.#waiting > MAX_WAITING) {
      this.#counts.dropped++;
      return this.#mark(topic);
    }
    const message = encode(node, position, payload, connection.binary);
    const size = sizeOf(message, connection.maxMessage);
    if (size <= connection.maxMessage) {
      this.#counts.published++;
      return this.#hand(connection, channelOf(topic), message, size);
    }
    this.#counts.dropped++;
    this.#mark(topic);
    this.#owner.onError(
      new RangeError(
        `Cannot publish ${size} bytes to other servers: the broker takes at most ${connection.maxMessage}`,
      ),
    );
  }

  /** Hands a message to the broker. */
  #hand(
    connection: BrokerConnection,
    channel: string,
    message: string | Uint8Array,
    size: number,
  ): void {
    let handed: Promise<unknown> | void;
    try {
      handed = connection.publish(channel, message);
    } catch (error) {
      return this.#refused(connection, error);
    }
    if (handed === undefined) return;
    this.#waiting += size;
    this.#pending++;
    handed.then(undefined, (error) => this.#refused(connection, error)).then(() => {
      if (connection !== this.#supervisor.connection) return; // counted anew since
      this.#waiting -= size;
      if (--this.#pending === 0) this.#idle?.();
    }).catch(() => {}); // it does not reject
  }

  #refused(connection: BrokerConnection, cause: unknown): void {
    if (connection !== this.#supervisor.connection) return;
    this.#reportOnce(
      new Error("Cannot publish to other servers: the broker refuses it", { cause }),
    );
  }

  #reportOnce(error: Error): void {
    if (this.#reported.has(error.message)) return;
    this.#reported.add(error.message);
    this.#owner.onError(error);
  }

  /** Counts a message that is not sent. It has a number nevertheless, so that others miss it. */
  #drop(topic: string): void {
    this.#numbering.next(topic);
    this.#counts.dropped++;
    this.#mark(topic);
  }

  #mark(topic: string): void {
    if (this.#marks.size < MAX_MARKED) this.#marks.set(topic, MARKS);
  }

  /** Says how far this server has come in topics where messages were dropped. */
  #sendMarks(): void {
    for (const [topic, times] of this.#marks) {
      const { connection, node } = this.#supervisor;
      const number = this.#numbering.last(topic);
      if (connection === undefined) return;
      if (times > 1 && number !== undefined) this.#marks.set(topic, times - 1);
      else this.#marks.delete(topic);
      if (number === undefined) continue;
      const position: Position = { number, first: false };
      this.#hand(
        connection,
        channelOf(topic),
        encode(node, position, undefined, connection.binary),
        0,
      );
    }
  }

  #received(channel: string, message: string | Uint8Array): void {
    const topic = this.#topics.get(channel);
    if (topic === undefined) return; // nobody has subscribed any more
    let envelope: Envelope;
    try {
      envelope = decode(message);
    } catch (error) {
      this.#counts.ignored++;
      if (error instanceof BytesAsText) this.#reportOnce(error);
      return;
    }
    const { node, payload, number } = envelope;
    if (node === this.#supervisor.node) return;
    if (payload === undefined) {
      return this.#missed(topic, this.#following.mark(topic, node, number));
    }
    const missing = this.#following.note(topic, node, envelope);
    if (missing === undefined || missing < 0) {
      this.#counts.duplicates++;
      return;
    }
    this.#missed(topic, missing);
    this.#counts.received++;
    try {
      this.#owner.deliver(topic, payload);
    } catch (error) {
      this.#owner.onError(asError(error, "Cannot deliver a message of another server"));
    }
  }

  #missed(topic: string, count: number): void {
    if (count === 0) return;
    this.#counts.lost += count;
    this.#owner.onEvent({ type: "lost", topic, count });
  }
}
