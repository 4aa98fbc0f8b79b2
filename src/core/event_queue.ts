/**
 * Delivers what a runtime reports of a connection: in its order, never during a call, and no more
 * than the program is ready for.
 *
 * @module
 */

import type { Link } from "./link.ts";
import type { PauseReason } from "./pause_reason.ts";
import { sizeOf } from "./payload.ts";
import { CONNECTING, type ReadyState } from "./ready_state.ts";
import { queueTask } from "./task.ts";

/** Number of bytes that may be held for a program before reading pauses, where it can pause. */
const PAUSE_BYTES = 1024 * 1024;

/** Number of bytes that may be held where reading cannot pause. */
const MAX_HELD_BYTES = 16 * PAUSE_BYTES;

/** Minimum number of bytes that a held message counts for: an empty one takes memory too. */
const MIN_HELD = 64;

/** Number of messages and control frames of one peer after which other connections have a turn. */
const TURN = 256;

/** Reports that are deferred. */
interface Deferred {
  readonly reports: (() => void)[];
  /** Number of bytes of the messages among them. */
  bytes: number;
  /** Whether they have to wait until delivery is resumed. */
  paused: boolean;
}

/** Connection as its event queue sees it. */
export interface EventQueueOwner {
  /** Link whose reading is paused with the queue. */
  readonly link: Link | undefined;
  /** State of the connection, between 0 (CONNECTING) and 3 (CLOSED). */
  readonly state: ReadyState;
  /** Delivers a message that was deferred. */
  deliver(data: string | ArrayBuffer): void;
}

/**
 * Reports of a runtime that wait to be delivered. What is reported during a call to the runtime is
 * deferred to the next task; while the queue is paused, all is deferred.
 */
export class EventQueue {
  readonly #owner: EventQueueOwner;
  /** Number of calls to the runtime under way. */
  #calls = 0;
  /** Deferred reports; `undefined` when the next report need not be deferred. */
  #deferred: Deferred | undefined;
  /** Whether a task that runs deferred reports is queued or running. */
  #scheduled = false;
  /** Bit set of the reasons for which delivery is paused, besides pending `open` listeners. */
  #reasons: PauseReason = 0;
  /** Number of asynchronous `open` listeners that have not settled, for which delivery is paused. */
  #openListeners = 0;
  /** Number of messages and control frames since other connections had a turn. */
  #turn = 0;

  /** Makes the queue of one connection. */
  constructor(owner: EventQueueOwner) {
    this.#owner = owner;
  }

  /** Whether a report has to be deferred. */
  get defers(): boolean {
    return this.#deferred !== undefined || this.#calls > 0;
  }

  /** Whether delivery is paused for `open` listeners that have not settled. */
  get isWaiting(): boolean {
    return this.#openListeners > 0;
  }

  /** Marks the beginning of a call to the runtime. */
  enter(): void {
    this.#calls++;
  }

  /** Marks the end of a call to the runtime. */
  leave(): void {
    this.#calls--;
    if (this.#calls === 0 && this.#deferred !== undefined) this.#schedule();
  }

  /** Calls the runtime. What it reports meanwhile is deferred to the next task. */
  call(command: () => void): void {
    this.enter();
    try {
      command();
    } finally {
      this.leave();
    }
  }

  /** Defers a report to a later task, behind those that are deferred already. */
  defer(report: () => void): void {
    const isFirst = this.#deferred === undefined;
    this.#list.reports.push(report);
    if (isFirst && this.#calls === 0) this.#schedule();
  }

  /**
   * Defers the delivery of a message, where {@linkcode EventQueue.defers} says so.
   *
   * @returns `false` if too many bytes are held already.
   */
  deferMessage(data: string | ArrayBuffer): boolean {
    const bytes = Math.max(MIN_HELD, sizeOf(data));
    const deferred = this.#list;
    if (deferred.bytes >= MAX_HELD_BYTES) return false; // a long message may come: maxPayload bounds it
    deferred.bytes += bytes;
    if (this.#openListeners > 0 && deferred.bytes > PAUSE_BYTES) this.#owner.link?.pause?.();
    this.defer(() => {
      deferred.bytes -= bytes;
      this.#owner.deliver(data);
      if (deferred.bytes === 0) this.#resumeReading();
    });
    return true;
  }

  /**
   * Counts a message or a control frame. Runtimes read megabytes of one peer, some 100,000 messages,
   * before they look at the next: so reading pauses for a task now and then.
   */
  countTurn(): void {
    if (++this.#turn !== TURN) return;
    this.#owner.link?.pause?.();
    queueTask(() => {
      this.#turn = 0;
      this.#resumeReading();
    });
  }

  /**
   * Adds or removes reasons to pause. Delivery resumes when none is left. While CONNECTING, reasons
   * have no effect yet: {@linkcode EventQueue.open} begins to pause.
   */
  setPaused(paused: boolean, reasons: PauseReason): void {
    const before = this.#reasons;
    this.#reasons = paused ? before | reasons : before & ~reasons;
    if (this.#reasons === before || this.#owner.state === CONNECTING) return;
    if (before === 0) this.#pause();
    this.#resume();
  }

  /** Begins to pause for what reasons there are. */
  open(): void {
    if (this.#reasons !== 0) this.#pause();
  }

  /** Pauses delivery until an asynchronous `open` listener has settled, as all others have to. */
  waitFor(promise: Promise<unknown>): void {
    this.#openListeners++;
    this.#list.paused = true;
    const settled = (): void => {
      if (this.#openListeners > 0 && --this.#openListeners === 0) this.#resume();
    };
    promise.then(settled, settled);
  }

  /** Waits for no `open` listener any longer. */
  stopWaiting(): void {
    if (this.#openListeners === 0) return;
    this.#openListeners = 0;
    this.#resume();
  }

  /** Discards the deferred reports, and ends all pauses. */
  clear(): void {
    this.#openListeners = this.#reasons = 0;
    this.#deferred = undefined;
  }

  get #list(): Deferred {
    return this.#deferred ??= { reports: [], bytes: 0, paused: false };
  }

  #pause(): void {
    this.#list.paused = true;
    this.#owner.link?.pause?.();
  }

  /** Resumes delivery, where no reason is left to pause it. */
  #resume(): void {
    if (this.#reasons !== 0 || this.#openListeners > 0) return;
    this.#resumeReading();
    if (this.#deferred !== undefined) this.#deferred.paused = false;
    this.#schedule();
  }

  /**
   * Resumes reading from the network, where nothing hinders it. What is held is delivered first: for a
   * program that takes one message at a time, a runtime would read megabytes each time.
   */
  #resumeReading(): void {
    const held = this.#deferred?.bytes ?? 0;
    const most = this.#openListeners > 0 ? PAUSE_BYTES : 0;
    if (this.#reasons === 0 && this.#turn < TURN && held <= most) this.#owner.link?.resume?.();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueTask(() => {
      const deferred = this.#deferred;
      let done = 0;
      while (deferred?.paused === false && this.#deferred === deferred) {
        if (done === deferred.reports.length) this.#deferred = undefined;
        else deferred.reports[done++]!();
      }
      deferred?.reports.splice(0, done); // what is left after a pause
      this.#scheduled = false;
      if (this.#deferred?.paused === false) this.#schedule();
    });
  }
}
