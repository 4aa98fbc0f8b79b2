/** What the benchmarks say, in rows. @module */

import type { Runtime } from "../processes/runtime.ts";
import type { Shape } from "./load.ts";
import type { Pair, Turn } from "./measure.ts";

/** The middle of some ratios, and how far they lie apart. */
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
  /** Where. */
  readonly runtime: Runtime;
  /** What. */
  readonly what: string;
  /** Medians of what each server did: for memory, bytes for each connection, in `cpu`'s place. */
  readonly bare: Turn | number;
  /** The same for isosocket. */
  readonly ours: Turn | number;
  /** CPU: bare by ours, so that more is better. Memory: ours by bare, so that less is better. */
  readonly ratio: Spread;
  /** Messages per second: ours by bare. */
  readonly rates?: Spread;
  /** What is aimed at, in words. */
  readonly aim: string;
  /** Whether it is reached. */
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

/** Names what is sent. */
export function name({ kind, size, inFlight }: Shape): string {
  const bytes = size < 1024 ? `${size} B` : `${size / 1024} KiB`;
  return `${bytes} ${kind}, ${inFlight} in flight`;
}

/** The row of a measurement of speed. */
export function speedRow(
  runtime: Runtime,
  shape: Shape,
  pairs: readonly Pair<Turn>[],
): Row {
  const middle = (which: 0 | 1): Turn => ({
    rate: median(pairs.map((pair) => pair[which].rate)),
    cpu: median(pairs.map((pair) => pair[which].cpu)),
  });
  const ratio = spread(pairs.map(([bare, ours]) => bare.cpu / ours.cpu));
  const aim = runtime.startsWith("node") && shape.inFlight > 1 ? 2.5 : 0.95;
  return {
    runtime,
    what: name(shape),
    bare: middle(0),
    ours: middle(1),
    ratio,
    rates: spread(pairs.map(([bare, ours]) => ours.rate / bare.rate)),
    aim: `≥ ${aim}`,
    reached: ratio.median >= aim,
  };
}

/** The row of a measurement of memory. */
export function memoryRow(
  runtime: Runtime,
  connections: number,
  pairs: readonly Pair<number>[],
): Row {
  const ours = median(pairs.map((pair) => pair[1]));
  const ratio = spread(pairs.map(([bare, ours]) => ours / bare));
  return {
    runtime,
    what: `memory, ${connections} idle`,
    bare: median(pairs.map((pair) => pair[0])),
    ours,
    ratio,
    aim: runtime === "bun" ? "≤ 3.2 kB" : "≤ 1.2",
    reached: runtime === "bun" ? ours <= 3200 : ratio.median <= 1.2,
  };
}

const WIDTHS = [8, 28, 19, 19, 20, 20];

function line(cells: readonly string[]): string {
  return cells.map((cell, i) =>
    i < 2 ? cell.padEnd(WIDTHS[i]!) : i < WIDTHS.length ? cell.padStart(WIDTHS[i]!) : `   ${cell}`
  ).join("").trimEnd();
}

/** The line above the rows. */
export const HEAD: string = line([
  "",
  "",
  "bare",
  "isosocket",
  "CPU or memory ratio",
  "msg/s ratio",
  "aim",
]);

function show(value: Turn | number): string {
  return typeof value === "number"
    ? `${(value / 1000).toFixed(1)} kB`
    : `${(value.rate / 1000).toFixed(0)} k/s ${value.cpu.toFixed(2).padStart(6)} µs`;
}

function showSpread({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} [${min.toFixed(2)}–${max.toFixed(2)}]`;
}

/** A row as a line of text. */
export function text(row: Row): string {
  return line([
    row.runtime,
    row.what,
    show(row.bare),
    show(row.ours),
    showSpread(row.ratio),
    row.rates === undefined ? "" : showSpread(row.rates),
    `${row.aim}${row.reached ? "" : "  below"}`,
  ]);
}
