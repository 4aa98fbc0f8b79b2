/**
 * What the languages of programs have in common: literals, calls, and the parts of the runtime that
 * a program needs.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { deflateRawSync } from "node:zlib";

/** A value as an option of a call: a number, a text, a list of numbers, or true. */
export type Option = number | string | boolean | null | readonly number[];

/** A way to go on, as lines of code. */
export interface WayLines {
  /** Note if it is legal but looser; `null` if it is right. */
  readonly note: string | null;

  /** Code of the way. */
  readonly lines: readonly string[];
}

/** A language in which programs are written. */
export interface Dialect {
  /** Begins a comment up to the end of the line. */
  readonly comment: string;

  /** Returns octets in hex. */
  hex(octets: Uint8Array): string;

  /** Returns octets that are repeated and cut to a size. */
  repeat(unit: Uint8Array, size: number): string;

  /** Returns octets that do not repeat and are many: compressed. */
  unpack(octets: Uint8Array): string;

  /** Returns a head as text of Latin-1, one literal for each line. */
  head(text: string): string;

  /** Returns a value. */
  value(value: Option): string;

  /** Returns a list of expressions. */
  list(items: readonly string[]): string;

  /** Returns a statement: a call of a method of the connection. */
  call(method: string, args: readonly string[], options?: Readonly<Record<string, Option>>): string;

  /** Returns an expression: a call of a function. */
  invoke(name: string, args: readonly string[]): string;

  /** Returns a statement: a call of a function of its own. */
  act(name: string, args: readonly string[]): string;

  /** Returns statements that try ways, one after the other. */
  either(ways: readonly WayLines[], depth: number): string[];

  /** Returns the whole program. */
  program(parts: ProgramParts): string;
}

/** The parts of a program that depend on the case. */
export interface ProgramParts {
  /** Id of the case. */
  readonly id: string;

  /** Lines about the case, without a mark of comments. */
  readonly about: readonly string[];

  /** Sec-WebSocket-Accept for the key. */
  readonly accept: string;

  /** Offers of compression. */
  readonly offers: string;

  /** Subprotocols that are offered. */
  readonly protocols: readonly string[];

  /** Whether warnings count as failures. */
  readonly strict: boolean;

  /** Octets of the correct request, which further connections send, as an expression. */
  readonly request: string;

  /** Statements. */
  readonly lines: readonly string[];
}

/** Escapes a text as ASCII, for literals: no quote, control or line end is left in it. */
export function escaped(text: string, quote: string, long: (code: number) => string): string {
  let out = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === "\n") out += "\\n";
    else if (character === "\r") out += "\\r";
    else if (character === "\\" || character === quote) out += `\\${character}`;
    else if (code > 31 && code < 127) out += character;
    else if (code < 256) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else out += long(code);
  }
  return `${quote}${out}${quote}`;
}

/** Returns hex digits in groups of four octets. */
export function groups(octets: Uint8Array): string {
  const digits = Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return digits.replace(/.{8}(?=.)/g, "$& ");
}

/** Marks of lines that only some programs need: at their end, `//~name` or `#~!name`. */
const MARK = /(?:\/\/|#)~(!?)(\w+)$/;

/** Leaves out lines that a program does not need, and the marks of those that it needs. */
export function trimmed(
  definitions: Readonly<Record<string, string>>,
  needs: ReadonlySet<string>,
): Record<string, string> {
  const trim = (text: string): string =>
    text.split("\n").flatMap((line) => {
      const [mark, not, name] = MARK.exec(line) ?? [];
      if (mark === undefined) return [line];
      return needs.has(name!) === (not === "") ? [line.slice(0, -mark.length).trimEnd()] : [];
    }).join("\n");
  return Object.fromEntries(Object.entries(definitions).map(([name, text]) => [name, trim(text)]));
}

/** Returns what a program needs of the parts that are marked. */
export function needsOf({ offers, lines }: Pick<ProgramParts, "offers" | "lines">): Set<string> {
  const text = lines.join("\n");
  const needs: Readonly<Record<string, boolean>> = {
    compression: offers !== "",
    protocol: /xpect_?[uU]pgrade\(.*protocol/.test(text),
    parts: /\b(?:times|apart|chop|cuts)(?::|=)/.test(text),
    ping: /probe(?:: |=)"ping"/.test(text),
    echo: /probe(?:: |=)"echo"/.test(text),
  };
  return new Set(Object.keys(needs).filter((name) => needs[name]));
}

/**
 * Returns the definitions that a text uses, and those that these use, in their order.
 *
 * @param use Finds names where they are used.
 */
export function needed(
  text: string,
  definitions: Readonly<Record<string, string>>,
  use: RegExp,
): string[] {
  const found = new Set<string>();
  const add = (code: string): void => {
    for (const [, name] of code.matchAll(use)) {
      if (!Object.hasOwn(definitions, name!) || found.has(name!)) continue;
      found.add(name!);
      add(definitions[name!]!);
    }
  };
  add(text);
  return Object.keys(definitions).filter((name) => found.has(name))
    .map((name) => definitions[name]!);
}

/** Number of characters of a literal in a line. */
const WIDTH = 84;

/** Returns a long literal in lines, without what has to be escaped, and with `glue` between. */
export function inLines(text: string, glue: string): string {
  const parts = text.match(new RegExp(`.{1,${WIDTH}}`, "g")) ?? [""];
  return parts.map((part) => `"${part}"`).join(glue);
}

/** Returns octets compressed, in base64. */
export function packed(octets: Uint8Array): string {
  return Buffer.from(deflateRawSync(octets)).toString("base64");
}

/** Returns a text in lines, each with its line feed. */
export function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/** Returns a text without white space at the ends of its lines. */
export function tidied(text: string): string {
  return text.split("\n").map((line) => line.trimEnd()).join("\n");
}

/** Finds methods that are called. */
export const METHOD_CALLS: RegExp = /\.(\w+)\(/g;

/** Finds functions and classes that are called, and constants. */
export const NAMES_USED: RegExp = /(?<![.\w])(\w+(?=[(])|[A-Z]{2,})/g;
