/** The tests of tests/interop, in pages of a real browser, over our class in place of its own. @module */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Browser } from "./browsers.ts";
import { bundled, type PageFiles } from "./bundled.ts";
import { ELSEWHERE, FAILING, LIBRARIES, SCRIPTS } from "./interop_libraries.ts";
import type { runAll } from "./interop_page_tests.ts";
import { pagePeerServer } from "./page_peer_server.ts";

/** Stand-ins of this directory for modules that a page does not have. */
const MODULES = {
  "@isosocket/isosocket": "page_peer.ts",
  "node:assert/strict": "assert.ts",
  "node:buffer": "page_node.ts",
  "node:events": "page_node.ts",
  "node:http": "page_node.ts",
  "node:test": "interop_page_tests.ts",
};

/** ms: limit for the tests of one library. */
const LIMIT = 5_000;

/** Loads a script of tests into a page, and runs them. */
async function runInPage(script: string, limit: number): ReturnType<typeof runAll> {
  const late = new Promise<[number, string]>((resolve) => {
    setTimeout(() => resolve([1, `Not all tests have ended in ${limit} ms`]), limit);
  });
  await Promise.race([import(script), late]);
  return await Promise.race([(globalThis as unknown as { runAll: typeof runAll }).runAll(), late]);
}

/** Declares a test for each library, and one for frames. */
export async function interopInPage(name: string, browser: Browser): Promise<void> {
  const files: Record<string, PageFiles[string]> = {
    "/": ["text/html; charset=utf-8", "<!doctype html>"],
  };
  const server = await pagePeerServer(files);
  after(() => server.close({ deadline: 0 }));

  for (const [library, reason] of Object.entries(ELSEWHERE)) {
    test(`${name}: ${library} in a page`, { skip: reason });
  }
  const libraries = LIBRARIES.map((library) => [library, `../interop/${library}_test.ts`] as const);
  for (const [subject, path] of [...libraries, ...Object.entries(SCRIPTS)]) {
    const reason = FAILING[subject];
    test(`${name}: ${subject} in a page${reason === undefined ? "" : " (fails)"}`, async () => {
      const script = `/${path.replaceAll(/\W/g, "_")}.js`;
      const text = await bundled(path, MODULES, "esm");
      files[script] = ["text/javascript; charset=utf-8", text];
      const page = await browser.newPage();
      try {
        await page.goto(server.url);
        const [number, ...problems] = await page.evaluate(
          runInPage,
          script,
          reason === undefined ? LIMIT : 1_000,
        );
        assert.ok(number > 0);
        if (reason === undefined) assert.deepEqual(problems, []);
        else assert.notDeepEqual(problems, [], `This works now, so delete: ${reason}`);
      } finally {
        await page.close();
      }
    });
  }
}
