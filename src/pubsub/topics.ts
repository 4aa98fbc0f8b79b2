/** Topics of one server: who has subscribed to what, and what is published to whom. @module */

import { type Guard, sizeOf, type Traffic } from "../server/guard.ts";
import type { Payload } from "../core/payload.ts";
import { OPEN } from "../core/ready_state.ts";
import { Publication } from "./publication.ts";
import { Topic } from "./topic.ts";

const NONE: ReadonlySet<string> = new Set();

/**
 * Checks a name of a topic.
 *
 * @throws {TypeError} If it is no string, or empty.
 */
function checkTopic(topic: unknown): void {
  if (typeof topic !== "string" || topic === "") {
    throw new TypeError(
      `Cannot use topic ${JSON.stringify(topic)}: it must be a string, not empty`,
    );
  }
}

/** The topics of one server. */
export class Topics {
  readonly #topics: Map<string, Topic> = new Map();
  readonly #traffic: Traffic;
  readonly #onError: (error: unknown) => void;

  /**
   * Makes an empty table.
   *
   * @param onError Told of Blobs that cannot be read.
   */
  constructor(traffic: Traffic, onError: (error: unknown) => void) {
    this.#traffic = traffic;
    this.#onError = onError;
  }

  /** Adds a subscriber to a topic. */
  subscribe(guard: Guard, name: string): void {
    checkTopic(name);
    if (guard.core.state > OPEN) return; // it will get nothing any more
    guard.topics ??= new Set();
    guard.topics.add(name);
    let topic = this.#topics.get(name);
    if (topic === undefined) this.#topics.set(name, topic = new Topic());
    topic.place(guard);
  }

  /** Takes a subscriber from a topic. */
  unsubscribe(guard: Guard, name: string): void {
    checkTopic(name);
    guard.topics?.delete(name);
    const topic = this.#topics.get(name);
    topic?.remove(guard);
    if (topic?.size === 0) this.#topics.delete(name);
  }

  /** Notices that a subscriber opened, or that something hinders it, or does no more. */
  place(guard: Guard): void {
    for (const name of guard.topics ?? NONE) this.#topics.get(name)!.place(guard);
  }

  /** Takes a subscriber from all its topics. */
  leave(guard: Guard): void {
    for (const name of guard.topics ?? NONE) this.unsubscribe(guard, name);
  }

  /** How many have subscribed to a topic. */
  count(name: string): number {
    checkTopic(name);
    return this.#topics.get(name)?.size ?? 0;
  }

  /**
   * Sends a message to all subscribers of a topic that are OPEN.
   *
   * @returns How many it was sent to.
   */
  publish(name: string, data: Payload, except: Guard | undefined): number {
    checkTopic(name);
    const topic = this.#topics.get(name);
    if (topic === undefined) return 0;
    const publication = new Publication(data, (error) => this.#lost(count, size, error));
    const size = sizeOf(data);
    const count = topic.publish(publication, except);
    this.#traffic.sent += count;
    this.#traffic.bytesSent += count * size;
    return count;
  }

  /** A Blob could not be read: it was not sent, after all. */
  #lost(count: number, size: number, error: unknown): void {
    this.#traffic.sent -= count;
    this.#traffic.bytesSent -= count * size;
    this.#traffic.dropped += count;
    this.#onError(new Error("Cannot publish a Blob: it could not be read", { cause: error }));
  }
}
