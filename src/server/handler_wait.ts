/** Waits for the response of a handler, until its client disconnects or its time is up. @module */

/**
 * Watches for the client of a request that disconnects before it is answered.
 *
 * @param onDisconnect Called if it does.
 * @returns Ends the watch; `undefined` if there is nothing to end.
 */
export type Watch = (onDisconnect: () => void) => (() => void) | undefined;

/**
 * Reason why a handler is no longer waited for: its client disconnected, it took longer than
 * `upgradeTimeout`, or its server closed.
 */
export type AbandonReason = "disconnected" | "timeout" | "closing";

/**
 * Starts a timeout.
 *
 * @param callback Called when the time is up, or earlier when the server closes.
 * @returns Cancels the timeout.
 */
export type StartTimeout = (callback: (reason: "timeout" | "closing") => void) => () => void;

/** Parameters and callbacks of {@linkcode waitForHandler}. */
export interface HandlerWait {
  /** Watches for a client that disconnects. */
  readonly watch: Watch;
  /** Starts the timeout of the handler; `undefined` for no limit. */
  readonly startTimeout: StartTimeout | undefined;
  /** Called when the client disconnects and when the time is up, which may happen after that. */
  abandoned(reason: AbandonReason): void;
  /** Called when an abandoned handler has settled. */
  settled(): void;
  /** Called with what an abandoned handler throws, or with a failure to cancel its response. */
  onError(error: unknown): void;
}

/**
 * Waits for the response of a handler, until its client disconnects or its time is up. What the
 * handler does after that has no effect: its response is cancelled, and its error is reported.
 *
 * @returns The response, or the reason why it is no longer waited for.
 */
export function waitForHandler<T>(
  response: PromiseLike<T>,
  wait: HandlerWait,
): Promise<T | AbandonReason> {
  return new Promise((resolve, reject) => {
    let isWaiting = true;
    let unwatch: (() => void) | undefined = undefined; // a client may have disconnected already
    let cancel: (() => void) | undefined = undefined;
    const abandon = (reason: AbandonReason): void => {
      isWaiting = false;
      unwatch?.();
      wait.abandoned(reason);
      resolve(reason);
    };
    const end = (): void => {
      unwatch?.();
      cancel?.();
      if (!isWaiting) wait.settled();
    };
    // A thenable that is not the platform's may call back at once, or twice.
    Promise.resolve(response).then((value) => {
      end();
      if (isWaiting) resolve(value);
      else cancelBody(value, wait);
    }, (error) => {
      end();
      if (isWaiting) reject(error);
      else wait.onError(error);
    });
    unwatch = wait.watch(() => isWaiting && abandon("disconnected"));
    cancel = wait.startTimeout?.(abandon);
  });
}

/** Cancels the body of a response that is not sent. */
function cancelBody(value: unknown, { onError }: HandlerWait): void {
  try {
    if (!(value instanceof Response) || value.body === null || value.body.locked) return;
    value.body.cancel().catch(onError);
  } catch (error) { // a handler may return anything, also an object whose getters throw
    onError(error);
  }
}

/** Error of a socket whose client disconnected before the opening handshake was complete. */
export function clientLeft(): Error {
  return new Error("The client left, or sent messages, before it was answered");
}

/** Watches the signal of a request, which runtimes abort when its client disconnects. */
export function watchSignal(signal: AbortSignal): Watch {
  return (onDisconnect) => {
    if (signal.aborted) return void onDisconnect();
    signal.addEventListener("abort", onDisconnect);
    return () => signal.removeEventListener("abort", onDisconnect);
  };
}

/** Timeouts of a server's handlers. */
export class UpgradeTimeouts {
  readonly #after: (callback: () => void) => () => void;
  readonly #running: Set<(reason: "timeout" | "closing") => void> = new Set();

  /**
   * Creates timeouts of equal length.
   *
   * @param after Calls back when a timeout is over, and returns a function that cancels it.
   */
  constructor(after: (callback: () => void) => () => void) {
    this.#after = after;
  }

  /** Starts one. */
  readonly start: StartTimeout = (callback) => {
    const end = (reason: "timeout" | "closing"): void => {
      cancel();
      callback(reason);
    };
    const cancel = (): void => {
      this.#running.delete(end);
      cancelTimer();
    };
    const cancelTimer = this.#after(() => end("timeout"));
    this.#running.add(end);
    return cancel;
  };

  /** Ends all of them, as the server has closed: their timers would keep the process alive. */
  end(): void {
    for (const end of this.#running) end("closing");
  }
}
