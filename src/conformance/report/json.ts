/**
 * Runs as JSON: one run is an object, several are a list of such objects.
 *
 * The fields are those of {@linkcode Run}; `format` is their version: `"isosocket-judge/1"`. Within
 * a version, fields are only added, and a reader ignores unknown ones. Each result is one line, so
 * that the text can be searched and compared by line.
 *
 * @module
 */

import type { Ending, Result, Run, WireEntry } from "../result.ts";
import { visibleJson } from "./visible.ts";

/** Version of the format that is written and read. */
export const FORMAT = "isosocket-judge/1";

/** Writes one run, or several, as JSON. */
export function toJson(runs: readonly Run[]): string {
  const texts = runs.map(write);
  return visibleJson(texts.length === 1 ? `${texts[0]}\n` : `[\n${texts.join(",\n")}\n]\n`);
}

function write({ results, ...head }: Run): string {
  const lines = JSON.stringify({ ...head, format: FORMAT }, null, 2).slice(
    0,
    -2,
  );
  if (results.length === 0) return `${lines},\n  "results": []\n}`;
  const items = results.map((result) => `    ${JSON.stringify(result)}`);
  return `${lines},\n  "results": [\n${items.join(",\n")}\n  ]\n}`;
}

/**
 * Reads and validates runs, for use in any report.
 *
 * @param text Text that {@linkcode toJson} wrote.
 * @returns The runs, one or several.
 * @throws {SyntaxError} If it is not JSON, or not of this format. The message says where.
 */
export function fromJson(text: string): Run[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError("Cannot read the report: it is not JSON", { cause });
  }
  return Array.isArray(data) ? new Reader(data, "").list(readRun) : [readRun(new Reader(data, ""))];
}

function readRun(top: Reader): Run {
  const format = top.get("format").value;
  if (format !== FORMAT) {
    const found = typeof format === "string" ? JSON.stringify(format.slice(0, 40)) : "none";
    throw new SyntaxError(
      `Cannot read the report: its format is ${found}, not "${FORMAT}"`,
    );
  }
  const full = top.get("full").or(undefined, (value) => value.boolean());
  const http2 = top.get("http2").or(undefined, (value) => value.boolean());
  return {
    format: FORMAT,
    agent: top.get("agent").string(),
    subject: top.get("subject").oneOf("server", "client", "proxy"),
    ...(http2 !== undefined && { http2 }),
    target: top.get("target").string(),
    started: top.get("started").string(),
    ms: top.get("ms").number(),
    seed: top.get("seed").or(null, (seed) => seed.number()),
    ...(full !== undefined && { full }),
    strict: top.get("strict").boolean(),
    selected: top.get("selected").number(),
    stopped: top.get("stopped").or(null, (stopped) => stopped.string()),
    runtime: top.get("runtime").string(),
    results: top.get("results").list(readResult),
  };
}

function readResult(from: Reader): Result {
  const facts = from.get("facts").or(undefined, (list) => list.list((fact) => fact.string()));
  return {
    id: from.get("id").string(),
    section: from.get("section").string(),
    level: from.get("level").oneOf("must", "should"),
    requirement: from.get("requirement").string(),
    autobahn: from.get("autobahn").list((number) => number.string()),
    verdict: from.get("verdict").oneOf("pass", "warn", "timeout", "fail", "skip"),
    notes: from.get("notes").list((note) => note.string()),
    ...(facts !== undefined && { facts }),
    expected: from.get("expected").string(),
    got: from.get("got").string(),
    ms: from.get("ms").number(),
    ending: readEnding(from.get("ending")),
    extensions: from.get("extensions").string(),
    sent: from.get("sent").number(),
    received: from.get("received").number(),
    wire: from.get("wire").list(readEntry),
  };
}

function readEnding(from: Reader): Ending {
  return {
    closedBy: from.get("closedBy").or(
      null,
      (side) => side.oneOf("judge", "peer"),
    ),
    code: from.get("code").or(null, (code) => code.number()),
    reason: from.get("reason").string(),
    clean: from.get("clean").boolean(),
    codeFits: from.get("codeFits").boolean(),
  };
}

function readEntry(from: Reader): WireEntry {
  const hex = from.get("hex").or(undefined, (digits) => digits.string());
  const frame = from.get("frame").or(undefined, (header) => ({
    opcode: header.get("opcode").number(),
    fin: header.get("fin").boolean(),
    rsv: header.get("rsv").number(),
    masked: header.get("masked").boolean(),
    length: header.get("length").number(),
  }));
  return {
    at: from.get("at").number(),
    from: from.get("from").oneOf("judge", "peer"),
    what: from.get("what").oneOf("http", "frame", "bytes", "tcp", "gap"),
    text: from.get("text").string(),
    size: from.get("size").number(),
    ...(hex !== undefined && { hex }),
    ...(frame !== undefined && { frame }),
  };
}

/** A value, and its path for error messages. */
class Reader {
  readonly value: unknown;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.#path = path;
  }

  #refuse(wanted: string): never {
    throw new SyntaxError(
      `Cannot read the report: ${this.#path || "it"} is not ${wanted}`,
    );
  }

  /** Reads a field of an object. */
  get(name: string): Reader {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#refuse("an object");
    }
    const path = this.#path === "" ? name : `${this.#path}.${name}`;
    return new Reader(
      Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined,
      path,
    );
  }

  string(): string {
    return typeof this.value === "string" ? this.value : this.#refuse("a string");
  }

  number(): number {
    return typeof this.value === "number" ? this.value : this.#refuse("a number");
  }

  boolean(): boolean {
    return typeof this.value === "boolean" ? this.value : this.#refuse("true or false");
  }

  oneOf<const T extends string>(...words: readonly T[]): T {
    return words.find((word) => word === this.value) ??
      this.#refuse(words.join(" or "));
  }

  /** Reads either the value for "none", or something else. */
  or<N extends null | undefined, T>(none: N, read: (from: Reader) => T): N | T {
    return this.value === none ? none : read(this);
  }

  list<T>(read: (from: Reader) => T): T[] {
    const { value } = this;
    if (!Array.isArray(value)) this.#refuse("a list");
    return value.map((item: unknown, at) => read(new Reader(item, `${this.#path}[${at}]`)));
  }
}
