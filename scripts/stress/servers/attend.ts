/** Answers of each server under attack to questions about itself. @module */

import process from "node:process";
import type { ServeOptions, Server, Stats } from "../../../mod.ts";
import { answerQuestions } from "../../processes/answering.ts";
import { cost } from "../../processes/cost.ts";
import { SocketMonitor } from "./socket_monitor.ts";

/** Report of a server on its sockets. */
export interface ServerReport {
  /** Result of `server.stats()`. */
  readonly stats: Stats;
  /** Number of sockets that are not CLOSED. */
  readonly sockets: number;
  /** Number of sockets that `upgrade()` returned. */
  readonly made: number;
  /** Number of `close` events. */
  readonly closed: number;
  /** Number of `message` events. */
  readonly messages: number;
  /** First broken promises, in words. */
  readonly violations: readonly string[];
  /** Number of calls of `onError`, and the first error. */
  readonly errors: { readonly count: number; readonly first: string };
}

/** Options from the command line. */
export const options: ServeOptions = JSON.parse(process.argv[2] ?? "{}");

/** Monitor of the server's sockets. */
export const monitor: SocketMonitor = new SocketMonitor();

const errors = { count: 0, first: "" };

/** Option `onError`, which counts errors. */
export function onError(error: unknown): void {
  if (errors.count++ === 0) errors.first = String((error as Error)?.stack ?? error);
}

/**
 * Reports the server's port, then answers questions.
 *
 * @param others All servers of the process, by the names of their ports, if there are several.
 */
export function attend(
  server: Server,
  more?: (question: Record<string, unknown>) => unknown,
  others: Readonly<Record<string, Server>> = {},
): void {
  const ports = Object.fromEntries(Object.entries(others).map(([name, { port }]) => [name, port]));
  const all = [...new Set([server, ...Object.values(others)])];
  answerQuestions({ port: server.port, ports }, (question) => {
    if (question.settled !== undefined) return cost(true);
    if (question.report === undefined) return more?.(question) ?? true;
    const { made, closed, messages, violations } = monitor;
    const report: ServerReport = {
      stats: server.stats(),
      sockets: all.reduce((sum, { sockets }) => sum + sockets.size, 0),
      made,
      closed,
      messages,
      violations,
      errors,
    };
    return report;
  });
}
