/** Judges a browser, in which the judge's own page echoes. @module */

import { judgeClients } from "../../src/conformance/judge_clients.ts";
import type { Run } from "../../src/conformance/result.ts";
import type { RunOptions } from "../../src/conformance/run_options.ts";
import type { Browser } from "../browser/browsers.ts";

/**
 * Milliseconds without a result after which a browser counts as stuck: an idle machine needs up to
 * 2 s.
 */
const SILENCE = 30_000;

/** Opens the page; calls `stopped` if the browser or the page fails. */
async function visit(
  browser: Browser,
  url: string,
  stopped: (why: string) => void,
): Promise<void> {
  browser.once("disconnected", () => stopped("the browser ended"));
  const page = await browser.newPage();
  page.on("error", ({ message }) => stopped(message));
  await page.goto(url);
}

/**
 * Judges a running browser.
 *
 * @param silence Milliseconds without a result after which it counts as stuck.
 */
export async function judgedBrowser(
  name: string,
  browser: Browser,
  options: RunOptions,
  silence: number = SILENCE,
): Promise<Run> {
  let [count, played] = [0, 0];
  let finish = (_why?: string): void => {};
  const over = new Promise<string | undefined>((resolve) => finish = resolve);
  const watch = setTimeout(() => finish(`nothing came for ${silence} ms`), silence);
  const judge = await judgeClients({
    ...options,
    port: 0,
    onStart: (agent, selected) => {
      count = selected;
      options.onStart?.(agent, selected);
    },
    onResult: (result) => {
      watch.refresh();
      options.onResult?.(result);
      if (++played === count) finish();
    },
  });
  const query = new URLSearchParams({ agent: name });
  visit(browser, `${judge.url.replace("ws", "http")}/?${query}`, finish)
    .catch(({ message }: Error) => finish(message));
  const why = await over;
  clearTimeout(watch);
  const [run] = await judge.close();
  if (why !== undefined || run === undefined) {
    throw new Error(`Cannot judge ${name}: ${why}, after ${played} of ${count} cases`);
  }
  return run;
}
