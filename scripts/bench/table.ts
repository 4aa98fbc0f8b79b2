/** Results of the benchmarks, as rows of a table. @module */

import type { Runtime } from "../processes/runtime.ts";
import type { Contest } from "./contests.ts";
import type { Task, Turn } from "./task.ts";

/** Median and range of some ratios. */
export interface Spread {
  /** The median. */
  readonly median: number;
  /** The least. */
  readonly min: number;
  /** The greatest. */
  readonly max: number;
}

/** One comparison. */
export interface Row {
  /** Runtime of isosocket. */
  readonly runtime: Runtime;
  /** Title of the measurement. */
  readonly what: string;
  /** Name of what isosocket is compared with. */
  readonly beside: string;
  /** Unit of the costs. */
  readonly unit: Task["unit"];
  /** Medians of the other's turns. */
  readonly theirs: Turn;
  /** Medians of isosocket's turns. */
  readonly ours: Turn;
  /** Costs: theirs / ours, so that more is better. */
  readonly ratio: Spread;
  /** Messages per second: ours / theirs. */
  readonly rates?: Spread;
  /** Aims, in words; empty if there are none. */
  readonly aim: string;
  /** What isosocket must not have done, in words. */
  readonly fault?: string;
  /** Whether all aims are reached. */
  readonly reached: boolean;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function median(values: readonly number[]): number {
  const all = sorted(values);
  const half = all.length >> 1;
  return all.length % 2 === 1 ? all[half]! : (all[half - 1]! + all[half]!) / 2;
}

function spread(values: readonly number[]): Spread {
  const all = sorted(values);
  return { median: median(all), min: all[0]!, max: all.at(-1)! };
}

function ratesOf(turns: readonly Turn[]): number[] {
  return turns.flatMap(({ rate }) => rate ?? []);
}

function middle(turns: readonly Turn[]): Turn {
  const cost = median(turns.map((turn) => turn.cost));
  const rates = ratesOf(turns);
  return rates.length === 0 ? { cost } : { cost, rate: median(rates) };
}

/**
 * Makes the rows of a contest: one for each that stands beside isosocket.
 *
 * @param others Turns of each of them, in the order of the contest.
 */
export function rowsOf(
  runtime: Runtime,
  { task, beside, most }: Contest,
  turns: readonly Turn[],
  others: readonly (readonly Turn[])[],
): Row[] {
  const ours = middle(turns);
  const fault = turns.find((turn) => turn.fault !== undefined)?.fault;
  const isCheap = fault === undefined && ours.cost <= (most ?? Infinity);
  return beside.map(([{ name }, aim], which) => {
    const theirTurns = others[which]!;
    const ratio = spread(theirTurns.map(({ cost }, i) => cost / turns[i]!.cost));
    const ourRates = ratesOf(turns);
    const rates = ourRates.length === 0
      ? undefined
      : spread(ratesOf(theirTurns).map((rate, i) => ourRates[i]! / rate));
    const judged = task.judgedBy === "rate" ? rates! : ratio;
    const aims = [
      ...aim === 0 ? [] : [`${task.judgedBy === "rate" ? "msg/s " : ""}≥ ${+aim.toFixed(2)}`],
      ...most === undefined ? [] : [`≤ ${most} ${task.unit}`],
    ];
    return {
      runtime,
      what: task.title,
      beside: name,
      unit: task.unit,
      theirs: middle(theirTurns),
      ours,
      ratio,
      ...rates && { rates },
      aim: aims.join(", "),
      ...fault !== undefined && { fault },
      reached: judged.median >= aim && isCheap,
    };
  });
}

const WIDTHS = [9, 35, 21, 20, 20, 20, 20];

function line(cells: readonly string[]): string {
  return cells.map((cell, i) =>
    i < 3 ? cell.padEnd(WIDTHS[i]!) : i < WIDTHS.length ? cell.padStart(WIDTHS[i]!) : `   ${cell}`
  ).join("").trimEnd();
}

/** Header of the table. */
export const HEAD: string = line([
  "",
  "",
  "beside",
  "the other",
  "isosocket",
  "cost: other / iso",
  "msg/s: iso / other",
  "aim",
]);

function show({ cost, rate }: Turn, unit: Task["unit"]): string {
  const digits = unit === "µs" ? 2 : 1;
  const costs = `${cost.toFixed(digits).padStart(7)} ${unit}`;
  if (rate === undefined) return costs;
  return rate < 1000
    ? `${rate.toFixed(0)} /s ${costs}`
    : `${(rate / 1000).toFixed(0)} k/s ${costs}`;
}

function showSpread({ median, min, max }: Spread): string {
  const digits = median < 100 ? 2 : 0;
  return `${median.toFixed(digits)} [${min.toFixed(digits)}–${max.toFixed(digits)}]`;
}

/** Formats a row as a line of text. */
export function text(row: Row): string {
  return line([
    row.runtime,
    row.what,
    row.beside,
    show(row.theirs, row.unit),
    show(row.ours, row.unit),
    showSpread(row.ratio),
    row.rates === undefined ? "" : showSpread(row.rates),
    `${row.aim}${row.reached ? "" : "  below"}${row.fault === undefined ? "" : `: ${row.fault}`}`,
  ]);
}
