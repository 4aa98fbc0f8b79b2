/** Parses the arguments of a command, and reports errors in them. @module */

import process from "node:process";
import { parseArgs } from "node:util";
import { OK } from "./exit_code.ts";
import { printable } from "./printable.ts";

/** Error in the arguments: exit code 2. */
export class UsageError extends Error {
  /** The correct usage: one line. */
  readonly usage: string;

  /**
   * Makes an error.
   *
   * @param message The error in the arguments.
   * @param usage The correct usage: one line.
   */
  constructor(message: string, usage: string) {
    super(message);
    this.name = "UsageError";
    this.usage = usage;
  }
}

/** Failure of what was asked, and no bug: exit code 1. The message is a whole sentence. */
export class FailedError extends Error {
  /** Makes an error. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FailedError";
  }
}

/**
 * Prints to stdout.
 *
 * @returns The exit code.
 */
export function print(text: string): number {
  process.stdout.write(text);
  return OK;
}

/** Prints a line to stderr. Control characters are escaped. */
export function complain(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** The options of a command, by their long names. */
export type Options = Readonly<Record<string, OptionKind>>;

/** Kind of an option. */
export interface OptionKind {
  /** `"boolean"` for a flag, `"string"` for an option with a value. */
  readonly type: "boolean" | "string";
  /** Short form: one letter. */
  readonly short?: string;
  /** Whether all values are collected, instead of the last one only. */
  readonly multiple?: true;
}

/** The value of one option. */
type Value<K extends OptionKind> = K["type"] extends "boolean" ? true
  : K["multiple"] extends true ? readonly string[]
  : string;

/** Values of options: `true` for a flag, `undefined` if not given. */
export type Values<O extends Options> = { readonly [K in keyof O]?: Value<O[K]> };

/** Result of {@linkcode readArguments}. */
export interface Arguments<O extends Options> {
  /** The options. */
  readonly values: Values<O>;
  /** Positional arguments. */
  readonly words: readonly string[];
}

/**
 * Parses the arguments of a command.
 *
 * @param args The arguments after the name of the command.
 * @param options The known options.
 * @param usage The correct usage: one line.
 * @param most Maximum number of positional arguments.
 * @throws {UsageError} For an unknown option, a missing or superfluous value, too many words.
 */
export function readArguments<O extends Options>(
  args: readonly string[],
  options: O,
  usage: string,
  most: number,
): Arguments<O> {
  // Errors are found here and not by parseArgs, so that the texts are the same on all runtimes.
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
      // One letter is the beginning of many a name, and says nothing.
      const known = name.length === 1 ? [] : Object.keys(options);
      const hint = didYouMean(name, known, (it) => `--${it}`);
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

/** Allowed range of a number. */
export interface Range {
  /** The minimum. */
  readonly least: number;
  /** The maximum. */
  readonly most?: number;
  /** Whether it may be fractional. */
  readonly fraction?: true;
}

/**
 * Parses the number given to an option.
 *
 * @param option The option, as it is written.
 * @throws {UsageError} If it is not a number, or out of its range.
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
 * Returns the known word that is closest to a misspelt one; `undefined` if none is close.
 */
export function closest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const candidates = known
    .map((name) => ({ name, edits: isBeginning(word, name) ? 0 : edits(word, name) }))
    .filter((candidate) => candidate.edits <= most)
    .sort((a, b) => a.edits - b.edits);
  return candidates[0]?.name;
}

/** Returns a question about the word that is meant perhaps, to be appended to a sentence. */
export function didYouMean(
  word: string,
  known: readonly string[],
  write: (name: string) => string,
): string {
  const suggestion = closest(word, known);
  return suggestion === undefined ? "" : `. Did you mean ${write(suggestion)}?`;
}

/** Returns whether one of two words begins with the other: `hostname` and `host`. */
function isBeginning(word: string, name: string): boolean {
  return word !== "" && (name.startsWith(word) || (name.length > 2 && word.startsWith(name)));
}

/** Edit distance: number of letters to insert, delete, change or swap with the next. */
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
