/** One topic: who has subscribed, and how each of them is reached. @module */

import type { Guard } from "../server/guard.ts";
import type { Broadcast, Link } from "../core/link.ts";
import { OPEN } from "../core/ready_state.ts";
import type { Publication } from "./publication.ts";

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
  readonly #broadcastSet: Map<Link, Guard> = new Map();
  readonly #individual: Set<Guard> = new Set();
  /** What reaches the crowd, if it is not sent to link by link. */
  #broadcast: Broadcast | undefined;

  /** How many subscribers there are. */
  get size(): number {
    return this.#broadcastSet.size + this.#individual.size;
  }

  /** Adds a subscriber, or puts it where it belongs by now. */
  place(guard: Guard): void {
    const { link } = guard.core;
    if (link !== undefined && this.#fits(guard, link)) {
      if (this.#broadcastSet.has(link)) return;
      this.#individual.delete(guard);
      this.#broadcastSet.set(link, guard);
      this.#broadcast = link.broadcast;
      link.join?.(this.#name);
    } else if (!this.#individual.has(guard)) {
      this.remove(guard);
      this.#individual.add(guard);
    }
  }

  /** Takes a subscriber away. */
  remove(guard: Guard): void {
    const { link } = guard.core;
    this.#individual.delete(guard);
    if (link !== undefined && this.#broadcastSet.delete(link)) link.part?.(this.#name);
  }

  /** Whether a socket can be one of the crowd. A crowd is at home with one server of a runtime. */
  #fits({ core, limits }: Guard, { broadcast }: Link): boolean {
    if (core.state !== OPEN || core.backlogged || core.delayed) return false;
    if (this.#broadcastSet.size > 0 && broadcast !== this.#broadcast) return false;
    const { maxBuffered, lowWaterMark } = limits;
    if (broadcast === undefined) return lowWaterMark >= UNASKED;
    // Then no message is sent while maxBuffered bytes wait: not even one that is hidden.
    return maxBuffered - lowWaterMark >= broadcast.hidden;
  }

  /** Sends a message to all who are OPEN, but for one. Returns to how many. */
  publish(publication: Publication, except: Guard | undefined): number {
    let count = 0;
    for (const guard of this.#individual) if (sendTo(guard, publication, except)) count++;
    if (this.#broadcastSet.size === 0) return count;
    if (publication.isBlob) {
      for (const guard of this.#broadcastSet.values()) {
        if (sendTo(guard, publication, except)) count++;
      }
      return count;
    }
    const { size } = this.#broadcastSet;
    const link = except?.core.link;
    const leftOut = link !== undefined && this.#broadcastSet.has(link) ? link : undefined;
    if (this.#broadcast !== undefined) this.#sendAtOnce(this.#broadcast, publication, leftOut);
    else this.#sendInTurn(publication, leftOut);
    return count + size - (leftOut === undefined ? 0 : 1);
  }

  #sendAtOnce(broadcast: Broadcast, { data }: Publication, except: Link | undefined): void {
    if (!broadcast.publish(this.#name, data, except)) return;
    for (const { core } of this.#broadcastSet.values()) core.measure(); // who is clogged leaves the crowd
  }

  #sendInTurn(publication: Publication, except: Link | undefined): void {
    this.#broadcastSet.forEach((guard, link) => { // for...of would make an array of each pair
      if (link === except) return;
      if (link.sendShared === undefined) link.send(publication.data);
      else link.sendShared(publication);
      if ((link.mostBuffered ?? link.bufferedAmount) > UNASKED) guard.core.measure();
    });
  }
}

/** Sends a message to one subscriber, if it may have it. */
function sendTo(guard: Guard, publication: Publication, except: Guard | undefined): boolean {
  const { core } = guard;
  if (guard === except || core.state !== OPEN) return false;
  if (core.backlogged && !guard.mayShare()) return false;
  publication.sendThrough(core);
  return true;
}
