// The judge finds no fault in a correct endpoint, and in each mutant exactly the fault.
//
// tests/expectations/mutants.json lists the cases that fail for each mutant, and apart from them
// those that warn: a mutant is caught by failures only, unless it breaks no MUST. So a rule that
// only ever warned is noticed. UPDATE_EXPECTATIONS=1 rewrites it: read the difference before
// committing it, as every line of it is a claim. Slow cases are not played with all mutants:
// tests/expectations/slow_cases.json has one for each that it catches.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import type { Case, Subject } from "../../src/conformance/case.ts";
import { cases } from "../../src/conformance/cases/mod.ts";
import { play } from "../../src/conformance/player/play.ts";
import { isFailure } from "../../src/conformance/report/mod.ts";
import type { Result } from "../../src/conformance/result.ts";
import { Endpoint } from "./endpoint.ts";
import { HAS_DICTIONARIES } from "./endpoint_deflate.ts";
import type { EndpointFrame, Faults } from "./faults.ts";
import { mutants } from "./mutants.ts";

const SUBJECTS: readonly Subject[] = ["server", "client"];
const EXPECTATIONS = new URL("../expectations/mutants.json", import.meta.url);
const SLOW_CASES = new URL("../expectations/slow_cases.json", import.meta.url);
const UPDATE = process.env["UPDATE_EXPECTATIONS"] === "1";

/** Milliseconds to wait for a mutant that is silent. */
const PATIENCE = 150;

/** Plays a case against an endpoint in memory. */
function playInMemory(
  test: Case,
  subject: Subject,
  faults: Faults,
  timeout: number,
): Promise<Result> {
  return play(test, {
    subject,
    open: () => Promise.resolve(new Endpoint(subject === "server", faults)),
    target: "/",
    host: "endpoint.example",
    timeout,
    budget: 60_000,
    keys: new Set(),
  });
}

/** Runs work on items, 32 at a time. */
async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

/** Shortens exchanges: seven rounds take the same path as a thousand, with other data. */
function shortened(test: Case): Case {
  const steps = test.steps.map((step) =>
    step.do === "exchange" ? { ...step, times: Math.min(step.times, 7) } : step
  );
  return { ...test, steps };
}

/** Whether a part of the steps is slow, because of its size or because it waits. */
function isHeavy(part: unknown): boolean {
  if (typeof part !== "object" || part === null || part instanceof Uint8Array) return false;
  const { size = 0, times = 0, ms = 0, every = 0, connections = 0 } = part as Record<
    string,
    number
  >;
  if (size > 40_000 || times > 500 || ms > 60 || every > 0 || connections > 10) return true;
  return Object.values(part).some(isHeavy);
}

/** Returns the cases that judge mutants: all of a subject, except slow ones. */
function casesFor(subject: Subject, also = "-"): Case[] {
  return cases
    .filter(({ judges }) => judges.includes(subject))
    .map(shortened)
    .filter((test) => test.id.startsWith(also) || !(test.alone || isHeavy(test.steps)));
}

/** Whether a result is as bad as a case can make it: a SHOULD only warns. */
const isCaught = ({ verdict, level }: Result): boolean =>
  isFailure(verdict) || (verdict === "warn" && level === "should");

test("a code that is not the appropriate one is a warning, and the ending records it", async () => {
  const broken = cases.find(({ id }) => id === "8.1/refuses-the-byte-fe")!;
  const refusedWith = async (code: number): Promise<unknown[]> => {
    const { verdict, ending } = await playInMemory(broken, "server", { failure: () => code }, 1000);
    return [verdict, ending.code, ending.codeFits];
  };
  assert.deepEqual(await refusedWith(1007), ["pass", 1007, true]);
  assert.deepEqual(await refusedWith(1002), ["warn", 1002, false]);
  assert.deepEqual(await refusedWith(1005), ["warn", 1005, true]); // there is none to be wrong
});

