/** Numbers of messages: given by who publishes, and followed by who receives. @module */

import type { Position } from "./envelope.ts";

/** Number of topics whose numbers are known at once: names may come from users, without end. */
const MAX_TOPICS = 65_536;

/** Numbers the messages of one server, in each topic. */
export class Numbering {
  readonly #last: Map<string, number> = new Map();
  /** Number of all messages: no less than any topic's, so that a topic may be forgotten. */
  #total = 0;

  /** Returns the position of the next message in a topic. */
  next(topic: string): Position {
    this.#total++;
    const last = this.#last.get(topic);
    if (last !== undefined) {
      this.#last.set(topic, last + 1);
      return { number: last + 1, first: false };
    }
    if (this.#last.size >= MAX_TOPICS) this.#last.delete(this.#last.keys().next().value!);
    this.#last.set(topic, this.#total);
    return { number: this.#total, first: true };
  }

  /** Returns the number of the last message in a topic, if it is known. */
  last(topic: string): number | undefined {
    return this.#last.get(topic);
  }
}

/** Number of servers of one topic above which those that fell silent are forgotten. */
const MANY_SERVERS = 64;

/** Silence after which a server is forgotten, in milliseconds: it has ended, most likely. */
const SILENT = 600_000;

interface Heard {
  number: number;
  at: number;
}

/** Follows the numbers of other servers, in the topics that somebody here has subscribed to. */
export class Following {
  readonly #topics: Map<string, Map<string, Heard>> = new Map();
  readonly #now: () => number;

  /** Makes a table without topics. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins to follow a topic. */
  add(topic: string): void {
    this.#topics.set(topic, new Map());
  }

  /** Stops following a topic. */
  delete(topic: string): void {
    this.#topics.delete(topic);
  }

  /**
   * Takes note of a message.
   *
   * @returns Number of messages that are missing before it; -1 if it, or a later one, came already;
   * `undefined` if nobody follows the topic.
   */
  note(topic: string, node: string, { number, first }: Position): number | undefined {
    const nodes = this.#topics.get(topic);
    if (nodes === undefined) return undefined;
    const heard = nodes.get(node);
    if (heard === undefined) {
      if (nodes.size >= MANY_SERVERS) this.#forgetSilent(nodes);
      nodes.set(node, { number, at: this.#now() });
      return 0;
    }
    if (number <= heard.number) return -1;
    return this.#proceed(heard, number, first ? 0 : number - heard.number - 1);
  }

  /**
   * Takes note of a mark: a server has come as far as a number.
   *
   * @returns Number of messages that are missing up to there.
   */
  mark(topic: string, node: string, number: number): number {
    const heard = this.#topics.get(topic)?.get(node);
    if (heard === undefined || number <= heard.number) return 0;
    return this.#proceed(heard, number, number - heard.number);
  }

  #proceed(heard: Heard, number: number, missing: number): number {
    heard.number = number;
    heard.at = this.#now();
    return missing;
  }

  #forgetSilent(nodes: Map<string, Heard>): void {
    const since = this.#now() - SILENT;
    for (const [node, { at }] of nodes) if (at < since) nodes.delete(node);
  }
}
