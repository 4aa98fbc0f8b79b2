/** The contract and the tests of ./testing in a page: by name, called from outside. @module */

import { connect } from "@isosocket/isosocket/client";
import { applies, type Ground, hold, rules } from "../../src/testing/contract/mod.ts";
import { clientGround } from "../contract/client_harness.ts";
import { memoryGround } from "../contract/memory_harness.ts";
import "../testing/fake_clock_test.ts";
import "../testing/memory/faults_test.ts";
import "../testing/pair_test.ts";
import "../testing/memory/slow_reader_test.ts";
import { run, titles } from "./page_tests.ts";
import { dropAll, listen } from "./remote_wire.ts";

const grounds: readonly Ground[] = [
  memoryGround("client"),
  memoryGround("server"),
  clientGround("page client", connect, listen),
];

/** What the harness may call. */
export interface Contract {
  /** The rules that each ground can be tried by. */
  rules(): Readonly<Record<string, readonly string[]>>;
  /** Tries one; resolves with what is wrong, if anything. */
  hold(ground: string, rule: string, reason: string | null, limit: number): Promise<string | null>;
  /** Tests that need no network. */
  tests(): readonly string[];
  /** Runs one; resolves with what is wrong, if anything. */
  run(title: string): Promise<string | null>;
}

/** What is wrong, as text. */
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
    Object.fromEntries(grounds.map((ground) => [
      ground.name,
      Object.keys(rules).filter((rule) => applies(rules[rule]!, ground)),
    ])),

  async hold(name, rule, reason, limit) {
    const ground = grounds.find((ground) => ground.name === name)!;
    try {
      return await problem(hold(rules[rule]!, ground, reason ?? undefined, limit));
    } finally {
      await dropAll();
    }
  },

  tests: titles,
  run: (title) => problem(run(title)),
};

Object.assign(globalThis, { contract });
