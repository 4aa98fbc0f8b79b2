/** How long the answer of a handler is waited for. @module */

/**
 * Watches for the client of a request that leaves before it is answered.
 *
 * @param left Called if it does.
 * @returns What ends the watch; `undefined` if there is nothing to end.
 */
export type Watch = (left: () => void) => (() => void) | undefined;

/** Why an answer is not waited for any more: its client has left, or it has taken too long. */
export type Impatience = "left" | "timeout";

/** What one handler is waited for with. */
export interface Patience {
  /** Watches for its client. */
  readonly watch: Watch;
  /** Calls back when the handler has taken too long; `undefined` for no limit. */
  readonly limit: ((callback: () => void) => () => void) | undefined;
  /** Told when the client leaves, and when time is up: of the latter also after the former. */
  gaveUp(why: Impatience): void;
  /** Told when the handler is done at last, after that. */
  done(): void;
  /** Told of what a handler throws, or fails to release, after that. */
  onError(error: unknown): void;
}

/**
 * Waits for the answer of a handler, until its client leaves or its time is up. What the handler
 * does after that is of no effect: its response is released, and its failure told.
 *
 * @returns The answer, or why it is not waited for.
 */
export function waitFor<T>(answer: PromiseLike<T>, patience: Patience): Promise<T | Impatience> {
  return new Promise((resolve, reject) => {
    let isWaiting = true;
    let unwatch: (() => void) | undefined = undefined; // a client may have left already
    let cancel: (() => void) | undefined = undefined;
    const giveUp = (why: Impatience): void => {
      isWaiting = false;
      unwatch?.();
      patience.gaveUp(why);
      resolve(why);
    };
    const end = (): void => {
      unwatch?.();
      cancel?.();
      if (!isWaiting) patience.done();
    };
    settled(answer).then((value) => {
      end();
      if (isWaiting) resolve(value);
      else release(value, patience);
    }, (error) => {
      end();
      if (isWaiting) reject(error);
      else patience.onError(error);
    }).catch((error) => patience.onError(error)); // for instance, a body whose cancel() throws
    unwatch = patience.watch(() => isWaiting && giveUp("left"));
    cancel = patience.limit?.(() => giveUp("timeout"));
  });
}

/** Settles once and in a later microtask, which other classes than Promise need not do. */
async function settled<T>(answer: PromiseLike<T>): Promise<T> {
  return await answer;
}

/** Lets go of the body of a response that nobody is sent. */
function release(value: unknown, { onError }: Patience): void {
  if (!(value instanceof Response) || value.body === null || value.body.locked) return;
  value.body.cancel().catch(onError);
}

/** Watches the signal of a request, which runtimes abort when its client leaves. */
export function watchSignal(signal: AbortSignal): Watch {
  return (left) => {
    if (signal.aborted) return void left();
    signal.addEventListener("abort", left);
    return () => signal.removeEventListener("abort", left);
  };
}

/** The time limits of a server's handlers. */
export class Deadlines {
  readonly #after: (callback: () => void) => () => void;
  readonly #callbacks: Set<() => void> = new Set();

  /**
   * Makes time limits that are all as long.
   *
   * @param after Calls back when one is over.
   */
  constructor(after: (callback: () => void) => () => void) {
    this.#after = after;
  }

  /**
   * Begins one.
   *
   * @param callback Called when it is over.
   * @returns What takes it back.
   */
  add(callback: () => void): () => void {
    const over = (): void => {
      takeBack();
      callback();
    };
    const takeBack = (): void => {
      this.#callbacks.delete(over);
      cancel();
    };
    const cancel = this.#after(over);
    this.#callbacks.add(over);
    return takeBack;
  }

  /** Ends all of them now: their timers would keep the process alive. */
  end(): void {
    for (const over of this.#callbacks) over();
  }
}
