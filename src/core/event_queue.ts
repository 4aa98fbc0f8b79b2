/**
 * Delivers what a runtime reports of a connection: in its order, never during a call, and no more
 * than the program is ready for.
 *
 * @module
 */

import type { Link } from "./link.ts";
import type { PauseReason } from "./pause_reason.ts";
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

/** What an event queue needs of its connection. */
export interface EventQueueOwner {
  /** Link whose reading is paused with the queue. */
  readonly link: Link | undefined;
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
  /** Settles with the asynchronous `open` listeners for which delivery is paused. */
  #openListeners: Promise<unknown> | undefined;
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
  get awaitsOpenListeners(): boolean {
    return this.#openListeners !== undefined;
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
    if (this.#deferred !== undefined) {
      this.#deferred.reports.push(report);
      return;
    }
    this.#deferred = { reports: [report], bytes: 0, paused: false };
    if (this.#calls === 0) this.#schedule();
  }

  /**
   * Defers the delivery of a message.
   *
   * @returns `false` if too many bytes are held already.
   */
  deferMessage(data: string | ArrayBuffer): boolean {
    const before = this.#heldBytes;
    const bytes = Math.max(MIN_HELD, typeof data === "string" ? data.length : data.byteLength);
    if (before >= MAX_HELD_BYTES) return false; // a long message may come: maxPayload bounds it
    this.defer(() => {
      deferred.bytes -= bytes;
      this.#owner.deliver(data);
      if (deferred.bytes === 0) this.#resumeReading();
    });
    const deferred = this.#deferred!;
    deferred.bytes += bytes;
    if (this.#openListeners !== undefined && deferred.bytes > PAUSE_BYTES) {
      this.#owner.link?.pause?.();
    }
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
      const isFull = this.#heldBytes > (this.#openListeners === undefined ? 0 : PAUSE_BYTES);
      if (this.#reasons === 0 && !isFull) this.#owner.link?.resume?.();
    });
  }

  /**
   * Adds or removes reasons to pause. Delivery resumes when none is left.
   *
   * @param opened Whether the socket was opened. Before, reasons take effect with
   * {@linkcode EventQueue.open}.
   */
  setPaused(paused: boolean, reasons: PauseReason, opened: boolean): void {
    const before = this.#reasons;
    this.#reasons = paused ? before | reasons : before & ~reasons;
    if (this.#reasons === before || !opened) return;
    if (before === 0) this.#pauseDelivery();
    if (this.#reasons === 0 && this.#openListeners === undefined) this.#resumeDelivery();
  }

  /** Begins to pause for what reasons there are. */
  open(): void {
    if (this.#reasons !== 0) this.#pauseDelivery();
  }

  /** Adds an asynchronous `open` listener that delivery waits for. */
  addOpenListener(settled: Promise<unknown>): void {
    this.#openListeners = this.#openListeners === undefined
      ? settled
      : Promise.allSettled([this.#openListeners, settled]);
  }

  /** Pauses delivery until the asynchronous `open` listeners have settled, if there are any. */
  waitForOpenListeners(): void {
    if (this.#openListeners === undefined) return;
    this.#pause();
    const settled = (): void => this.forgetOpenListeners();
    this.#openListeners.then(settled, settled);
  }

  /** Waits for no `open` listener any longer. */
  forgetOpenListeners(): void {
    if (this.#openListeners === undefined) return;
    this.#openListeners = undefined;
    if (this.#reasons === 0) this.#resumeDelivery();
  }

  /** Discards the deferred reports, and ends all pauses. */
  clear(): void {
    this.#openListeners = undefined;
    this.#reasons = 0;
    this.#deferred = undefined;
  }

  get #heldBytes(): number {
    return this.#deferred?.bytes ?? 0;
  }

  #pause(): void {
    this.#deferred ??= { reports: [], bytes: 0, paused: true };
    this.#deferred.paused = true;
  }

  #pauseDelivery(): void {
    this.#pause();
    this.#owner.link?.pause?.();
  }

  #resumeDelivery(): void {
    this.#resumeReading();
    if (this.#deferred !== undefined) this.#deferred.paused = false;
    this.#schedule();
  }

  /**
   * Resumes reading from the network, where nothing hinders it. What is held is delivered first: for a
   * program that takes one message at a time, a runtime would read megabytes each time.
   */
  #resumeReading(): void {
    if (this.#reasons !== 0 || this.#openListeners !== undefined || this.#heldBytes > 0) return;
    if (this.#turn < TURN) this.#owner.link?.resume?.();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueTask(() => {
      this.#run();
      this.#scheduled = false;
      if (this.#deferred?.paused === false) this.#schedule();
    });
  }

  #run(): void {
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    const { reports } = deferred;
    let done = 0;
    while (this.#deferred === deferred && !deferred.paused) {
      if (done === reports.length) this.#deferred = undefined;
      else reports[done++]!();
    }
    reports.splice(0, done); // what is left after a pause
  }
}
