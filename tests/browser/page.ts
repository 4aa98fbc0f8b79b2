/** Script of a page that runs the contract, and tests of ./testing and of reconnect(), by name. @module */

import { connect as connectInFull } from "@isosocket/isosocket/client";
import { connect } from "@isosocket/isosocket/page";
import { applies, type Harness, hold, rules } from "../../src/testing/contract/mod.ts";
import { clientHarness } from "../contract/client_harness.ts";
import { memoryHarness } from "../contract/memory_harness.ts";
import "../client/reconnect/final_test.ts";
import "../client/reconnect/queue_test.ts";
import "../client/reconnect/reconnect_test.ts";
import "../client/reconnect/stream_test.ts";
import "../client/reconnect/time_test.ts";
import "../testing/fake_clock_test.ts";
import "../testing/memory/faults_test.ts";
import "../testing/pair_test.ts";
import "../testing/memory/slow_reader_test.ts";
import { run, titles } from "./page_tests.ts";
import { dropAll, listen } from "./remote_wire.ts";

const harnesses: readonly Harness[] = [
  memoryHarness("client"),
  memoryHarness("server"),
  clientHarness("page client", connect, listen),
  clientHarness("page client in full", connectInFull, listen),
];

/** Functions of the page that tests call. */
export interface Contract {
  /** Returns the titles of the rules that each harness can be tried by. */
  rules(): Readonly<Record<string, readonly string[]>>;
  /** Tries a rule. Resolves with the problem, `null` for none. */
  hold(harness: string, rule: string, reason: string | null, limit: number): Promise<string | null>;
  /** Returns the titles of the tests, which need no network. */
  tests(): readonly string[];
  /** Runs a test. Resolves with the problem, `null` for none. */
  run(title: string): Promise<string | null>;
}

/** Resolves with the error of a trial as text; with `null` if it has none. */
async function problem(trial: Promise<unknown>): Promise<string | null> {
  try {
    await trial;
    return null;
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    const { message, stack = "" } = error; // Chromium's stack begins with the message
    return stack.includes(message) ? stack : `${message}\n${stack}`;
  }
}

const contract: Contract = {
  rules: () =>
    Object.fromEntries(harnesses.map((harness) => [
      harness.name,
      Object.keys(rules).filter((rule) => applies(rules[rule]!, harness)),
    ])),

  async hold(name, rule, reason, limit) {
    const harness = harnesses.find((harness) => harness.name === name)!;
    try {
      return await problem(hold(rules[rule]!, harness, reason ?? undefined, limit));
    } finally {
      await dropAll();
    }
  },

  tests: titles,
  run: (title) => problem(run(title)),
};

Object.assign(globalThis, { contract });