test("an illegal Close that is answered as a right one is a failure", async () => {
  const answered: Faults = {
    ignores: ["close-length", "close-code", "close-reason", "control-size", "rsv", "rsv1"],
    closeAnswer: () => Buffer.from([0x03, 0xe8]),
  };
  const verdictOf = async (id: string): Promise<string> => {
    const one = cases.find((test) => test.id === id)!;
    return (await playInMemory(one, "server", answered, 1000)).verdict;
  };
  for (
    const id of [
      "5.5.1/refuses-a-close-of-one-byte",
      "5.5/refuses-a-close-of-126-bytes",
      "7.4.2/refuses-code-0",
      "7.4.2/refuses-code-999",
      "7.4.1/refuses-code-1005",
      "7.4.1/refuses-code-1006",
      "8.1/refuses-a-reason-that-is-not-utf-8",
      "8.1/refuses-a-close-whose-reason-ends-inside-a-character",
      "5.2/refuses-all-reserved-bits-on-a-close",
    ]
  ) assert.equal(await verdictOf(id), "fail", id);
  for (const code of [1004, 1016, 1100, 2000, 2999]) {
    const section = code < 1016 ? "7.4.1" : "7.4.2";
    assert.equal(await verdictOf(`${section}/refuses-code-${code}`), "warn", `${code}`);
  }
});

test("a Pong may come behind an echo, but no other is forgotten", async () => {
  const playWith = async (id: string, faults: Faults): Promise<string> => {
    const one = cases.find((test) => test.id === id)!;
    return (await playInMemory(one, "server", faults, 300)).verdict;
  };
  let held: EndpointFrame[] = [];
  const late: Faults = {
    sent: (frame) => {
      if (frame.opcode === 0xa) held.push(frame);
      return frame.opcode === 0xa ? [] : [frame, ...held.splice(0)];
    },
  };
  const between = "5.4/answers-a-ping-in-the-middle-of-a-message";
  assert.equal(await playWith(between, late), "pass");
  held = [];
  assert.equal(
    await playWith(between, { sent: (frame) => frame.opcode === 0xa ? [] : frame }),
    "timeout",
  );
  const doubled: Faults = { sent: (frame) => frame.opcode === 0xa ? [frame, frame] : frame };
  assert.equal(await playWith(between, doubled), "fail");
});

for (const subject of SUBJECTS) {
  test(`a correct ${subject} passes every case`, { timeout: 600_000 }, async () => {
    const chosen = cases.filter(({ judges }) => judges.includes(subject));
    const wrong: string[] = [];
    for (const test of chosen) {
      const { verdict, id, notes } = await playInMemory(shortened(test), subject, {}, 2000);
      if (verdict !== "pass") wrong.push(`${verdict} ${id}: ${notes.join("; ")}`);
    }
    console.log(`${chosen.length} cases against a correct ${subject}`);
    assert.deepEqual(wrong, []);
  });
}

/** Number of cases above which a mutant is listed by counts per section. */
const LISTED = 60;

type Findings = readonly string[] | Readonly<Record<string, number>>;

/** The cases that fail for a mutant, and those that warn. */
interface Verdicts<T> {
  readonly fail: T;
  readonly warn: T;
}

/** Sorts the ids of cases, or counts them by section. */
function findings(caught: ReadonlySet<string>): Findings {
  const ids = [...caught].sort();
  if (ids.length <= LISTED) return ids;
  const bySection: Record<string, number> = {};
  for (const id of ids) {
    const section = id.split("/", 1)[0]!;
    bySection[section] = (bySection[section] ?? 0) + 1;
  }
  return bySection;
}

/** Ids of the cases that noticed each mutant, by its name. */
const found: Record<string, Verdicts<ReadonlySet<string>>> = {};

/** Ids of the cases that caught each mutant, by its name. */
const caughtBy: Record<string, ReadonlySet<string>> = {};
const expected: Record<string, Verdicts<Findings>> = JSON.parse(
  await readFile(EXPECTATIONS, "utf8"),
);

