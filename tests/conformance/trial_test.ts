// The judge on trial: it finds no fault in a right endpoint, and in each mutant just the fault.
//
// What each mutant is caught by is in tests/expectations/mutants.json. UPDATE_EXPECTATIONS=1 writes
// it anew: read the difference before it is committed, every line of it is a claim.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import type { Case, Subject } from "../../src/conformance/case.ts";
import { cases } from "../../src/conformance/cases/mod.ts";
import { play } from "../../src/conformance/player/play.ts";
import type { Result } from "../../src/conformance/result.ts";
import { Endpoint, HAS_DICTIONARIES } from "./endpoint.ts";
import type { Faults } from "./faults.ts";
import { mutants } from "./mutants.ts";

const SUBJECTS: readonly Subject[] = ["server", "client"];
const EXPECTATIONS = new URL("../expectations/mutants.json", import.meta.url);
const UPDATE = process.env["UPDATE_EXPECTATIONS"] === "1";

/** A mutant that keeps silent is waited for this long, in ms. */
const PATIENCE = 150;

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

async function sideBySide<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

/** Seven rounds show what a thousand do: the data differ, the way is the same. */
function shortened(test: Case): Case {
  const steps = test.steps.map((step) =>
    step.do === "exchange" ? { ...step, times: Math.min(step.times, 7) } : step
  );
  return { ...test, steps };
}

/** Whether anything in the steps takes its time, for what it weighs or for waiting. */
function isHeavy(part: unknown): boolean {
  if (typeof part !== "object" || part === null || part instanceof Uint8Array) return false;
  const { size = 0, times = 0, ms = 0, every = 0, connections = 0 } = part as Record<
    string,
    number
  >;
  if (size > 40_000 || times > 500 || ms > 60 || every > 0 || connections > 10) return true;
  return Object.values(part).some(isHeavy);
}

/** The cases that judge mutants: all of a subject, but for those that take their time. */
function jury(subject: Subject, also = "-"): Case[] {
  return cases
    .filter(({ judges }) => judges.includes(subject))
    .map(shortened)
    .filter((test) => test.id.startsWith(also) || !(test.alone || isHeavy(test.steps)));
}

const isCaught = ({ verdict }: Result): boolean => verdict === "fail" || verdict === "warn";

test("another code than the appropriate one is a warning, and the ending says so", async () => {
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
  test(`a right ${subject} passes every case`, { timeout: 600_000 }, async () => {
    const chosen = cases.filter(({ judges }) => judges.includes(subject));
    const wrong: string[] = [];
    for (const test of chosen) {
      const { verdict, id, notes } = await playInMemory(shortened(test), subject, {}, 2000);
      if (verdict !== "pass") wrong.push(`${verdict} ${id}: ${notes.join("; ")}`);
    }
    console.log(`${chosen.length} cases against a right ${subject}`);
    assert.deepEqual(wrong, []);
  });
}

/** Above this many, a mutant is wrong in so much that the numbers by section say enough. */
const LISTED = 60;

type Findings = readonly string[] | Readonly<Record<string, number>>;

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

/** What each mutant was caught by, by name. */
const found: Record<string, ReadonlySet<string>> = {};
const expected: Record<string, Findings> = UPDATE
  ? {}
  : JSON.parse(await readFile(EXPECTATIONS, "utf8"));

for (const [name, { subject = "server", also, ...faults }] of Object.entries(mutants)) {
  const skip = faults.deflate === "keeps" && !HAS_DICTIONARIES;
  test(`a mutant is caught by its cases: ${name}`, { skip, timeout: 300_000 }, async () => {
    const caught = new Set<string>();
    await sideBySide(jury(subject, also), async (test) => {
      if (isCaught(await playInMemory(test, subject, faults, PATIENCE))) caught.add(test.id);
    });
    found[name] = caught;
    assert.ok(caught.size > 0, "it is not caught at all");
    if (!UPDATE) assert.deepEqual(findings(caught), expected[name]);
  });
}

/** What is tried first on cases that nothing like them has been caught by. */
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
  await sideBySide(pairs, async ({ test, subject }) => {
    const named = Object.keys(mutants).filter((name) => found[name]?.has(test.id));
    if (named.length > 0) return;
    // Not in the jury: what has caught its like is tried on it, then everything else.
    const near = (name: string): number =>
      cases.filter(({ id, family, section }) =>
        found[name]?.has(id) && (family ?? section) === (test.family ?? test.section)
      ).length;
    const names = Object.keys(mutants)
      .filter((name) => (mutants[name]!.subject ?? "server") === subject)
      .sort((one, other) => rank(one) - rank(other) || near(other) - near(one));
    for (const name of names) {
      const { subject: _, also: __, ...faults } = mutants[name]!;
      if (isCaught(await playInMemory(shortened(test), subject, faults, PATIENCE))) return;
    }
    idle.push(test.id);
  });
  console.log(`${cases.length} cases, ${Object.keys(mutants).length} mutants`);
  assert.deepEqual(idle, []);
});
