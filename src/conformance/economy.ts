/**
 * Fits cases to the time of a run, and to the pace of a server.
 *
 * @module
 */

import type { Case } from "./case.ts";
import type { Step } from "./step.ts";
import type { Item } from "./wire/frame.ts";

/** Number of rounds of an exchange, unless the run is full. */
export const ROUNDS = 10;

/** Milliseconds that a server may need for the answers of one case, unless the run is full. */
const AFFORDABLE = 60_000;

/** Number of answers of a connection that is opened to see whether the server lives. */
const ALIVE = 3;

/** Shortens long exchanges: ten rounds take the same path as a thousand, with less data. */
export function shortened(test: Case): Case {
  if (!test.steps.some((step) => step.do === "exchange" && step.times > ROUNDS)) return test;
  const steps = test.steps.map((step) =>
    step.do === "exchange" ? { ...step, times: Math.min(step.times, ROUNDS) } : step
  );
  return { ...test, steps };
}

/** The server, as far as it decides which cases can be played. */
export interface Pace {
  /** Milliseconds that each echo costs, of many. */
  readonly cost: number;

  /** Whether it serves one connection only at a time. */
  readonly isLonely: boolean;

  /** Milliseconds that one case may take. */
  readonly budget: number;

  /** Whether the run is full. */
  readonly full: boolean;
}

/** Returns the reason why a case is not played; `undefined` if it is. */
export function reasonToSkip(
  test: Case,
  { cost, isLonely, budget, full }: Pace,
): string | undefined {
  if (isLonely && needsTwo(test.steps)) return "The server serves one connection at a time";
  const answers = answersOf(test.steps);
  const affordable = full ? budget : Math.min(budget, AFFORDABLE);
  if (answers * cost <= affordable) return undefined;
  return `It needs ${answers} answers, and the server takes ${Math.round(cost)} ms for one`;
}

/** Returns the number of answers that steps ask for, at most. */
function answersOf(steps: readonly Step[]): number {
  let sum = 0;
  for (const step of steps) {
    if (step.do === "send") sum += (step.times ?? 1) * answered(step.items);
    else if (step.do === "exchange") sum += step.times;
    else if (step.do === "expect-alive") sum += ALIVE * (step.connections ?? 1);
    else if (step.do === "either") sum += Math.max(...step.ways.map((way) => answersOf(way.steps)));
  }
  return sum;
}

/** Returns the number of items that are answered: pings, and the last frames of messages. */
function answered(items: readonly Item[]): number {
  return items.filter((item) =>
    "opcode" in item && (item.opcode === 0x9 || item.opcode < 0x8 && item.fin !== false)
  ).length;
}

/** Whether steps open a connection beside the case's own. */
function needsTwo(steps: readonly Step[]): boolean {
  for (const step of steps) {
    if (step.do === "expect-alive") return true;
    if (ends(step)) {
      return steps.some((one) => one.do === "expect-alive" && (one.connections ?? 1) > 1);
    }
  }
  return false;
}

/** Whether the case's own connection is over after a step. */
function ends(step: Step): boolean {
  if (step.do === "either") return step.ways.every((way) => way.steps.some(ends));
  return ["hang-up", "expect-close", "expect-failure", "expect-end", "expect-refusal"]
    .includes(step.do);
}
