/**
 * Plays cases against a server, some at the same time, and finds the culprit of what hurts several:
 * a crash, or a server that is busy for a while.
 *
 * What one case does to the server may show in another. So a result that another case may have
 * caused counts only after a replay alone, against a server that has answered a plain handshake.
 *
 * @module
 */

import type { Case } from "./case.ts";
import type { Target } from "./player/context.ts";
import { lost, type Played, playOnce } from "./player/play.ts";
import { causeOf } from "./report/causes.ts";
import { casesInWords } from "./report/tally.ts";
import type { Result } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import { complaintAbout, refusalOf } from "./server_probe.ts";

/** Milliseconds that a supervisor, or the judge itself, has to start the server again. */
const BACK = 5000;

/** Number of timeouts for which a server may be busy with the case before. */
const BUSY = 10;

/** Milliseconds after its connections within which the process of a server is seen to end. */
const SETTLE = 60;

/** Milliseconds within which connections that are dropped are dropped for one reason. */
const TOGETHER = 50;

/** Number of cases that were over, and may have caused what is seen now. */
const RECENT = 4;

/** Number of replays after which other timeouts of the same cause count at once. */
const CONFIRMED = 3;

/** Number of crashes after which the judge gives up. */
const MAX_CRASHES = 40;

/** Factor of the timeout of a replay. */
const REPLAY = 2;

/** State of the server after trouble. */
interface Standing {
  /** Why it was away: a sentence without its subject; `undefined` if it was not. */
  readonly crash?: string;

  /** Whether it still ran but answered nobody. */
  readonly isHung?: boolean;

  /** Why it is still away; `undefined` if it serves. */
  readonly away?: string;
}

/** A case that was played, and its result. */
interface Suspect extends Played {
  readonly test: Case;
}

/** Plays the cases of one run. */
export class ServerSchedule {
  readonly #target: Target;
  readonly #options: RunOptions;
  readonly #results = new Map<Case, Result>();
  readonly #underWay = new Set<Case>();
  #recent: Case[] = [];
  #drops: { readonly test: Case; readonly at: number }[] = [];
  #suspects: Suspect[] = [];
  #isDisturbed = false;
  #crashes = 0;
  #stopped: string | null = null;

  /** Number of replays that confirmed a timeout, by cause; `null` where one did not. */
  readonly #confirmed = new Map<string, number | null>();

