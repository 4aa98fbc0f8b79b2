/**
 * What a case is, and the words that case files are written in.
 *
 * ## How to add a case
 *
 * 1. Find the section that rests on it (`sections.ts` lists them all) and open the file of its topic
 *    in `cases/`; a new file is added to the list in `cases/mod.ts`.
 * 2. Add a key under its {@linkcode section}: the behaviour, beginning with a verb (*answers, takes,
 *    refuses, repeats, lets*). The id is `section/behaviour`, so it is unique by construction.
 * 3. Say {@linkcode must} or {@linkcode should}, as the section does, and the requirement in our own
 *    words. Then write the conversation. Never demand more than the section does: what is legal but
 *    looser is a `warn` ({@linkcode either}), not a failure.
 * 4. Name the Autobahn numbers that it is equivalent to with {@linkcode covers}.
 * 5. Add or extend a mutant in `tests/conformance/mutants.ts` that it catches.
 *
 * ```ts ignore
 * "refuses-a-ping-of-126-bytes": must(
 *   SHORT_AND_WHOLE,
 *   covers("2.5"),
 *   send(ping(fill(hex("fe"), 126))),
 *   expectFailure(1002),
 * ),
 * ```
 *
 * ## What a case need not say
 *
 * - The opening handshake: it is done before the first step, unless the first step is
 *   {@linkcode request} (then the case judges servers only) or {@linkcode respond} or
 *   {@linkcode expectRequest} (clients only).
 * - The end: a script that leaves the connection open is followed by our Close 1000, the peer's
 *   answer and the end of TCP; anything else that comes is a failure ("unexpected text message").
 *   So "and nothing more comes" needs no step either.
 * - Masking: by role. The peer's own conduct (masking, RSV bits, lengths, UTF-8, close codes,
 *   control frames) is watched in every case; a breach fails it, with its section.
 * - Timeouts: every expectation waits as long as bytes keep moving, and `--timeout` beyond.
 *
 * The subject under test echoes every message, text as text and binary as binary.
 *
 * @module
 */

import type {
  Either,
  Exchange,
  Expect,
  ExpectAlive,
  ExpectClose,
  ExpectEnd,
  ExpectFailure,
  ExpectFreshKeys,
  ExpectGiveUp,
  ExpectNothing,
  ExpectRefusal,
  ExpectRequest,
  ExpectUpgrade,
  HangUp,
  Pause,
  Raw,
  Reading,
  Send,
  SendRequest,
  SendResponse,
  Step,
  Way,
} from "./step.ts";
import type { Negotiation } from "./wire/extensions.ts";
import type { Frame, Item, Payload } from "./wire/frame.ts";
import type { RequestRule, RequestSpec, ResponseSpec } from "./wire/handshake.ts";

/** Who can be judged by a case. */
export type Subject = "server" | "client";

/** A requirement and the conversation that shows whether it is kept. */
export interface Case {
  /** `section/behaviour`. */
  readonly id: string;

  /** The section it rests on: see `sections.ts`. */
  readonly section: string;

  /** What the section asks, in our own words. */
  readonly requirement: string;

  /** How strongly it asks: a breach of a MUST fails, of a SHOULD warns. */
  readonly level: "must" | "should";

  /** The conversation. */
  readonly steps: readonly Step[];

  /** The Autobahn case numbers that it is equivalent to. */
  readonly autobahn: readonly string[];

  /** Whom it can judge. */
  readonly judges: readonly Subject[];

  /** Whether it depends on timing, and so runs with nothing beside it. */
  readonly alone: boolean;

  /** The family it is one of many in: `--quick` plays a sample of each. */
  readonly family?: string;

  /** The extension it needs. */
  readonly deflate?: Negotiation;
}

/** A case that has no id and section yet: {@linkcode section} gives them. */
export type Draft = Omit<Case, "id" | "section">;

/** Something said about a case among its steps. */
export interface Trait {
  /** What it says. */
  readonly trait: Partial<Pick<Case, "autobahn" | "judges" | "alone" | "family" | "deflate">>;
}

/** What stands behind the requirement: traits and steps, in any order. */
export type Part = Step | Trait;

/** A case about something that the section demands. */
export function must(requirement: string, ...parts: readonly Part[]): Draft {
  return draft("must", requirement, parts);
}

/** A case about something that the section recommends. */
export function should(requirement: string, ...parts: readonly Part[]): Draft {
  return draft("should", requirement, parts);
}

function draft(level: Case["level"], requirement: string, parts: readonly Part[]): Draft {
  const traits = parts.filter((part) => "trait" in part).map((part) => part.trait);
  const steps = parts.filter((part) => "do" in part);
  const first = steps[0]?.do;
  const judges: readonly Subject[] = first === "request"
    ? ["server"]
    : first === "respond" || first === "expect-request"
    ? ["client"]
    : ["server", "client"];
  return Object.assign(
    { requirement, level, steps, autobahn: [], judges, alone: false },
    ...traits,
  );
}

/** Puts drafts under a section: the keys are the behaviours. */
export function section(number: string, drafts: Readonly<Record<string, Draft>>): Case[] {
  return Object.entries(drafts).map(([name, draft]) => ({
    id: `${number}/${name}`,
    section: number,
    ...draft,
  }));
}

// Traits.

/** The Autobahn cases that this one is equivalent to. */
export function covers(...numbers: readonly string[]): Trait {
  return { trait: { autobahn: numbers } };
}

