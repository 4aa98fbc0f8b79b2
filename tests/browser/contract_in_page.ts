/** The client's half of the contract, in a page of a real browser. @module */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { deviations } from "../contract/deviations.ts";
import { farServer } from "./far_server.ts";
import type { Contract } from "./page.ts";

/** How to start a browser. */
export interface BrowserOptions {
  /** What driver it needs. */
  readonly browser: "chrome" | "firefox";
  /** Where it is. */
  readonly executablePath: string;
  /** How it is called. */
  readonly args?: readonly string[];
}

/** The part of puppeteer-core that is used here; it is not among the libraries, but with the tools. */
interface Puppeteer {
  launch(options: BrowserOptions): Promise<{
    newPage(): Promise<{
      goto(url: string): Promise<unknown>;
      evaluate<A extends readonly unknown[], R>(
        run: (...args: A) => R,
        ...args: A
      ): Promise<Awaited<R>>;
    }>;
    version(): Promise<string>;
    close(): Promise<void>;
  }>;
}

const tools = new URL("../../scripts/node_modules/", import.meta.url);

/** Another module of the tools. */
async function tool<T>(path: string): Promise<T> {
  return await import(new URL(path, tools).href);
}

async function bundled(): Promise<string> {
  const { build } = await tool<{
    build(options: object): Promise<{ outputFiles: { text: string }[] }>;
  }>("esbuild/lib/main.js");
  const here = (path: string): string => new URL(path, import.meta.url).pathname;
  const { outputFiles: [script] } = await build({
    entryPoints: [here("page.ts")],
    alias: { "node:assert/strict": here("assert.ts") },
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return script!.text;
}

/** Declares a test for each rule, on each ground that a page has. */
export async function contractInPage(name: string, options: BrowserOptions): Promise<void> {
  const { default: puppeteer } = await tool<{ default: Puppeteer }>(
    "puppeteer-core/lib/puppeteer/puppeteer-core.js",
  );
  const server = await farServer(await bundled());
  const browser = await puppeteer.launch(options);
  after(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });
  const page = await browser.newPage();
  await page.goto(server.url);
  // Inside a page, these are the page's.
  const rules = await page.evaluate(() =>
    (globalThis as unknown as { contract: Contract }).contract.rules()
  );

  test(`${name}: the page knows its rules`, async () => {
    assert.ok(Object.keys(rules).length > 2, await browser.version());
  });

  for (const [ground, titles] of Object.entries(rules)) {
    const shown = ground.replace("page", name);
    for (const title of titles) {
      const reason = deviations[shown]?.[title];
      test(`${shown}: ${title}${reason === undefined ? "" : " (deviates)"}`, async () => {
        const problem = await page.evaluate(
          (...args: Parameters<Contract["hold"]>) =>
            (globalThis as unknown as { contract: Contract }).contract.hold(...args),
          ground,
          title,
          reason ?? null,
          reason === undefined ? 20_000 : 2_000,
        );
        if (problem !== null) throw new Error(problem);
      });
    }
  }
}
