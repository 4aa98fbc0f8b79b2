/** One topic: who has subscribed, and how each of them is reached. @module */

import type { Guard } from "../guard.ts";
import type { Broadcast } from "../link.ts";
import { OPEN } from "../ready_state.ts";
import type { Publication } from "./publication.ts";

/** Topics so far, of all servers: they may share one of the runtime's. */
let made = 0;

/**
 * The subscribers of one topic.
 *
 * Where a runtime has topics of its own, it sends to a whole crowd at once. It does not ask how much
 * waits for each, nor does it know of messages behind a Blob: so sockets of which that matters are
 * sent to one by one, until it does not.
 */
export class Topic {
  /** Its name at the runtime, which takes all halves of surrogate pairs for the same. */
  readonly #name: string = `isosocket ${made++}`;
  /** Whom the runtime sends to. */
  readonly #crowd: Set<Guard> = new Set();
  /** Who are sent to one by one. */
  readonly #others: Set<Guard> = new Set();
  /** What reaches the crowd. */
  #broadcast: Broadcast | undefined;

  /** How many subscribers there are. */
  get size(): number {
    return this.#crowd.size + this.#others.size;
  }

  /** Adds a subscriber, or puts it where it belongs by now. */
  place(guard: Guard): void {
    const { link } = guard.core;
    if (this.#fits(guard)) {
      if (this.#crowd.has(guard)) return;
      this.#others.delete(guard);
      this.#crowd.add(guard);
      this.#broadcast = link!.broadcast;
      link!.join!(this.#name);
    } else if (!this.#others.has(guard)) {
      this.remove(guard);
      this.#others.add(guard);
    }
  }

  /** Takes a subscriber away. */
  remove(guard: Guard): void {
    this.#others.delete(guard);
    if (this.#crowd.delete(guard)) guard.core.link?.part?.(this.#name);
  }

  /** Whether a socket can be one of the crowd. One topic is at home with one server of a runtime. */
  #fits({ core, limits }: Guard): boolean {
    if (core.state !== OPEN || core.clogged || core.delayed) return false;
    const broadcast = core.link?.broadcast;
    if (broadcast === undefined) return false;
    if (this.#crowd.size > 0 && broadcast !== this.#broadcast) return false;
    // Then no message is sent while maxBuffered bytes wait: not even one that is hidden.
    return limits.maxBuffered - limits.lowWaterMark >= broadcast.hidden;
  }

  /** Sends a message to all who are OPEN, but for one. Returns to how many. */
  publish(publication: Publication, except: Guard | undefined): number {
    let count = 0;
    for (const guard of this.#others) if (sendTo(guard, publication, except)) count++;
    if (this.#crowd.size === 0) return count;
    if (!publication.isBlob) return count + this.#broadcastTo(publication, except);
    for (const guard of this.#crowd) if (sendTo(guard, publication, except)) count++;
    return count;
  }

  #broadcastTo({ data }: Publication, except: Guard | undefined): number {
    const { size } = this.#crowd;
    const leaves = except !== undefined && this.#crowd.has(except);
    const link = leaves ? except.core.link : undefined;
    if (this.#broadcast!.publish(this.#name, data, link)) {
      for (const { core } of this.#crowd) core.measure(); // who is clogged leaves the crowd
    }
    return leaves ? size - 1 : size;
  }
}

/** Sends a message to one subscriber, if it may have it. */
function sendTo(guard: Guard, publication: Publication, except: Guard | undefined): boolean {
  const { core } = guard;
  if (guard === except || core.state !== OPEN) return false;
  if (core.clogged && !guard.mayShare()) return false;
  publication.sendThrough(core);
  return true;
}
