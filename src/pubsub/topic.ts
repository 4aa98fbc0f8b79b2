/** One topic: who has subscribed, and how each of them is reached. @module */

import type { Broadcast, Link } from "../core/link.ts";
import { OPEN } from "../core/ready_state.ts";
import type { Publication } from "./publication.ts";
import type { Subscriber } from "./subscriber.ts";

/** Topics so far, of all servers: they may share one of the runtime's. */
let made = 0;

/** Bytes that may wait for one of a crowd before it is asked how many do. */
const UNASKED = 64 * 1024;

/**
 * The subscribers of one topic.
 *
 * Most are a crowd of whom nothing has to be known: the runtime sends to all of them at once, if it
 * has topics of its own, and else a loop that looks at links only. Whoever is not open, slow, or has
 * messages behind a Blob is one of the others, who are sent to with care, until that is over.
 */
export class Topic {
  /** Its name at the runtime, which takes all halves of surrogate pairs for the same. */
  readonly #name: string = `isosocket ${made++}`;
  readonly #broadcastSet: Map<Link, Subscriber> = new Map();
  readonly #individual: Set<Subscriber> = new Set();
  /** What reaches the crowd, if it is not sent to link by link. */
  #broadcast: Broadcast | undefined;

  /** How many subscribers there are. */
  get size(): number {
    return this.#broadcastSet.size + this.#individual.size;
  }

  /** Adds a subscriber, or puts it where it belongs by now. */
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

  /** Takes a subscriber away. */
  remove(subscriber: Subscriber): void {
    const { link } = subscriber.connection;
    this.#individual.delete(subscriber);
    if (link !== undefined && this.#broadcastSet.delete(link)) link.part?.(this.#name);
  }

  /** Whether a socket can be one of the crowd. A crowd is at home with one server of a runtime. */
  #fits({ connection, limits }: Subscriber, { broadcast }: Link): boolean {
    const { state, sender } = connection;
    if (state !== OPEN || sender.backlogged || sender.delayed) return false;
    if (this.#broadcastSet.size > 0 && broadcast !== this.#broadcast) return false;
    const { maxBuffered, lowWaterMark } = limits;
    if (broadcast === undefined) return lowWaterMark >= UNASKED;
    // Then no message is sent while maxBuffered bytes wait: not even one that is hidden.
    return maxBuffered - lowWaterMark >= broadcast.hidden;
  }

  /** Sends a message to all who are OPEN, but for one. Returns to how many. */
  publish(publication: Publication, except: Subscriber | undefined): number {
    let count = 0;
    for (const subscriber of this.#individual) if (sendTo(subscriber, publication, except)) count++;
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
      if ((link.mostBuffered ?? link.bufferedAmount) > UNASKED) {
        subscriber.connection.sender.checkBacklog();
      }
    });
  }
}

/** Sends a message to one subscriber, if it may have it. */
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