for (const [name, mutant] of Object.entries(mutants)) {
  const { subject = "server", also, loose, ...faults } = mutant;
  const skip = faults.deflate === "keeps" && !HAS_DICTIONARIES;
  test(`a mutant is caught by its cases: ${name}`, { skip, timeout: 300_000 }, async () => {
    const [fail, warn, caught] = [new Set<string>(), new Set<string>(), new Set<string>()];
    await inParallel(casesFor(subject, also), async (test) => {
      const result = await playInMemory(test, subject, faults, PATIENCE);
      if (isFailure(result.verdict)) fail.add(test.id);
      else if (result.verdict === "warn") warn.add(test.id);
      if (isCaught(result)) caught.add(test.id);
    });
    found[name] = { fail, warn };
    caughtBy[name] = caught;
    assert.equal(fail.size === 0, loose !== undefined, `${fail.size} cases fail`);
    assert.ok(fail.size + warn.size > 0, "it is not noticed at all");
    if (!UPDATE) assert.deepEqual(written(found[name]), expected[name]);
  });
}

function written({ fail, warn }: Verdicts<ReadonlySet<string>>): Verdicts<Findings> {
  return { fail: findings(fail), warn: findings(warn) };
}

/** Mutants to try first on cases without similar ones. */
const FIRST = ["the last byte is changed", "pongs are empty", "a refusal has the wrong code"];

const rank = (name: string): number => FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;

/** Names of mutants, those first that similar cases have caught. */
function likely(test: Case, subject: Subject): string[] {
  const similar = (name: string): number =>
    cases.filter(({ id, family, section }) =>
      caughtBy[name]?.has(id) && (family ?? section) === (test.family ?? test.section)
    ).length;
  return Object.keys(mutants)
    .filter((name) => (mutants[name]!.subject ?? "server") === subject)
    .sort((one, other) => rank(one) - rank(other) || similar(other) - similar(one));
}

/** Returns the first of some mutants that a case catches; `undefined` if it catches none. */
async function firstCaught(
  test: Case,
  subject: Subject,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    if (mutants[name] === undefined) continue;
    const { subject: _, also: __, loose: ___, ...faults } = mutants[name];
    if (isCaught(await playInMemory(shortened(test), subject, faults, PATIENCE))) return name;
  }
  return undefined;
}

test("every case catches a mutant", { timeout: 900_000 }, async () => {
  const known: Record<string, string> = JSON.parse(await readFile(SLOW_CASES, "utf8"));
  const slow: Record<string, string> = {};
  const pairs = SUBJECTS.flatMap((subject) =>
    cases.filter(({ judges }) => judges[0] === subject).map((test) => ({ test, subject }))
  ).filter(({ test }) => !Object.values(caughtBy).some((ids) => ids.has(test.id)));
  const idle: string[] = [];
  await inParallel(pairs, async ({ test, subject }) => {
    const name = await firstCaught(
      test,
      subject,
      UPDATE ? likely(test, subject) : [known[test.id]!],
    );
    if (name === undefined) idle.push(test.id);
    else slow[test.id] = name;
  });
  if (UPDATE) await update(slow);
  console.log(
    `${cases.length} cases, ${Object.keys(mutants).length} mutants, ${pairs.length} slow`,
  );
  assert.deepEqual(idle, []);
});

async function update(slow: Readonly<Record<string, string>>): Promise<void> {
  // Those that were not played are kept.
  const all = Object.keys(mutants).flatMap((name) => {
    const verdicts = found[name] ? written(found[name]) : expected[name];
    return verdicts === undefined ? [] : [[name, verdicts] as const];
  });
  await writeFile(EXPECTATIONS, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  const sorted = Object.entries(slow).sort(([one], [other]) => one < other ? -1 : 1);
  await writeFile(SLOW_CASES, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
