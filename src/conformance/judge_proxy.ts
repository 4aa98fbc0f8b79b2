/**
 * Judges a proxy: stands before it as a client and behind it as a server, and compares.
 *
 * @module
 */

import { ExpectationFailed } from "./player/context.ts";
import { WireLog } from "./player/wire_log.ts";
import { readAddress } from "./judge_server.ts";
import type { Result, Run } from "./result.ts";
import { DEFAULTS, describeRuntime, type RunOptions } from "./run_options.ts";
import type { Check, CheckContext, Passage } from "./through/check.ts";
import { openTunnel } from "./through/check.ts";
import { frameChecks } from "./through/frame_checks.ts";
import { handshakeChecks } from "./through/handshake_checks.ts";
import { timeChecks } from "./through/time_checks.ts";
import { Backend, type TunnelEnd } from "./through/tunnel.ts";
import { CannotConnect } from "./wire/transport.ts";

/** Options for {@linkcode judgeProxy}. */
export interface ProxyOptions extends
  Pick<
    RunOptions,
    | "patterns"
    | "timeout"
    | "strict"
    | "agent"
    | "headers"
    | "insecure"
    | "tls"
    | "signal"
    | "onStart"
    | "onPlay"
    | "onResult"
  > {
  /** Port of 127.0.0.1 on which the judge is the server behind the proxy; 0 for any. */
  readonly port: number;

  /** Milliseconds for which an idle connection is watched. Default: 5000. */
  readonly idle?: number;

  /** Called when the server behind the proxy listens, before anything goes through it. */
  readonly onListen?: (port: number) => void | Promise<void>;
}

/** Milliseconds for which an idle connection is watched, unless an option says otherwise. */
const IDLE = 5000;

/** Finds the checks that patterns select, by section or by the beginning of an id. */
function selected(patterns: readonly string[]): Check[] {
  const all = [...handshakeChecks, ...frameChecks, ...timeChecks];
  const matches = ({ id, section }: Check, pattern: string): boolean =>
    pattern.includes("/")
      ? id.startsWith(pattern)
      : section === pattern || section.startsWith(`${pattern}.`);
  for (const pattern of patterns) {
    if (all.some((check) => matches(check, pattern))) continue;
    throw new RangeError(`Cannot select ${JSON.stringify(pattern)}: it means no check of a proxy`);
  }
  return all.filter((check) =>
    patterns.length === 0 || patterns.some((pattern) => matches(check, pattern))
  );
}

/**
 * Judges the proxy at a `ws:` or `wss:` address, whose server is the judge itself.
 *
 * @throws {TypeError} If the address is invalid.
 * @throws {RangeError} If a pattern means no check.
 */
export async function judgeProxy(address: string, options: ProxyOptions): Promise<Run> {
  const { url, authorization } = readAddress(address);
  const checks = selected(options.patterns ?? []);
  const begun = performance.now();
  const started = new Date().toISOString();
  const timeout = options.timeout ?? DEFAULTS.timeout;
  const backend = await Backend.listen(options.port);
  const agent = options.agent ?? url.host;
  const results: Result[] = [];
  let stopped: string | null = null;
  try {
    await options.onListen?.(backend.port);
    const passage: Passage = {
      url,
      backend,
      timeout,
      dialing: { timeout, insecure: options.insecure ?? false, tls: options.tls ?? {} },
      headers: { ...authorization, ...options.headers },
      idle: options.idle ?? IDLE,
    };
    stopped = await complaintAbout(passage);
    if (stopped === null) options.onStart?.(agent, checks.length);
    for (const check of stopped === null ? checks : []) {
      if (options.signal?.aborted) {
        stopped = "Interrupted";
        break;
      }
      options.onPlay?.(check.id);
      const result = await play(check, passage);
      results.push(result);
      options.onResult?.(result);
    }
  } finally {
    await backend.close();
  }
  return {
    format: "isosocket-judge/1",
    agent,
    subject: "proxy",
    target: url.href,
    started,
    ms: Math.round(performance.now() - begun),
    seed: null,
    strict: options.strict ?? false,
    selected: checks.length,
    stopped,
    runtime: describeRuntime(),
    results,
  };
}

/** Returns why no WebSocket can be opened through a proxy; `null` if one can. */
async function complaintAbout(passage: Passage): Promise<string | null> {
  const { context, end } = contextOf(passage);
  try {
    await openTunnel(context);
    return null;
  } catch (error) {
    if (error instanceof CannotConnect) return error.message;
    if (!(error instanceof ExpectationFailed)) throw error;
    return `Cannot judge ${passage.url.host}: ${error.message.replace("Expected", "expected")}`;
  } finally {
    end();
  }
}

/** Makes the context of a check. */
function contextOf(passage: Passage): {
  context: CheckContext;
  warnings: string[];
  facts: string[];
  end(): void;
} {
  const [warnings, facts]: [string[], string[]] = [[], []];
  const ends: TunnelEnd[] = [];
  const context: CheckContext = {
    ...passage,
    log: new WireLog(),
    warn: (note) => void warnings.push(note),
    fact: (text) => void facts.push(text),
    drop: (one) => void ends.push(one),
  };
  return { context, warnings, facts, end: () => ends.forEach((one) => one.drop()) };
}

async function play(check: Check, passage: Passage): Promise<Result> {
  const { id, section, level, requirement } = check;
  const { context, warnings, facts, end } = contextOf(passage);
  let [verdict, expected, got]: [Result["verdict"], string, string] = ["pass", "", ""];
  try {
    await check.run(context);
    if (warnings.length > 0) verdict = "warn";
  } catch (error) {
    if (error instanceof CannotConnect) {
      [verdict, got] = [error.timedOut ? "timeout" : "fail", error.message];
      warnings.push(error.message);
    } else {
      if (!(error instanceof ExpectationFailed)) throw error;
      verdict = level === "should" ? "warn" : error.timedOut ? "timeout" : "fail";
      ({ expected, got } = error);
      warnings.push(error.message);
    }
  } finally {
    end();
  }
  const { log } = context;
  return {
    id,
    section,
    level,
    requirement,
    autobahn: [],
    verdict,
    notes: warnings,
    expected,
    got,
    ...(facts.length > 0 && { facts }),
    ms: log.now(),
    ending: { closedBy: null, code: null, reason: "", clean: false, codeFits: true },
    extensions: "",
    sent: log.octets.judge,
    received: log.octets.peer,
    wire: log.entries(),
  };
}
