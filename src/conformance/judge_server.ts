/**
 * Judges a server: plays all selected cases against it, some at the same time.
 *
 * @module
 */

import type { Case } from "./case.ts";
import { cases as allCases } from "./cases/mod.ts";
import { casesOverHttp2 } from "./cases/over_http2.ts";
import { reasonToSkip, shortened } from "./economy.ts";
import type { Target } from "./player/context.ts";
import { skipped } from "./player/play.ts";
import type { Result, Run } from "./result.ts";
import { chooseSeed, DEFAULTS, describeRuntime, type RunOptions } from "./run_options.ts";
import { select } from "./selection.ts";
import { lookAt } from "./server_probe.ts";
import { ServerSchedule } from "./server_schedule.ts";
import { dialHttp2 } from "./wire/http2/dial.ts";
import { dial } from "./wire/transport.ts";

/**
 * Judges the server at a `ws:` or `wss:` address.
 *
 * @throws {TypeError} If the address is invalid.
 * @throws {RangeError} If a pattern matches no case.
 */
export async function judgeServer(address: string, options: RunOptions = {}): Promise<Run> {
  const { url, authorization } = readAddress(address);
  const { http2 = false } = options;
  const begun = performance.now();
  const started = new Date().toISOString();
  const seed = options.quick ? options.seed ?? chooseSeed() : null;
  const selected = select(options.cases ?? (http2 ? casesOverHttp2 : allCases), "server", {
    ...options,
    ...(seed !== null && { seed }),
  });
  const { full = false, budget = DEFAULTS.budget } = options;
  const timeout = options.timeout ?? DEFAULTS.timeout;
  const dialing = { timeout, insecure: options.insecure ?? false, tls: options.tls ?? {} };
  const target: Target = {
    subject: "server",
    open: () => (http2 ? dialHttp2 : dial)(url, dialing),
    target: (url.pathname || "/") + url.search,
    host: url.host,
    timeout,
    budget,
    headers: { ...authorization, ...options.headers },
    ...(http2 && { scheme: /^(wss|https):/.test(url.protocol) ? "https" : "http" }),
    ...(options.signal && { signal: options.signal }),
  };

  const { complaint, pace, cost, isLonely, agent: name = url.host } = await lookAt(target);
  const agent = options.agent ?? name;
  let stopped = complaint;
  let results: readonly Result[] = [];
  if (stopped === null) {
    options.onStart?.(agent, selected.length);
    // A slow server has more time for each answer.
    const paced = { ...target, pace, timeout: Math.max(timeout, Math.ceil(SLOW * pace)) };
    const schedule = new ServerSchedule(paced, options);
    const played: Case[] = [];
    for (const test of selected) {
      const fitting = full ? test : shortened(test);
      const reason = reasonToSkip(fitting, { cost, isLonely, budget, full });
      if (reason === undefined) played.push(fitting);
      else schedule.record(test, skipped(test, reason));
    }
    const jobs = isLonely ? 1 : options.jobs ?? DEFAULTS.jobs;
    await schedule.play(played.filter((test) => !test.alone), jobs);
    await schedule.play(played.filter((test) => test.alone), 1);
    ({ stopped } = schedule);
    results = schedule.results();
  }
  const order = new Map(selected.map(({ id }, at) => [id, at]));
  return {
    format: "isosocket-judge/1",
    agent,
    subject: "server",
    ...(http2 && { http2 }),
    target: url.href,
    started,
    ms: Math.round(performance.now() - begun),
    seed,
    full,
    strict: options.strict ?? false,
    selected: selected.length,
    stopped,
    runtime: describeRuntime(),
    results: results.toSorted((one, other) => order.get(one.id)! - order.get(other.id)!),
  };
}

/** Number of echoes for which an expectation waits, at least. */
const SLOW = 20;

/**
 * Splits an address into a URL without credentials, and the header for them (RFC 7617).
 *
 * @throws {TypeError} If the address is invalid.
 */
export function readAddress(address: string): { url: URL; authorization: Record<string, string> } {
  const whole = address.includes("://") ? address : `ws://${address}`;
  const shown = address.slice(address.lastIndexOf("@") + 1); // never print a password
  if (!URL.canParse(whole)) throw new TypeError(`Cannot judge ${shown}: it is no address`);
  const url = new URL(whole);
  if (!["ws:", "wss:", "http:", "https:"].includes(url.protocol)) {
    throw new TypeError(`Cannot judge ${shown}: it must begin with ws:// or wss://`);
  }
  if (url.port === "0") {
    throw new TypeError(`Cannot judge ${shown}: its port must be from 1 to 65535`);
  }
  const { username, password } = url;
  if (username === "" && password === "") return { url, authorization: {} };
  url.username = url.password = "";
  const credentials = `${username}:${password}`.replace(
    /%([\da-f]{2})/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
  return { url, authorization: { Authorization: `Basic ${btoa(credentials)}` } };
}
