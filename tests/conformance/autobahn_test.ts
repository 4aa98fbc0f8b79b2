// Every Autobahn case has an equivalent of the same kind that is as demanding.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Case } from "../../src/conformance/case.ts";
import { cases } from "../../src/conformance/cases/mod.ts";
import { findSection } from "../../src/conformance/sections.ts";
import type { Step } from "../../src/conformance/step.ts";
import { bytesOf, type Frame } from "../../src/conformance/wire/frame.ts";
import { AUTOBAHN_NUMBERS } from "./autobahn_numbers.ts";

const ours = cases.filter(({ autobahn }) => autobahn.length > 0);

test("there are 517 Autobahn cases", () => {
  assert.equal(AUTOBAHN_NUMBERS.length, 517);
  assert.equal(new Set(AUTOBAHN_NUMBERS).size, 517);
});

test("every Autobahn case is covered, and by one case only", () => {
  const covered = ours.flatMap(({ autobahn }) => autobahn);
  assert.deepEqual(covered.toSorted(), AUTOBAHN_NUMBERS.toSorted());
});

test("every equivalent cites a section that exists", () => {
  for (const { id, section } of ours) assert.ok(findSection(section), id);
});

test("every equivalent judges servers and clients alike", () => {
  for (const { id, judges } of ours) assert.deepEqual(judges, ["server", "client"], id);
});

/** Returns all steps, including those of alternatives. */
function stepsOf(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) =>
    step.do === "either" ? step.ways.flatMap((way) => stepsOf(way.steps)) : [step]
  );
}

/** Returns the frames that a case sends if every step succeeds. */
function sentBy({ steps }: Pick<Case, "steps">): Frame[] {
  return steps.flatMap((step) => {
    if (step.do === "either") return sentBy(step.ways[0]!);
    return step.do === "send" ? step.items.filter((item) => "opcode" in item) : [];
  });
}

/** A check that the steps of a case demand something. */
type Demand = (test: Case) => boolean;

/** Compares the echo with what was sent, octet by octet. */
const echo: Demand = (test) => {
  const sent = sentBy(test).filter(({ opcode }) => opcode < 0x8);
  const whole = Buffer.concat(sent.map(({ payload = "" }) => bytesOf(payload)));
  return expects(test, sent[0]!.opcode, whole);
};

/** Compares every pong with its ping. */
const pong: Demand = (test) =>
  sentBy(test).filter(({ opcode }) => opcode === 0x9)
    .every(({ payload = "" }) => expects(test, 0xa, bytesOf(payload)));

function expects({ steps }: Case, opcode: number, payload: Uint8Array): boolean {
  return stepsOf(steps).some((step) =>
    step.do === "expect" && step.frame.opcode === opcode &&
    Buffer.compare(bytesOf(step.frame.payload ?? ""), payload) === 0
  );
}

/** Sends a Close and checks the answer. */
const close: Demand = (test) =>
  sentBy(test).some(({ opcode }) => opcode === 0x8) &&
  stepsOf(test.steps).some((step) => step.do === "expect-close");

/** Requires that the connection fails, with this code. */
function failure(code: number): Demand {
  return ({ steps }) =>
    stepsOf(steps).some((step) => step.do === "expect-failure" && step.codes.includes(code));
}

/** Requires a thousand echoes, compressed or not. */
function thousand(isDeflated: boolean): Demand {
  return ({ steps, deflate }) =>
    (deflate !== undefined) === isDeflated &&
    steps.some((step) =>
      step.do === "exchange" && step.times === 1000 &&
      (step.message.deflate ?? false) === isDeflated
    );
}

const either = (...demands: readonly Demand[]): Demand => (test) =>
  demands.some((demand) => demand(test));

/** For each group, the sections of its cases and what these demand. */
const GROUPS: Readonly<Record<string, readonly [sections: string, demand: Demand]>> = {
  "1": ["5.2", echo],
  "2": ["5.5 5.5.2 5.5.3", either(pong, failure(1002))],
  "3": ["5.2", failure(1002)],
  "4": ["5.2", failure(1002)],
  "5": ["5.4 5.5", either(echo, failure(1002))],
  "6.1": ["5.4 5.6", echo],
  "6.2": ["5.6", echo],
  "6.3": ["8.1", failure(1007)],
  "6.4": ["8.1", failure(1007)],
  "6.5": ["5.6", echo],
  "6": ["5.6 8.1", either(echo, failure(1007))],
  "7.1": ["5.5.1 6.1", close],
  "7.3": ["5.5 5.5.1", either(close, failure(1002))],
  "7.5": ["8.1", failure(1007)],
  "7.7": ["7.4.1 7.4.2", close],
  "7.9": ["7.4.1 7.4.2", failure(1002)],
  "7.13": ["5.5.1", close],
  "9.7": ["6.2", thousand(false)],
  "9.8": ["6.2", thousand(false)],
  "9": ["5.2 10.4", echo],
  "10": ["5.4", echo],
  "12": ["7692:7.2", thousand(true)],
  "13": ["7692:5.1 7692:7.1 7692:7.1.1 7692:7.1.2", thousand(true)],
};

test("every equivalent fits its group", () => {
  for (const test of ours) {
    for (const number of test.autobahn) {
      const [family, group] = number.split(".");
      const [sections, demand] = GROUPS[`${family}.${group}`] ?? GROUPS[family!]!;
      assert.ok(
        sections.split(" ").includes(test.section),
        `${number}: ${test.id} cites another section`,
      );
      assert.ok(demand(test), `${number}: ${test.id} demands less`);
    }
  }
});
