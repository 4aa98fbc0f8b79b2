/** How long the answer of a handler is waited for. @module */

/**
 * Watches for the client of a request that leaves before it is answered.
 *
 * @param left Called if it does.
 * @returns What ends the watch; `undefined` if there is nothing to end.
 */
export type Watch = (left: () => void) => (() => void) | undefined;

/**
 * Why an answer is not waited for any more: its client has left, it has taken too long, or its server
 * has closed.
 */
export type Impatience = "left" | "timeout" | "closing";

/**
 * Begins a time limit.
 *
 * @param callback Called when it is over, or when the server has closed before.
 * @returns What takes it back.
 */
export type Limit = (callback: (why: "timeout" | "closing") => void) => () => void;

/** What one handler is waited for with. */
export interface Patience {
  /** Watches for its client. */
  readonly watch: Watch;
  /** The time limit of the handler; `undefined` for none. */
  readonly limit: Limit | undefined;
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
    // What a handler returns may be no promise of the platform's, and call back at once, or twice.
    Promise.resolve(answer).then((value) => {
      end();
      if (isWaiting) resolve(value);
      else release(value, patience);
    }, (error) => {
      end();
      if (isWaiting) reject(error);
      else patience.onError(error);
    });
    unwatch = patience.watch(() => isWaiting && giveUp("left"));
    cancel = patience.limit?.(giveUp);
  });
}

/** Lets go of the body of a response that nobody is sent. */
function release(value: unknown, { onError }: Patience): void {
  try {
    if (!(value instanceof Response) || value.body === null || value.body.locked) return;
    value.body.cancel().catch(onError);
  } catch (error) { // whatever a handler returns, it may throw when it is asked
    onError(error);
  }
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
  readonly #callbacks: Set<(why: "timeout" | "closing") => void> = new Set();

  /**
   * Makes time limits that are all as long.
   *
   * @param after Calls back when one is over.
   */
  constructor(after: (callback: () => void) => () => void) {
    this.#after = after;
  }

  /** Begins one. */
  readonly add: Limit = (callback) => {
    const over = (why: "timeout" | "closing"): void => {
      takeBack();
      callback(why);
    };
    const takeBack = (): void => {
      this.#callbacks.delete(over);
      cancel();
    };
    const cancel = this.#after(() => over("timeout"));
    this.#callbacks.add(over);
    return takeBack;
  };

  /** Ends all of them now, as the server has closed: their timers would keep the process alive. */
  end(): void {
    for (const over of this.#callbacks) over("closing");
  }
}