  /** @param target The server. */
  constructor(target: Target, options: RunOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Reason why the run was cut short; `null` if it was not. */
  get stopped(): string | null {
    return this.#isAborted ? "Interrupted" : this.#stopped;
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  get #isOver(): boolean {
    return this.#stopped !== null || this.#isAborted;
  }

  /** Returns the results so far, in no particular order. */
  results(): Result[] {
    return [...this.#results.values()];
  }

  /** Plays cases, `jobs` at the same time. */
  async play(cases: readonly Case[], jobs: number): Promise<void> {
    const queue = [...cases];
    while (queue.length > 0 && !this.#isOver) {
      this.#isDisturbed = false;
      await Promise.all(Array.from({ length: Math.max(1, jobs) }, () => this.#work(queue)));
      if (this.#isDisturbed && !this.#isAborted) await this.#recover();
    }
  }

  /** Records a result without playing the case. */
  record(test: Case, result: Result): void {
    this.#results.set(test, result);
    this.#options.onResult?.(result);
  }

  async #work(queue: Case[]): Promise<void> {
    while (!this.#isDisturbed && !this.#isOver) {
      const test = queue.shift();
      if (test === undefined) return;
      this.#underWay.add(test);
      this.#options.onPlay?.(test.id);
      const played = await playOnce(test, this.#target);
      if (this.#isAborted) return;
      const isSuspect = await this.#isSuspect(test, played);
      this.#underWay.delete(test);
      if (isSuspect) {
        this.#isDisturbed = true;
        this.#suspects.push({ test, ...played });
      } else {
        this.record(test, played.result);
      }
      this.#recent = [...this.#recent.slice(-4 * RECENT), test];
    }
  }

  /** Whether another case may have caused a result. */
  async #isSuspect(test: Case, { result, trouble }: Played): Promise<boolean> {
    const { server } = this.#options;
    if (trouble === undefined) return server?.ended !== undefined;
    if (trouble === "refused") return true;
    if (trouble === "timeout") {
      return (this.#confirmed.get(causeOf(result)) ?? 0) < CONFIRMED;
    }
    const at = performance.now();
    this.#drops = [...this.#drops.filter((drop) => at - drop.at < 2 * TOGETHER), { test, at }];
    // The others that a crash drops have time to notice, and a process has time to end.
    await new Promise((resolve) =>
      setTimeout(resolve, server || this.#underWay.size > 1 ? SETTLE : 0)
    );
    const isOneOfSeveral = this.#drops.some((drop) =>
      drop.test !== test && Math.abs(drop.at - at) < TOGETHER
    );
    return isOneOfSeveral || this.#isDisturbed || server?.ended !== undefined ||
      await refusalOf(this.#target) !== null;
  }

  /** Waits until the server serves again, starts it again if need be, and replays the suspects. */
  async #recover(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    this.#drops = [];
    const standing = await this.#stand();
    const { crash, isHung = false, away } = standing;
    const wasLost = crash !== undefined || isHung;
    if (away !== undefined) return this.#giveUp(suspects, standing);
    const before = wasLost
      ? this.#recent.filter((test) => !suspects.some((suspect) => suspect.test === test))
        .slice(-RECENT).map((test) => ({ test }))
      : [];
    let isFound = false;
    for (const { test } of [...suspects, ...before]) {
      if (this.#isOver) return;
      // A culprit that is found explains what came before it.
      if (isFound && this.#results.has(test)) continue;
      if (await this.#replay(test, wasLost)) isFound = true;
    }
    if (!wasLost || isFound || this.#isOver) return;
    const names = suspects.map(({ test }) => test.id);
    const others = suspects.length > 1 ? `; under way were ${names.join(", ")}` : "";
    for (const { test, result } of suspects) {
      const how = crash === undefined ? "stopped serving" : `crashed: ${crash}`;
      const again = "It did not do so again when this case was played alone";
      this.record(test, lost(result, "server", `The server ${how}${others}. ${again}`));
    }
  }

  /**
   * Plays a case alone.
   *
   * @param isLookedAfter Whether to look for the server afterwards, whatever the result.
   * @returns Whether the case is the culprit.
   */
  async #replay(test: Case, isLookedAfter: boolean): Promise<boolean> {
    const known = this.#results.get(test);
    this.#options.onPlay?.(test.id);
    const timeout = this.#target.timeout * REPLAY;
    const { result, trouble } = await playOnce(test, { ...this.#target, timeout });
    if (this.#isAborted) return false;
    const mayBeLost = isLookedAfter || trouble !== undefined;
    const standing = mayBeLost ? await this.#stand() : {};
    if (standing.crash !== undefined || standing.isHung) {
      this.#crashes++;
      const note = standing.crash === undefined
        ? "The server serves nobody any more after this case"
        : `The server crashed: ${standing.crash}`;
      this.record(test, lost(result, "server", note));
      if (standing.away !== undefined) this.#stop(standing.away, test);
      else if (this.#crashes >= MAX_CRASHES) {
        this.#stopped ??= `The server crashed in ${casesInWords(this.#crashes)}`;
      }
      return true;
    }
    if (known !== undefined) return false;
    if (trouble === "timeout") {
      const cause = causeOf(result);
      const count = this.#confirmed.get(cause);
      if (count !== null) this.#confirmed.set(cause, (count ?? 0) + 1);
    }
    this.record(test, result);
    return false;
  }

  /** Fails what was under way when the server went, and ends the run. */
  #giveUp(suspects: readonly Suspect[], { crash, away }: Standing): void {
    const names = suspects.map(({ test }) => test.id);
    for (const { test, result } of suspects) {
      const others = names.length > 1 ? `; under way were ${names.join(", ")}` : "";
      this.record(test, lost(result, "server", `The server is gone: ${crash ?? away}${others}`));
    }
    this.#stop(away!, suspects.at(-1)?.test);
  }

  #stop(away: string, test: Case | undefined): void {
    this.#stopped ??= `The server is gone since ${test?.id ?? "the last case"}: ${away}`;
  }

  /** Looks whether the server serves, and waits until it does. */
  async #stand(): Promise<Standing> {
    const { server } = this.#options;
    const target = this.#target;
    let crash: string | undefined;
    const begun = performance.now();
    // A process tells; else a moment without anybody who listens has to be caught.
    do {
      const isAway = server === undefined && await isRefused(target);
      crash = server?.ended ?? (isAway ? `nothing listens on ${target.host} any more` : undefined);
      if (crash === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    } while (crash === undefined && performance.now() - begun < SETTLE);
    let wasSilent = false;
    const busy = BUSY * target.timeout;
    while (crash === undefined && !this.#isAborted) {
      const refusal = await refusalOf(target);
      const complaint = refusal?.message ?? await complaintAbout(target);
      if (complaint === null) return {};
      const waited = performance.now() - begun;
      crash = server?.ended;
      if (waited > (wasSilent ? busy : BACK)) {
        if (server === undefined) return { isHung: true, away: complaint };
        break;
      }
      wasSilent ||= refusal === null || refusal.timedOut;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const state = crash === undefined ? { isHung: true } : { crash };
    if (server !== undefined) {
      const problem = await server.restart().then(() => null, (error: Error) => error.message);
      if (problem !== null) return { ...state, away: problem };
    }
    let away: string | null = null;
    const restarted = performance.now();
    do {
      if (server?.ended !== undefined) return { ...state, away: server.ended };
      away = await complaintAbout(target);
      if (away === null) return state;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } while (performance.now() - restarted < (server ? busy : BACK) && !this.#isAborted);
    return { ...state, away };
  }
}

/** Whether nothing listens. */
async function isRefused(target: Target): Promise<boolean> {
  const refusal = await refusalOf(target);
  return refusal !== null && !refusal.timedOut;
}
