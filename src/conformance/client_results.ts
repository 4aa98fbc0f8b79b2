/**
 * The results of one client that is judged, under the name that it gives itself.
 *
 * @module
 */

import type { Case } from "./case.ts";
import { lost, skipped } from "./player/play.ts";
import type { Result, Run } from "./result.ts";

/** Properties of a run that do not depend on the client. */
export type RunFrame = Pick<Run, "target" | "seed" | "full" | "strict" | "runtime">;

/** Collects the results of one client. */
export class ClientResults {
  readonly #agent: string;
  readonly #started = new Date().toISOString();
  readonly #begun = performance.now();
  readonly #results = new Map<Case, Result>();
  readonly #waiters = new Set<() => void>();
  #lastAt = this.#begun;

  /** The Sec-WebSocket-Key of each of its connections. */
  readonly keys: Set<string> = new Set();

  /** @param agent Name of the client. */
  constructor(agent: string) {
    this.#agent = agent;
  }

  /** The case that was played last, whether or not it has ended. */
  last: Case | undefined;

  /** Adds the result of a case, instead of an earlier one. */
  add(test: Case, result: Result): void {
    this.#results.set(test, result);
    this.#lastAt = performance.now();
    for (const check of this.#waiters) check();
  }

  /** Waits up to `timeout` ms for the result of a case. */
  wait(test: Case, timeout: number): Promise<Result | undefined> {
    return new Promise((resolve) => {
      const finish = (result?: Result): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        resolve(result);
      };
      const check = (): void => {
        const result = this.#results.get(test);
        if (result !== undefined) finish(result);
      };
      const timer = setTimeout(finish, timeout);
      this.#waiters.add(check);
      check();
    });
  }

  /**
   * Returns the run of this client.
   *
   * @param selected The cases that were selected, in order.
   * @param isAborted Whether the run was interrupted.
   * @param fault Reason why the judge itself failed, if it did.
   * @param crash How the client ended, if it did so by itself.
   */
  toRun(
    frame: RunFrame,
    selected: readonly Case[],
    isAborted: boolean,
    fault: string | undefined,
    crash: string | undefined,
  ): Run {
    const isComplete = this.#results.size === selected.length;
    const culprit = isComplete || isAborted || crash === undefined ? undefined : this.last;
    const unfinished = isAborted ? "Interrupted" : "The client left before the last case";
    return {
      format: "isosocket-judge/1",
      agent: this.#agent,
      subject: "client",
      target: frame.target,
      started: this.#started,
      ms: Math.round(this.#lastAt - this.#begun),
      seed: frame.seed,
      ...(frame.full !== undefined && { full: frame.full }),
      strict: frame.strict,
      selected: selected.length,
      stopped: fault ?? (isComplete ? null : unfinished),
      runtime: frame.runtime,
      results: selected.flatMap((test) => {
        const result = this.#results.get(test) ?? (test === culprit ? skipped(test, "") : []);
        return test === culprit && !Array.isArray(result)
          ? lost(result, "client", `The client crashed: ${crash}`)
          : result;
      }),
    };
  }
}
