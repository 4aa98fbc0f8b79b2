/**
 * The subjects that the tests judge: bare runtimes and browsers, and isosocket on each of them.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";
import type { Subject } from "../../src/conformance/case.ts";
import { judgeClients } from "../../src/conformance/judge_clients.ts";
import type { Result, Run } from "../../src/conformance/result.ts";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import type { RunOptions } from "../../src/conformance/run_options.ts";
import { type BrowserName, launch, pathOf } from "../browser/browsers.ts";
import { judgedBrowser } from "./judged_browser.ts";

/** A server or client to judge. */
export interface Judged {
  /** Name of the subject, of its expectations and of its column in reports. */
  readonly name: string;

  /** Whether it is a server or a client. */
  readonly kind: Subject;

  /** The command that runs it. */
  readonly command: readonly string[];

  /** Name of the browser, if it is one. */
  readonly browser?: BrowserName;
}

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const here = (path: string): string => root(`tests/conformance/${path}`);

const DENO = [root("scripts/node_modules/.bin/deno"), "run", "-A", "--no-check"];
const BUN = [root("scripts/node_modules/bun/bin/bun.exe")];
const NODE = [root("scripts/node_modules/node24/bin/node")];

const server = (name: string, ...command: string[]): Judged => ({ name, kind: "server", command });
const client = (name: string, ...command: string[]): Judged => ({ name, kind: "client", command });
const page = (browser: BrowserName): Judged => ({
  ...client(`${browser}-client`, pathOf(browser)),
  browser,
});

/** All subjects. */
export const subjects: readonly Judged[] = [
  server("deno-server", ...DENO, here("servers/deno.mjs")),
  server("bun-server", ...BUN, here("servers/bun.mjs")),
  server("ws-server", ...NODE, here("servers/node_ws.mjs")),
  server("isosocket-deno-server", ...DENO, here("servers/isosocket.ts")),
  server("isosocket-bun-server", ...BUN, here("servers/isosocket.ts")),
  server("isosocket-node-server", ...NODE, here("servers/isosocket.ts")),
  server("isosocket-deno-tcp-server", ...DENO, here("servers/isosocket.ts"), "tcp"),
  server("isosocket-bun-tcp-server", ...BUN, here("servers/isosocket.ts"), "tcp"),
  client("deno-client", ...DENO, here("clients/global.mjs")),
  client("bun-client", ...BUN, here("clients/global.mjs")),
  client("node-client", ...NODE, here("clients/global.mjs")),
  client("ws-client", ...NODE, here("clients/node_ws.mjs")),
  page("chromium"),
  page("firefox"),
  client("isosocket-deno-client", ...DENO, here("clients/isosocket.ts")),
  client("isosocket-deno-tcp-client", ...DENO, here("clients/isosocket.ts"), "tcp"),
  client("isosocket-bun-client", ...BUN, here("clients/isosocket.ts")),
  client("isosocket-bun-tcp-client", ...BUN, here("clients/isosocket.ts"), "tcp"),
  client("isosocket-node-client", ...NODE, here("clients/isosocket.ts")),
  client("isosocket-node-tcp-client", ...NODE, here("clients/isosocket.ts"), "tcp"),
];

/** The servers of ours that can compress, with compression enabled. */
export const compressing: readonly Judged[] = subjects
  .filter(({ name }) => /^isosocket-.*-server$/.test(name) && name !== "isosocket-deno-server")
  .map(({ name, kind, command }) => ({ name, kind, command: [...command, "deflate"] }));

/** Whether the runtime or browser of a subject is installed. */
export function isThere({ command }: Judged): boolean {
  return existsSync(command[0]!);
}

/** Judges a subject. */
export async function judged(subject: Judged, options: RunOptions): Promise<Run> {
  const { name, kind, browser, command: [file, ...args] } = subject;
  if (kind === "server") {
    const child = watch(
      spawn(file!, args, { cwd: root("."), stdio: ["ignore", "pipe", "pipe"] }),
      true,
    );
    try {
      const port = await new Promise<string>((resolve, reject) => {
        child.once("error", reject);
        child.once(
          "exit",
          (code) => reject(new Error(`Cannot judge ${name}: it ended with ${code}`)),
        );
        child.stdout.once("data", (octets) => resolve(String(octets).trim()));
      });
      return await judgeServer(`ws://127.0.0.1:${port}/`, { ...options, agent: name });
    } finally {
      child.kill("SIGKILL");
    }
  }

  if (browser !== undefined) {
    const running = await launch(browser);
    try {
      return await judgedBrowser(name, running.browser, options);
    } finally {
      await running[Symbol.asyncDispose]();
    }
  }

  const judge = await judgeClients({ ...options, port: 0 });
  const child = watch(
    spawn(file!, [...args, judge.url, name], {
      cwd: root("."),
      stdio: ["ignore", "inherit", "pipe"],
    }),
    true,
  );
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const [run] = await judge.close();
  if (run === undefined) throw new Error(`Cannot judge ${name}: it never came`);
  return run;
}

/**
 * Notes of a race that may end either way: whether the application answers before its socket fails.
 */
const RACE = /^The (message|text) before the/;

/**
 * Returns what is committed of one or several runs: each result that is not a pass, by id, with the
 * reason. Where runs differ, all verdicts: `fail|warn: reason`.
 */
export function notPasses(...runs: readonly Run[]): Record<string, string> {
  const seen = new Map<string, { verdicts: Set<string>; why: string }>();
  for (const { id, verdict, notes } of runs.flatMap(({ results }) => results)) {
    const known = seen.get(id) ?? { verdicts: new Set(), why: "" };
    known.verdicts.add(verdict);
    if (verdict !== "pass") known.why ||= notes.join("; ");
    if (verdict === "warn" && RACE.test(known.why)) known.verdicts.add("pass");
    seen.set(id, known);
  }
  const entries = [...seen].filter(([, { verdicts }]) => verdicts.size > 1 || !verdicts.has("pass"))
    .map(([id, { verdicts, why }]) => [id, `${[...verdicts].sort().join("|")}: ${why}`] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => one < other ? -1 : 1));
}

/** Whether a result is expected; `undefined` stands for a pass. */
export function isExpected({ verdict, notes }: Result, expected: string | undefined): boolean {
  const verdicts = expected?.split(":", 1)[0]?.split("|") ?? ["pass"];
  return verdicts.includes(verdict) ||
    (verdict === "warn" && verdicts.includes("pass") && RACE.test(notes.join("; ")));
}

/** Returns the file with the expectations of a subject. */
export function expectationsOf({ name }: Judged): URL {
  return new URL(`../expectations/${name}.json`, import.meta.url);
}
