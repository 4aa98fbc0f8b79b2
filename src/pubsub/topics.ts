/** Topics of one server: who has subscribed to what, and what is published to whom. @module */

import { type Guard, sizeOf, type Traffic } from "../guard.ts";
import type { Outgoing } from "../outgoing.ts";
import { OPEN } from "../ready_state.ts";

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
  readonly #subscribers: Map<string, Set<Guard>> = new Map();
  readonly #traffic: Traffic;

  /** Makes an empty table. */
  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** Adds a subscriber to a topic. */
  subscribe(guard: Guard, topic: string): void {
    checkTopic(topic);
    if (guard.core.state > OPEN) return; // it will get nothing any more
    guard.topics ??= new Set();
    guard.topics.add(topic);
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) this.#subscribers.set(topic, new Set([guard]));
    else subscribers.add(guard);
  }

  /** Takes a subscriber from a topic. */
  unsubscribe(guard: Guard, topic: string): void {
    checkTopic(topic);
    guard.topics?.delete(topic);
    const subscribers = this.#subscribers.get(topic);
    subscribers?.delete(guard);
    if (subscribers?.size === 0) this.#subscribers.delete(topic);
  }

  /** Takes a subscriber from all its topics. */
  leave(guard: Guard): void {
    for (const topic of guard.topics ?? NONE) this.unsubscribe(guard, topic);
  }

  /** How many have subscribed to a topic. */
  count(topic: string): number {
    checkTopic(topic);
    return this.#subscribers.get(topic)?.size ?? 0;
  }

  /**
   * Sends a message to all subscribers of a topic that are OPEN.
   *
   * @returns How many it was sent to.
   */
  publish(topic: string, data: Outgoing, except: Guard | undefined): number {
    checkTopic(topic);
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return 0;
    let count = 0;
    const shared = data instanceof Blob ? undefined : { data };
    for (const guard of subscribers) {
      const { core } = guard;
      if (guard === except || core.state !== OPEN) continue;
      if (core.clogged && !guard.mayShare()) continue;
      if (shared === undefined) core.send(data);
      else core.sendShared(shared);
      count++;
    }
    if (shared !== undefined) {
      this.#traffic.sent += count;
      this.#traffic.bytesSent += count * sizeOf(data);
    }
    return count;
  }
}
