/** Results of the benchmarks, as rows of a table. @module */

import type { Runtime } from "../processes/runtime.ts";
import { type FanOut, SIZE } from "./audience.ts";
import type { LoadShape } from "./load.ts";
import type { BareAndOurs, Turn } from "./measure.ts";

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
  /** Runtime of the servers. */
  readonly runtime: Runtime;
  /** Title of the measurement. */
  readonly what: string;
  /** Medians of the bare server's turns; for memory, bytes for each connection. */
  readonly bare: Turn | number;
  /** The same for isosocket's server. */
  readonly ours: Turn | number;
  /** CPU: bare / ours, so that more is better. Memory: ours / bare, so that less is better. */
  readonly ratio: Spread;
  /** Messages per second: ours / bare. */
  readonly rates?: Spread;
  /** Aim, in words; empty for an engine that is not chosen for speed. */
  readonly aim: string;
  /** Whether the aim is reached. */
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

/** Returns the title of a load of messages. */
export function name({ kind, size, inFlight }: LoadShape): string {
  const bytes = size < 1024 ? `${size} B` : `${size / 1024} KiB`;
  return `${bytes} ${kind}, ${inFlight} in flight`;
}

/** Returns the title of a load of publications. */
export function fanOutName({ subscribers, perTick }: FanOut): string {
  return `${SIZE} B to ${subscribers}, ${perTick} a tick`;
}

/** Makes the row of a measurement of CPU time. */
export function comparison(
  runtime: Runtime,
  what: string,
  pairs: readonly BareAndOurs<Turn>[],
  aim: number,
): Row {
  const middle = (which: 0 | 1): Turn => ({
    rate: median(pairs.map((pair) => pair[which].rate)),
    cpu: median(pairs.map((pair) => pair[which].cpu)),
  });
  const ratio = spread(pairs.map(([bare, ours]) => bare.cpu / ours.cpu));
  return {
    runtime,
    what,
    bare: middle(0),
    ours: middle(1),
    ratio,
    rates: spread(pairs.map(([bare, ours]) => ours.rate / bare.rate)),
    aim: aim === 0 ? "" : `≥ ${aim}`,
    reached: ratio.median >= aim,
  };
}

/** Makes the row of a measurement of speed. */
export function speedRow(
  runtime: Runtime,
  shape: LoadShape,
  pairs: readonly BareAndOurs<Turn>[],
): Row {
  const wanted = runtime.startsWith("node") && shape.inFlight > 1 ? 2.5 : 0.95;
  return comparison(runtime, name(shape), pairs, runtime.endsWith("-tcp") ? 0 : wanted);
}

/** Makes the row of the cost of limits and counts: the "bare" server is isosocket's without them. */
export function limitsRow(
  runtime: Runtime,
  shape: LoadShape,
  pairs: readonly BareAndOurs<Turn>[],
): Row {
  return comparison(runtime, `limits: ${name(shape)}`, pairs, 0.97);
}

/** Makes the row of a measurement of publishing. */
export function fanOutRow(
  runtime: Runtime,
  shape: FanOut,
  pairs: readonly BareAndOurs<Turn>[],
): Row {
  const wanted = !runtime.startsWith("node") ? 0.95 : shape.perTick === 1 ? 1.25 : 3;
  return comparison(runtime, fanOutName(shape), pairs, runtime.endsWith("-tcp") ? 0 : wanted);
}

/** Makes the row of a measurement of memory. */
export function memoryRow(
  runtime: Runtime,
  connections: number,
  pairs: readonly BareAndOurs<number>[],
): Row {
  const ours = median(pairs.map((pair) => pair[1]));
  const ratio = spread(pairs.map(([bare, ours]) => ours / bare));
  const [aim, reached] = runtime.endsWith("-tcp")
    ? ["", true]
    : runtime === "bun"
    ? ["≤ 3.2 kB", ours <= 3200]
    : ["≤ 1.2", ratio.median <= 1.2];
  return {
    runtime,
    what: `memory, ${connections} idle`,
    bare: median(pairs.map((pair) => pair[0])),
    ours,
    ratio,
    aim,
    reached,
  };
}

const WIDTHS = [8, 28, 19, 19, 20, 20];

function line(cells: readonly string[]): string {
  return cells.map((cell, i) =>
    i < 2 ? cell.padEnd(WIDTHS[i]!) : i < WIDTHS.length ? cell.padStart(WIDTHS[i]!) : `   ${cell}`
  ).join("").trimEnd();
}

/** Header of the table. */
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
  if (typeof value === "number") return `${(value / 1000).toFixed(1)} kB`;
  const { rate, cpu } = value;
  const messages = rate < 1000 ? `${rate.toFixed(0)} /s` : `${(rate / 1000).toFixed(0)} k/s`;
  return `${messages} ${cpu.toFixed(2).padStart(6)} µs`;
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
    show(row.bare),
    show(row.ours),
    showSpread(row.ratio),
    row.rates === undefined ? "" : showSpread(row.rates),
    `${row.aim}${row.reached ? "" : "  below"}`,
  ]);
}
