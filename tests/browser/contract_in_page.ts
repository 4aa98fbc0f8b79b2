/** Tests in a page of a real browser: the client's half of the contract, and ./testing. @module */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { deviations } from "../contract/deviations.ts";
import type { Browser } from "./browsers.ts";
import { pageFiles } from "./bundled.ts";
import { rawPeerServer } from "./raw_peer_server.ts";
import type { Contract } from "./page.ts";

/** Declares a test for each rule, on each harness that a page has, and for each test of ./testing. */
export async function contractInPage(name: string, browser: Browser): Promise<void> {
  const server = await rawPeerServer(await pageFiles("page.ts"));
  after(() => server[Symbol.asyncDispose]());
  const page = await browser.newPage();
  await page.goto(server.url);
  // The rules, and the functions that call them, are in the page.
  const rules = await page.evaluate(() =>
    (globalThis as unknown as { contract: Contract }).contract.rules()
  );

  test(`${name}: the page knows its rules`, async () => {
    assert.ok(Object.keys(rules).length > 2, await browser.version());
  });

  for (const [harness, titles] of Object.entries(rules)) {
    const shown = harness.replace("page", name);
    for (const title of titles) {
      const reason = deviations[shown]?.[title];
      test(`${shown}: ${title}${reason === undefined ? "" : " (deviates)"}`, async () => {
        const problem = await page.evaluate(
          (...args: Parameters<Contract["hold"]>) =>
            (globalThis as unknown as { contract: Contract }).contract.hold(...args),
          harness,
          title,
          reason ?? null,
          reason === undefined ? 20_000 : 2_000,
        );
        if (problem !== null) throw new Error(problem);
      });
    }
  }

  const titles = await page.evaluate(() =>
    (globalThis as unknown as { contract: Contract }).contract.tests()
  );
  for (const title of titles) {
    test(`${name}: ${title}`, async () => {
      const problem = await page.evaluate(
        (title: string) => (globalThis as unknown as { contract: Contract }).contract.run(title),
        title,
      );
      if (problem !== null) throw new Error(problem);
    });
  }
}
