/** What each server under attack does beside serving: it answers questions about itself. @module */

import process from "node:process";
import type { ServeOptions, Server, Stats } from "../../../mod.ts";
import { answerQuestions } from "../../processes/answering.ts";
import { cost } from "../../processes/cost.ts";
import { StretchMonitor } from "./witness.ts";

/** What a server tells of its sockets. */
export interface Report {
  /** What it counts itself. */
  readonly stats: Stats;
  /** Sockets that are not CLOSED. */
  readonly sockets: number;
  /** Sockets that `upgrade()` gave. */
  readonly made: number;
  /** `close` events. */
  readonly closed: number;
  /** `message` events. */
  readonly messages: number;
  /** Promises that were not kept: the first ones, in words. */
  readonly broken: readonly string[];
  /** What `onError` was told. */
  readonly errors: { readonly count: number; readonly first: string };
}

/** What it was told on its command line. */
export const options: ServeOptions = JSON.parse(process.argv[2] ?? "{}");

/** Who watches its sockets. */
export const witness: StretchMonitor = new StretchMonitor();

const errors = { count: 0, first: "" };

/** The option `onError`: it counts. */
export function onError(error: unknown): void {
  if (errors.count++ === 0) errors.first = String((error as Error)?.stack ?? error);
}

/** Tells where the server is, then answers about it. */
export function attend(
  server: Server,
  more?: (question: Record<string, unknown>) => unknown,
): void {
  answerQuestions({ port: server.port }, (question) => {
    if (question.settled !== undefined) return cost(true);
    if (question.report === undefined) return more?.(question) ?? true;
    const { made, closed, messages, broken } = witness;
    const report: Report = {
      stats: server.stats(),
      sockets: server.sockets.size,
      made,
      closed,
      messages,
      broken,
      errors,
    };
    return report;
  });
}
