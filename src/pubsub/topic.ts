/** One topic: its subscribers, and the way to each of them. @module */

import type { Broadcast, Link } from "../core/link.ts";
import { OPEN } from "../core/ready_state.ts";
import type { Publication } from "./publication.ts";
import type { Subscriber } from "./subscriber.ts";

/** Number of topics so far, of all servers: they may share one server of the runtime. */
let made = 0;

/** Number of bytes that may be buffered for a link of a broadcast set before its socket is checked. */
const UNCHECKED = 64 * 1024;

/**
 * The subscribers of one topic.
 *
 * Fast path: subscribers that are open and not backlogged are a broadcast set, which is sent to
 * without per-socket checks: by the runtime at once, if it has topics of its own, and else by a loop
 * over links. Subscribers that are not open, backlogged, or have messages behind a Blob are sent to
 * one by one, with checks, until that is over.
 */
export class Topic {
  /** Name at the runtime. Not the user's: a runtime takes all halves of surrogate pairs as equal. */
  readonly #name: string = `isosocket ${made++}`;
  readonly #broadcastSet: Map<Link, Subscriber> = new Map();
  readonly #individual: Set<Subscriber> = new Set();
  /** Topics of the runtime that send to the broadcast set, if it is not sent to link by link. */
  #broadcast: Broadcast | undefined;

  /** Number of subscribers. */
  get size(): number {
    return this.#broadcastSet.size + this.#individual.size;
  }

  /** Returns whether a socket is a subscriber. */
  has(subscriber: Subscriber): boolean {
    const { link } = subscriber.connection;
    return this.#individual.has(subscriber) || (link !== undefined && this.#broadcastSet.has(link));
  }

  /** Adds a subscriber, or moves it to or from the broadcast set. */
  place(subscriber: Subscriber): void {
    const { link } = subscriber.connection;
    if (link !== undefined && this.#fits(subscriber, link)) {
      if (this.#broadcastSet.has(link)) return;
      this.#individual.delete(subscriber);
      this.#broadcastSet.set(link, subscriber);
      this.#broadcast = link.broadcast;
      link.join?.(this.#name);
    } else if (!this.#individual.has(subscriber)) {
      this.remove(subscriber);
      this.#individual.add(subscriber);
    }
  }

  /** Removes a subscriber. */
  remove(subscriber: Subscriber): void {
    const { link } = subscriber.connection;
    this.#individual.delete(subscriber);
    if (link !== undefined && this.#broadcastSet.delete(link)) link.part?.(this.#name);
  }

  /** Returns whether a subscriber fits the broadcast set, which belongs to one server of a runtime. */
  #fits({ connection, limits }: Subscriber, { broadcast }: Link): boolean {
    const { state, sender } = connection;
    if (state !== OPEN || sender.backlogged || sender.delayed) return false;
    if (this.#broadcastSet.size > 0 && broadcast !== this.#broadcast) return false;
    const { maxBuffered, lowWaterMark } = limits;
    if (broadcast === undefined) return lowWaterMark >= UNCHECKED;
    // Then no message is sent while maxBuffered bytes are buffered: not even one that is hidden.
    return maxBuffered - lowWaterMark >= broadcast.hidden;
  }

  /**
   * Sends a message to all subscribers that are OPEN, but for one. Returns their number.
   *
   * @param dropped Called with each subscriber for whom it was dropped, since too much is buffered.
   */
  publish(
    publication: Publication,
    except: Subscriber | undefined,
    dropped?: (subscriber: Subscriber) => void,
  ): number {
    let count = 0;
    for (const subscriber of this.#individual) {
      if (sendTo(subscriber, publication, except)) count++;
      else if (subscriber !== except) dropped?.(subscriber);
    }
    if (this.#broadcastSet.size === 0) return count;
    if (publication.isBlob) {
      for (const subscriber of this.#broadcastSet.values()) {
        if (sendTo(subscriber, publication, except)) count++;
      }
      return count;
    }
    const { size } = this.#broadcastSet;
    const link = except?.connection.link;
    const leftOut = link !== undefined && this.#broadcastSet.has(link) ? link : undefined;
    if (this.#broadcast !== undefined) this.#sendAtOnce(this.#broadcast, publication, leftOut);
    else this.#sendInTurn(publication, leftOut);
    return count + size - (leftOut === undefined ? 0 : 1);
  }

  #sendAtOnce(broadcast: Broadcast, { data }: Publication, except: Link | undefined): void {
    if (!broadcast.publish(this.#name, data, except)) return;
    // A subscriber that is backlogged leaves the broadcast set.
    for (const { connection } of this.#broadcastSet.values()) connection.sender.checkBacklog();
  }

  #sendInTurn(publication: Publication, except: Link | undefined): void {
    this.#broadcastSet.forEach((subscriber, link) => { // for...of would make an array of each pair
      if (link === except) return;
      if (link.sendShared === undefined) link.send(publication.data);
      else link.sendShared(publication);
      if ((link.mostBuffered ?? link.bufferedAmount) > UNCHECKED) {
        subscriber.connection.sender.checkBacklog();
      }
    });
  }
}

/** Sends a message to one subscriber, with checks. Returns whether it was sent. */
function sendTo(
  subscriber: Subscriber,
  publication: Publication,
  except: Subscriber | undefined,
): boolean {
  const { state, sender } = subscriber.connection;
  if (subscriber === except || state !== OPEN) return false;
  if (sender.backlogged && !subscriber.mayShare()) return false;
  publication.sendThrough(sender);
  return true;
}
