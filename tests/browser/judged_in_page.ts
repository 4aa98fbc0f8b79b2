/** The judge, in a page of a real browser. @module */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { doesAsKnown } from "../conformance/as_known.ts";
import { judgedBrowser } from "../conformance/judged_browser.ts";
import { subjects } from "../conformance/subjects.ts";
import { type BrowserName, launch } from "./browsers.ts";

/** Milliseconds without a result, from the opening of the page on, after which a browser hangs. */
const SILENCE = 10_000;

/** Ways in which a browser stops, and the error of each. */
const ENDS = {
  "that dies": { signal: "SIGKILL", says: /: the browser ended, after [1-9]\d* of \d+ cases$/ },
  "that hangs": { signal: "SIGSTOP", says: /: nothing came for 10000 ms, after [1-9]\d* of / },
} as const;

/** Declares the tests. */
export function judgedInPage(name: BrowserName): void {
  doesAsKnown(subjects.find(({ browser }) => browser === name)!);

  for (const [title, { signal, says }] of Object.entries(ENDS)) {
    test(`${name}: a browser ${title} is reported, and ended`, { timeout: 60_000 }, async () => {
      const running = await launch(name);
      const main = running.browser.process()!;
      let results = 0;
      const onResult = (): void => {
        if (++results === 3) process.kill(-main.pid!, signal);
      };
      try {
        const options = { patterns: ["5.5"], onResult };
        await assert.rejects(judgedBrowser("it", running.browser, options, SILENCE), says);
      } finally {
        await running[Symbol.asyncDispose]();
      }
      assert.equal(main.signalCode, "SIGKILL");
    });
  }
}
