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

/** Number of bytes that may be held for turns before reading pauses, where it can pause. */
const PAUSE_BYTES = 1024 * 1024;

/**
 * Number of held reports up to which each message has a turn of its own. A turn takes longer than a
 * message takes to arrive: where more is held, one turn delivers what there is, or it would never end.
 */
const SINGLE = 64;

/**
 * Number of bytes that may be held where reading cannot pause. More ends the connection of a program that
 * has paused; what is held for turns is delivered in one turn then.
 */
const MAX_HELD_BYTES = 16 * PAUSE_BYTES;

/** Minimum number of bytes that a held message counts for: an empty one takes memory too. */
const MIN_HELD = 64;

/** Number of messages and control frames of one peer after which other connections have a turn. */
const TURN = 256;

/** Reports that are deferred. */
interface Deferred {
  readonly reports: (() => void)[];
  /** Number of reports that have been delivered, of those in the list. */
  done: number;
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
 * deferred to the next task; while the queue is paused, all is deferred; and so is what follows an
 * event that ended its turn.
 */
export class EventQueue {
  readonly #owner: EventQueueOwner;
  /** Number of calls to the runtime under way. */
  #calls = 0;
  /** Deferred reports; `undefined` when the next report need not be deferred. */
  #deferred: Deferred | undefined;
  /** Whether a task that runs deferred reports is queued or running. */
  #scheduled = false;
  /** Whether what was delivered last has ended its turn: nothing more is delivered in this task. */
  #isTurnOver = false;
  /** Bit set of the reasons for which delivery is paused. */
  #reasons: PauseReason = 0;
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

  /** Whether there is a reason to deliver nothing. */
  get isPaused(): boolean {
    return this.#reasons !== 0;
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
    // A long message may come: maxPayload bounds it. What waits for a task only is no program's fault.
    if (deferred.paused && deferred.bytes >= MAX_HELD_BYTES) return false;
    deferred.bytes += bytes;
    if (deferred.bytes > PAUSE_BYTES) this.#owner.link?.pause?.();
    this.defer(() => {
      deferred.bytes -= bytes;
      this.#owner.deliver(data);
      if (deferred.reports.length - deferred.done <= SINGLE) this.endTurn();
      if (deferred.bytes === 0) this.#resumeReading();
    });
    return true;
  }

  /**
   * Ends the turn of the event that is being delivered: what follows is delivered in a later task, so
   * that code which awaited the event runs before.
   */
  endTurn(): void {
    const isFirst = this.#deferred === undefined;
    if (isFirst && this.#owner.link?.hasTurns) return;
    this.#isTurnOver = true;
    void this.#list; // what arrives from now on is deferred
    if (isFirst && this.#calls === 0) this.#schedule();
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

  /** Discards the deferred reports, and ends all pauses. */
  clear(): void {
    this.#reasons = 0;
    this.#deferred = undefined;
  }

  get #list(): Deferred {
    return this.#deferred ??= { reports: [], done: 0, bytes: 0, paused: false };
  }

  #pause(): void {
    this.#list.paused = true;
    this.#owner.link?.pause?.();
  }

  /** Resumes delivery, where no reason is left to pause it. */
  #resume(): void {
    if (this.#reasons !== 0) return;
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
    if (this.#reasons === 0 && this.#turn < TURN && held === 0) this.#owner.link?.resume?.();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const turn = (): void => {
      this.#deliver();
      this.#scheduled = false;
      if (this.#deferred?.paused === false) this.#schedule();
    };
    const { link } = this.#owner;
    if (link?.queueTurn === undefined) queueTask(turn);
    else link.queueTurn(turn);
  }

  /**
   * Delivers what is deferred, until a turn ends or delivery pauses. Where reading cannot pause, a flood
   * must not wait for turns: what is held is bounded.
   */
  #deliver(): void {
    this.#isTurnOver = false;
    const deferred = this.#deferred;
    while (deferred?.paused === false && this.#deferred === deferred) {
      if (this.#isTurnOver && deferred.bytes <= MAX_HELD_BYTES) break;
      if (deferred.done === deferred.reports.length) this.#deferred = undefined;
      else deferred.reports[deferred.done++]!();
    }
    if (deferred === undefined || deferred.done * 2 < deferred.reports.length) return;
    deferred.reports.splice(0, deferred.done); // by halves: each turn would move all that is left
    deferred.done = 0;
  }
}
