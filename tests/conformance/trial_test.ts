// The judge finds no fault in a correct endpoint, and in each mutant exactly the fault.
//
// tests/expectations/mutants.json lists the cases that catch each mutant. UPDATE_EXPECTATIONS=1
// rewrites it: read the difference before committing it, as every line of it is a claim.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import type { Case, Subject } from "../../src/conformance/case.ts";
import { cases } from "../../src/conformance/cases/mod.ts";
import { play } from "../../src/conformance/player/play.ts";
import type { Result } from "../../src/conformance/result.ts";
import { Endpoint } from "./endpoint.ts";
import { HAS_DICTIONARIES } from "./endpoint_deflate.ts";
import type { Faults } from "./faults.ts";
import { mutants } from "./mutants.ts";

const SUBJECTS: readonly Subject[] = ["server", "client"];
const EXPECTATIONS = new URL("../expectations/mutants.json", import.meta.url);
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

/** Runs work on items, 16 at a time. */
async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
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

const isCaught = ({ verdict }: Result): boolean => verdict === "fail" || verdict === "warn";

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

/** Ids of the cases that caught each mutant, by its name. */
const found: Record<string, ReadonlySet<string>> = {};
const expected: Record<string, Findings> = UPDATE
  ? {}
  : JSON.parse(await readFile(EXPECTATIONS, "utf8"));

for (const [name, { subject = "server", also, ...faults }] of Object.entries(mutants)) {
  const skip = faults.deflate === "keeps" && !HAS_DICTIONARIES;
  test(`a mutant is caught by its cases: ${name}`, { skip, timeout: 300_000 }, async () => {
    const caught = new Set<string>();
    await inParallel(casesFor(subject, also), async (test) => {
      if (isCaught(await playInMemory(test, subject, faults, PATIENCE))) caught.add(test.id);
    });
    found[name] = caught;
    assert.ok(caught.size > 0, "it is not caught at all");
    if (!UPDATE) assert.deepEqual(findings(caught), expected[name]);
  });
}

/** Mutants to try first on cases without similar ones. */
const FIRST = ["the last byte is changed", "pongs are empty", "a refusal has the wrong code"];

const rank = (name: string): number => FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;

test("every case catches a mutant", { timeout: 900_000 }, async () => {
  if (UPDATE) {
    const all = Object.entries(found).map(([name, caught]) => [name, findings(caught)]);
    await writeFile(EXPECTATIONS, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  }
  const idle: string[] = [];
  const pairs = SUBJECTS.flatMap((subject) =>
    cases.filter(({ judges }) => judges[0] === subject).map((test) => ({ test, subject }))
  );
  await inParallel(pairs, async ({ test, subject }) => {
    const named = Object.keys(mutants).filter((name) => found[name]?.has(test.id));
    if (named.length > 0) return;
    // A slow case: try the mutants that similar cases have caught first, then all others.
    const similar = (name: string): number =>
      cases.filter(({ id, family, section }) =>
        found[name]?.has(id) && (family ?? section) === (test.family ?? test.section)
      ).length;
    const names = Object.keys(mutants)
      .filter((name) => (mutants[name]!.subject ?? "server") === subject)
      .sort((one, other) => rank(one) - rank(other) || similar(other) - similar(one));
    for (const name of names) {
      const { subject: _, also: __, ...faults } = mutants[name]!;
      if (isCaught(await playInMemory(shortened(test), subject, faults, PATIENCE))) return;
    }
    idle.push(test.id);
  });
  console.log(`${cases.length} cases, ${Object.keys(mutants).length} mutants`);
  assert.deepEqual(idle, []);
});
