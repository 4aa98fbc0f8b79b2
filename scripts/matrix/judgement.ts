/** What is committed of the run of one subject, for the public matrix. @module */

import { type Tally, tally } from "../../src/conformance/report/tally.ts";
import type { Run } from "../../src/conformance/result.ts";

/** The result of one subject. */
export interface Judgement {
  /** Name of the subject. */
  readonly name: string;

  /** Its title on the page. */
  readonly title: string;

  /** Whether it is a server or a client. */
  readonly kind: "server" | "client";

  /** Version of the library or runtime. */
  readonly version: string;

  /** Day of the run, as ISO 8601. */
  readonly date: string;

  /** Reason why the run was cut short; absent if it was not. */
  readonly stopped?: string;

  /** Numbers of passes, warnings, failures, timeouts and skips, by section. */
  readonly sections: Readonly<Record<string, readonly [number, number, number, number, number]>>;

  /** The cases that fail or time out, with the reason. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Characters of a reason that are kept. */
const REASON = 160;

/** Makes the judgement of a run. */
export function judgementOf(
  { kind, name, title, version }: Pick<Judgement, "kind" | "name" | "title" | "version">,
  { results, started, stopped }: Run,
): Judgement {
  const sections: Record<string, readonly [number, number, number, number, number]> = {};
  for (const section of new Set(results.map((one) => one.section))) {
    const counts: Tally = tally(results.filter((one) => one.section === section));
    const { pass, warn, fail, timeout, skip } = counts;
    sections[section] = [pass, warn, fail, timeout, skip];
  }
  const failures = results.filter(({ verdict }) => verdict === "fail" || verdict === "timeout")
    .map(({ id, verdict, notes }) =>
      [id, `${verdict}: ${(notes.at(-1) ?? "").slice(0, REASON)}`] as const
    );
  return {
    name,
    title,
    kind,
    version,
    date: started.slice(0, 10),
    ...(stopped !== null && { stopped }),
    sections,
    failures: Object.fromEntries(failures),
  };
}
