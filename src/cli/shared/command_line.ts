/** Reads the arguments of a command, and says what is wrong with them. @module */

import process from "node:process";
import { parseArgs } from "node:util";
import { OK } from "./exit_code.ts";
import { printable } from "./printable.ts";

/** Arguments that make no sense: exit code 2. */
export class UsageError extends Error {
  /** How it is done right: one line. */
  readonly usage: string;

  /**
   * Makes an error.
   *
   * @param message What is wrong.
   * @param usage How it is done right: one line.
   */
  constructor(message: string, usage: string) {
    super(message);
    this.name = "UsageError";
    this.usage = usage;
  }
}

/**
 * Prints what was asked for.
 *
 * @returns The exit code.
 */
export function print(text: string): number {
  process.stdout.write(text);
  return OK;
}

/** Writes a line to stderr. What of it a terminal would obey becomes visible. */
export function complain(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** The options of a command: by its long name, what each takes, and its letter. */
export type Options = Readonly<Record<string, OptionKind>>;

/** What an option takes. */
export interface OptionKind {
  /** A flag takes nothing, a string option one value. */
  readonly type: "boolean" | "string";
  /** One letter for it. */
  readonly short?: string;
  /** Whether all of its values count, and not the last one only. */
  readonly multiple?: true;
}

/** The value of one option. */
type Value<K extends OptionKind> = K["type"] extends "boolean" ? true
  : K["multiple"] extends true ? readonly string[]
  : string;

/** The values read: `true` for a flag, and `undefined` for what was not given. */
export type Values<O extends Options> = { readonly [K in keyof O]?: Value<O[K]> };

/** What {@linkcode readArguments} reads. */
export interface Arguments<O extends Options> {
  /** The options. */
  readonly values: Values<O>;
  /** What is neither an option nor the value of one. */
  readonly words: readonly string[];
}

/**
 * Reads the arguments of a command.
 *
 * @param args What follows the name of the command.
 * @param options The options that it knows.
 * @param usage How it is used, in one line.
 * @param most How many words it takes beside them.
 * @throws {UsageError} For an option that it does not know, a value that is missing or too much.
 */
export function readArguments<O extends Options>(
  args: readonly string[],
  options: O,
  usage: string,
  most: number,
): Arguments<O> {
  // What is wrong is found here and not by parseArgs, so that all runtimes say the same.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | true | string[]> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (words.push(token.value) <= most) continue;
      const why = most === 0 ? "only options may stand here" : "that is one word too many";
      throw new UsageError(`Cannot take "${token.value}": ${why}`, usage);
    }
    const { name, rawName, value } = token;
    const kind = Object.hasOwn(options, name) ? options[name] : undefined;
    if (kind === undefined) {
      const near = closest(name, Object.keys(options));
      const hint = near === undefined ? "" : `. Did you mean --${near}?`;
      throw new UsageError(`Cannot take ${rawName}: there is no such option${hint}`, usage);
    }
    if (kind.type === "boolean" && value !== undefined) {
      throw new UsageError(`Cannot take "${value}" for ${rawName}: it takes no value`, usage);
    }
    if (kind.type === "string" && (value === undefined || value === "")) {
      throw new UsageError(`Cannot take ${rawName} alone: it needs a value`, usage);
    }
    if (kind.multiple) values[name] = [...(values[name] as string[] ?? []), value!];
    else values[name] = value ?? true;
  }
  return { values: values as Values<O>, words };
}

/** What a number may be. */
export interface Range {
  /** The least. */
  readonly least: number;
  /** The most. */
  readonly most?: number;
  /** Whether it may have a fraction. */
  readonly fraction?: true;
}

/**
 * Reads the number that an option was given.
 *
 * @param option The option, as it is written.
 * @throws {UsageError} If it is none, or out of its range.
 */
export function readNumber(
  option: string,
  text: string,
  { least, most = Infinity, fraction }: Range,
  usage: string,
): number {
  const number = Number(text);
  const form = fraction ? /^\d+(?:\.\d+)?$/ : /^\d+$/;
  const isExact = fraction === true || Number.isSafeInteger(number);
  if (form.test(text) && isExact && number >= least && number <= most) return number;
  const kind = fraction ? "number" : "whole number";
  const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new UsageError(`Cannot use ${option} ${text}: it must be a ${kind} ${range}`, usage);
}

/**
 * Finds the word that somebody may have meant.
 *
 * @returns The closest of the known words; `undefined` if none is close.
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const near = known
    .map((name) => ({ name, edits: name.startsWith(word) && word !== "" ? 0 : edits(word, name) }))
    .filter((candidate) => candidate.edits <= most)
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.name;
}

/** How many letters must be put in, left out, changed or swapped with the next. */
function edits(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, change);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[to.length]!;
}
