/** The proxies of examples/proxies, each as its file says, between both ends of the judge. @module */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judgeProxy } from "../../src/conformance/judge_proxy.ts";
import { runtime } from "../runtime.ts";
import { freePort, type Program, start } from "./proxy.ts";

/** Time in ms for which an idle connection is watched. */
const IDLE = 1000;

/** Tries the file of a proxy, on one runtime: it is the proxy that is tried. */
export function tryThrough(name: string, program: Program, file: string): void {
  const url = new URL(`../../examples/proxies/${file}`, import.meta.url);
  const skip = !runtime.startsWith("node");
  test(`${name} passes on what it should, as examples/proxies/${file} says`, { skip }, async () => {
    const example = readFileSync(url, "utf8");
    const backend = await freePort();
    const configure = (port: number): string =>
      example.replaceAll("8080", `${port}`).replaceAll("9000", `${backend}`);
    await using proxy = await start(program, configure);
    const address = `ws://127.0.0.1:${proxy.port}/chat?room=1`;
    const run = await judgeProxy(address, { port: backend, timeout: 2000, idle: IDLE });
    assert.equal(run.stopped, null);
    const wrong = run.results.filter(({ verdict }) => verdict !== "pass");
    assert.deepEqual(wrong.map(({ id, notes }) => `${id}: ${notes.join("; ")}`), []);
  });
}
