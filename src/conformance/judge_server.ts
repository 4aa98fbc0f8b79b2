/**
 * Judges a server: plays all selected cases against it, some at the same time.
 *
 * @module
 */

import type { Case } from "./case.ts";
import { cases as allCases } from "./cases/mod.ts";
import type { Target } from "./player/context.ts";
import { Peer } from "./player/peer.ts";
import { play } from "./player/play.ts";
import { WireLog } from "./player/wire_log.ts";
import type { Result, Run } from "./result.ts";
import { chooseSeed, DEFAULTS, describeRuntime, type RunOptions } from "./run_options.ts";
import { select } from "./selection.ts";
import { close, text } from "./wire/frame.ts";
import { keyFor, writeRequest } from "./wire/handshake.ts";
import { statusOf, valueOf } from "./wire/head.ts";
import { CannotConnect, dial, type Transport } from "./wire/transport.ts";

/**
 * Judges the server at a `ws:` or `wss:` address.
 *
 * @throws {TypeError} If the address is invalid.
 * @throws {RangeError} If a pattern matches no case.
 */
export async function judgeServer(address: string, options: RunOptions = {}): Promise<Run> {
  const { url, authorization } = readAddress(address);
  const begun = performance.now();
  const started = new Date().toISOString();
  const seed = options.quick ? options.seed ?? chooseSeed() : null;
  const selected = select(options.cases ?? allCases, "server", {
    ...options,
    ...(seed !== null && { seed }),
  });
  const timeout = options.timeout ?? DEFAULTS.timeout;
  const target: Target = {
    subject: "server",
    open: () => dial(url, { timeout, insecure: options.insecure ?? false }),
    target: (url.pathname || "/") + url.search,
    host: url.host,
    timeout,
    budget: options.budget ?? DEFAULTS.budget,
    headers: { ...authorization, ...options.headers },
    ...(options.signal && { signal: options.signal }),
  };

  const first = await probe(target);
  const agent = options.agent ?? first.agent ?? url.host;
  const results = new Map<Case, Result>();
  let stopped = first.complaint;
  if (stopped === null) {
    options.onStart?.(agent, selected.length);
    stopped = await playAll(selected, target, options, results);
  }
  return {
    format: "isosocket-judge/1",
    agent,
    subject: "server",
    target: url.href,
    started,
    ms: Math.round(performance.now() - begun),
    seed,
    strict: options.strict ?? false,
    selected: selected.length,
    stopped,
    runtime: describeRuntime(),
    results: selected.flatMap((test) => results.get(test) ?? []),
  };
}

/** Splits an address into a URL without credentials, and the header for them (RFC 7617). */
function readAddress(address: string): { url: URL; authorization: Record<string, string> } {
  const whole = address.includes("://") ? address : `ws://${address}`;
  const shown = address.slice(address.lastIndexOf("@") + 1); // never print a password
  if (!URL.canParse(whole)) throw new TypeError(`Cannot judge ${shown}: it is no address`);
  const url = new URL(whole);
  if (!["ws:", "wss:", "http:", "https:"].includes(url.protocol)) {
    throw new TypeError(`Cannot judge ${shown}: it must begin with ws:// or wss://`);
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

/** Plays cases, first together, then those that run alone. Returns why it stopped early, if so. */
async function playAll(
  selected: readonly Case[],
  target: Target,
  { jobs = DEFAULTS.jobs, onResult, signal }: RunOptions,
  results: Map<Case, Result>,
): Promise<string | null> {
  let stopped: string | null = null;
  const aborted = (): boolean => signal?.aborted ?? false;

  async function playFrom(queue: Case[]): Promise<void> {
    for (let test = queue.shift(); test && stopped === null && !aborted(); test = queue.shift()) {
      const result = await play(test, target);
      if (aborted()) return;
      results.set(test, result);
      onResult?.(result);
      if (result.wire.length === 0) {
        // No octet was exchanged: is the server still there?
        const { complaint } = await probe(target);
        if (complaint) stopped ??= `The server is gone since ${test.id}: ${complaint}`;
      }
    }
  }

  const together = selected.filter((test) => !test.alone);
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, () => playFrom(together)));
  await playFrom(selected.filter((test) => test.alone));
  return aborted() ? "Interrupted" : stopped;
}

/** Sends one request and one message: does the server echo, and what does it call itself? */
async function probe(target: Target): Promise<{ agent?: string; complaint: string | null }> {
  const { host, headers = {}, timeout, signal } = target;
  let transport: Transport;
  try {
    transport = await target.open();
  } catch (error) {
    if (error instanceof CannotConnect) return { complaint: error.message };
    throw error;
  }
  const peer = new Peer(transport, new WireLog(), true, timeout);
  const drop = (): void => peer.drop();
  signal?.addEventListener("abort", drop, { once: true });
  try {
    const key = keyFor("hello");
    const request = writeRequest({}, { target: target.target, host, key, offer: "", headers });
    await peer.out.raw(request);
    const head = await peer.head(timeout);
    if (typeof head !== "object") {
      const why = head ?? (peer.ended ? "it ended the connection" : `no answer in ${timeout} ms`);
      return { complaint: `Cannot judge ${host}: ${why}` };
    }
    const name = valueOf(head, "server");
    const agent = name ? { agent: name } : {};
    if (statusOf(head) !== 101) {
      return { ...agent, complaint: `Cannot judge ${host}: it answered ${head.line.slice(0, 80)}` };
    }
    peer.switchToFrames();
    await peer.out.send([text("hello")]);
    // Whatever comes back, however wrong, is for the cases to judge.
    const { what } = await peer.next(timeout);
    await peer.out.send([close(1000)]);
    const complaint = what === "silence" ? `Cannot judge ${host}: it does not echo` : null;
    return { ...agent, complaint };
  } finally {
    signal?.removeEventListener("abort", drop);
    peer.drop();
  }
}