/** Judges only servers, or only clients. Not needed where the steps show it. */
export function only(...judges: readonly Subject[]): Trait {
  return { trait: { judges } };
}

/** Runs with no other case beside it, because it measures time or weighs heavily. */
export function alone(): Trait {
  return { trait: { alone: true } };
}

/** One of many alike: `--quick` plays a sample of each family. */
export function family(name: string): Trait {
  return { trait: { family: name } };
}

/** Needs permessage-deflate, negotiated like this. */
export function deflated(negotiation: Negotiation): Trait {
  return { trait: { deflate: negotiation } };
}

// Steps.

/** Writes frames and messages, in one write. */
export function send(...items: readonly Item[]): Send {
  return { do: "send", items };
}

/** Writes each frame on its own, flushed before the next. */
export function sendApart(...items: readonly Item[]): Send {
  return { do: "send", items, apart: true };
}

/** Writes `octets` at a time, each flushed. */
export function sendChopped(octets: number, ...items: readonly Item[]): Send {
  return { do: "send", items, chop: octets };
}

/** Cuts what is written at these offsets and flushes each part. */
export function sendCut(cuts: readonly number[], ...items: readonly Item[]): Send {
  return { do: "send", items, cuts };
}

/** Writes the items so many times, as fast as the peer takes them. */
export function sendMany(times: number, ...items: readonly Item[]): Send {
  return { do: "send", items, times };
}

/** Writes octets as they are. */
export function raw(bytes: Payload, chop?: number): Raw {
  return chop === undefined ? { do: "raw", bytes } : { do: "raw", bytes, chop };
}

/** Sends the message and waits for its echo, so many times, one in flight. */
export function exchange(times: number, message: Frame): Exchange {
  return { do: "exchange", times, message };
}

/** The next thing that comes is this message, ping or pong. */
export function expect(frame: Frame): Expect {
  return { do: "expect", frame };
}

/** As {@linkcode expect}, but other pongs may come before it (5.5.3). */
export function expectPastPongs(frame: Frame): Expect {
  return { do: "expect", frame, pastPongs: true };
}

/** Nothing has come, and the connection lives. */
export function expectNothing(): ExpectNothing {
  return { do: "expect-nothing" };
}

/** The peer closes with one of these codes; 1005 stands for an empty Close. */
export function expectClose(...codes: readonly number[]): ExpectClose {
  return { do: "expect-close", codes };
}

/** The peer fails the connection with one of these codes. */
export function expectFailure(...codes: readonly number[]): ExpectFailure {
  return { do: "expect-failure", codes };
}

/** As {@linkcode expectFailure}, but gives up after so many ms of silence: for {@linkcode either}. */
export function expectFailureWithin(ms: number, ...codes: readonly number[]): ExpectFailure {
  return { do: "expect-failure", codes, within: ms };
}

/** The connection ends, with or without a Close frame, and nothing else comes. */
export function expectEnd(): ExpectEnd {
  return { do: "expect-end" };
}

/** As {@linkcode expectEnd}, but pongs may come before it. */
export function expectEndPastPongs(): ExpectEnd {
  return { do: "expect-end", pastPongs: true };
}

/** The server still takes a new connection, or so many at once, and echoes. */
export function expectAlive(connections = 1): ExpectAlive {
  return { do: "expect-alive", connections };
}

/** No two of the client's frames so far had the same masking key. */
export function expectFreshKeys(): ExpectFreshKeys {
  return { do: "expect-fresh-keys" };
}

/** Waits. */
export function pause(ms: number): Pause {
  return { do: "pause", ms };
}

/** Stops or resumes reading. */
export function reading(on: boolean): Reading {
  return { do: "reading", on };
}

/** Ends our side of TCP. */
export function hangUp(how: HangUp["how"]): HangUp {
  return { do: "hang-up", how };
}

/** Several ways to go on; the first that succeeds is taken. */
export function either(...ways: readonly Way[]): Either {
  return { do: "either", ways };
}

/** A way that is right. */
export function pass(...steps: readonly Step[]): Way {
  return { verdict: "pass", note: "", steps };
}

/** A way that is legal but looser; the note says what was seen. */
export function warn(note: string, ...steps: readonly Step[]): Way {
  return { verdict: "warn", note, steps };
}

/** Opens with this request instead of a right one. */
export function request(spec: RequestSpec = {}): SendRequest {
  return { do: "request", ...spec };
}

/** The server accepts, choosing this subprotocol (null: none; left out: any that was offered). */
export function expectUpgrade(protocol?: string | null): ExpectUpgrade {
  return protocol === undefined ? { do: "expect-upgrade" } : { do: "expect-upgrade", protocol };
}

/** The server refuses with one of these statuses, or any where none is named. */
export function expectRefusal(
  statuses: number | readonly number[] = [],
  headers: Readonly<Record<string, string>> = {},
): ExpectRefusal {
  const list = typeof statuses === "number" ? [statuses] : statuses;
  return { do: "expect-refusal", statuses: list, headers };
}

/** Answers the client's request with this instead of a right 101. */
export function respond(spec: ResponseSpec = {}): SendResponse {
  return { do: "respond", ...spec };
}

/** The client's request keeps these rules. */
export function expectRequest(...rules: readonly RequestRule[]): ExpectRequest {
  return { do: "expect-request", rules };
}

/** The client gives up: it sends no frame and drops the connection. */
export function expectGiveUp(): ExpectGiveUp {
  return { do: "expect-give-up" };
}
