/** Time that a test drives. @module */

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock {
  #now = 1_000_000;
  readonly #timers: Set<Timer> = new Set();

  /** The time, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /** Calls back when the time has come; returns what takes the call back. */
  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How long until each timer, in milliseconds, the next first. */
  get timers(): number[] {
    return [...this.#timers].map(({ due }) => due - this.#now).toSorted((a, b) => a - b);
  }

  /** Lets time pass. Each timer is called when it is due. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next; (next = this.#next(end)) !== undefined;) {
      this.#now = Math.max(this.#now, next.due);
      this.#call(next);
    }
    this.#now = end;
  }

  /** Lets time pass as in sleep: timers that were due meanwhile are called late, at the end. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds;
    const late = [...this.#timers].filter(({ due }) => due <= this.#now);
    for (const timer of late) if (this.#timers.has(timer)) this.#call(timer);
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0];
  }

  #call(timer: Timer): void {
    this.#timers.delete(timer);
    timer.callback();
  }
}
