/**
 * Cases, and the functions that case files are written with.
 *
 * ## How to add a case
 *
 * 1. Find the section that contains the requirement (`sections.ts` lists them all) and open the
 *    file of its topic in `cases/`. A new file is added to the list in `cases/mod.ts`.
 * 2. Add a key under its {@linkcode section}: the behaviour, beginning with a verb (*answers,
 *    takes, refuses, repeats, lets*). The id is `section/behaviour`, so it is unique by
 *    construction.
 * 3. Write {@linkcode must} or {@linkcode should}, as the section does, the requirement in our own
 *    words, and the steps. Never demand more than the section does: a result that is legal but
 *    looser is a warning ({@linkcode either}), not a failure. Where the judge itself breaks a rule to
 *    provoke, it is a MUST only if the section says what the receiver has to do, or if Autobahn asks
 *    for it; else 10.7 holds: invalid data SHOULD be answered with a Close.
 * 4. List the equivalent Autobahn numbers with {@linkcode covers}.
 * 5. Add or extend a mutant in `tests/conformance/mutants.ts` that the case catches. One of HTTP/2
 *    (`cases/http2_*.ts`, steps in `http2_case.ts`) is caught by a fault in `http2_test.ts`.
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
 * ## What every case does by itself
 *
 * - The opening handshake precedes the first step, unless the first step is {@linkcode request}
 *   (the case then judges servers only) or {@linkcode respond} or {@linkcode expectRequest}
 *   (clients only).
 * - Steps that leave the connection open are followed by our Close 1000, the peer's answer and the
 *   end of TCP; anything else that arrives is a failure. So "and nothing more comes" needs no step.
 * - Frames are masked by role. The peer's frames are checked in every case (masking, RSV bits,
 *   lengths, UTF-8, close codes, control frames); a violation fails the case, with the section
 *   violated.
 * - Every expectation waits as long as bytes keep moving, and `--timeout` beyond.
 * - Messages keep their order, and pongs theirs; a Pong may come behind an echo that is due later.
 * - A server that crashes, or serves nobody any more, fails the case, whatever its level.
 *
 * The subject echoes every message, text as text and binary as binary.
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

/** Kind of endpoint that is judged. */
export type Subject = "server" | "client";

/** A requirement, and the steps that show whether it is kept. */
export interface Case {
  /** Unique id, `section/behaviour`. */
  readonly id: string;

  /** Section that contains the requirement: see `sections.ts`. */
  readonly section: string;

  /** The requirement, in our own words. */
  readonly requirement: string;

  /** Level of the requirement: breaking a MUST is a failure, breaking a SHOULD a warning. */
  readonly level: "must" | "should";

  /** Steps, in order. */
  readonly steps: readonly Step[];

  /** Numbers of the equivalent Autobahn cases. */
  readonly autobahn: readonly string[];

  /** Endpoints that it can judge. */
  readonly judges: readonly Subject[];

  /** Whether no other case may run at the same time, as it depends on timing or load. */
  readonly alone: boolean;

  /** Name of a family of similar cases: `--quick` plays a sample of each. */
  readonly family?: string;

  /** Whether only `--full` plays it, or a pattern that names it, as it takes long. */
  readonly isLong?: boolean;

  /** Compression that it needs. */
  readonly deflate?: Negotiation;
}

/** A case without id and section, which {@linkcode section} adds. */
export type Draft = Omit<Case, "id" | "section">;

/** A property of a case, given among its steps. */
export interface Trait {
  /** The property. */
  readonly trait: Partial<
    Pick<Case, "autobahn" | "judges" | "alone" | "family" | "isLong" | "deflate">
  >;
}

/** A trait or a step, in any order behind the requirement. */
export type Part = Step | Trait;

/** Makes a case about a requirement that is a MUST. */
export function must(requirement: string, ...parts: readonly Part[]): Draft {
  return draft("must", requirement, parts);
}

/** Makes a case about a requirement that is a SHOULD. */
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

/** Makes the cases of a section; the keys are the behaviours. */
export function section(number: string, drafts: Readonly<Record<string, Draft>>): Case[] {
  return Object.entries(drafts).map(([name, draft]) => ({
    id: `${number}/${name}`,
    section: number,
    ...draft,
  }));
}

/** Lists the Autobahn cases that this one is equivalent to. */
export function covers(...numbers: readonly string[]): Trait {
  return { trait: { autobahn: numbers } };
}

/** Limits a case to servers or clients. Not needed where the steps do. */
export function only(...judges: readonly Subject[]): Trait {
  return { trait: { judges } };
}

/** Runs a case with no other at the same time, because it measures time or is a heavy load. */
export function alone(): Trait {
  return { trait: { alone: true } };
}

/** Adds a case to a family of similar ones, of which `--quick` plays a sample. */
export function family(name: string): Trait {
  return { trait: { family: name } };
}

/** Leaves a case out unless the run is full, because it takes long. */
export function long(): Trait {
  return { trait: { isLong: true } };
}

/** Requires permessage-deflate, negotiated like this. */
export function deflated(negotiation: Negotiation): Trait {
  return { trait: { deflate: negotiation } };
}

/** Writes frames and messages, in one write. */
export function send(...items: readonly Item[]): Send {
  return { do: "send", items };
}

/** Writes each frame on its own, and flushes it before the next. */
export function sendApart(...items: readonly Item[]): Send {
  return { do: "send", items, apart: true };
}

/** Writes and flushes so many octets at a time. */
export function sendChopped(octets: number, ...items: readonly Item[]): Send {
  return { do: "send", items, chop: octets };
}

/** Cuts the octets of the items at these offsets, and flushes each part. */
export function sendCut(cuts: readonly number[], ...items: readonly Item[]): Send {
  return { do: "send", items, cuts };
}

/** Writes the items `times` times, as fast as the peer takes them. */
export function sendMany(times: number, ...items: readonly Item[]): Send {
  return { do: "send", items, times };
}

/** Writes octets unchanged, optionally `chop` octets at a time. */
export function raw(bytes: Payload, chop?: number): Raw {
  return chop === undefined ? { do: "raw", bytes } : { do: "raw", bytes, chop };
}

/** Sends the message and waits for its echo, `times` times. */
export function exchange(times: number, message: Frame): Exchange {
  return { do: "exchange", times, message };
}

/** Expects this message, ping or pong next. */
export function expect(frame: Frame): Expect {
  return { do: "expect", frame };
}

/** Like {@linkcode expect}, but other pongs may come before (5.5.3). */
export function expectPastPongs(frame: Frame): Expect {
  return { do: "expect", frame, pastPongs: true };
}

/** Expects that nothing has come and the connection lives. */
export function expectNothing(): ExpectNothing {
  return { do: "expect-nothing" };
}

/** Expects the peer to close with one of these codes; 1005 stands for an empty Close. */
export function expectClose(...codes: readonly number[]): ExpectClose {
  return { do: "expect-close", codes };
}

/** Expects the peer to fail the connection with one of these codes. */
export function expectFailure(...codes: readonly number[]): ExpectFailure {
  return { do: "expect-failure", codes };
}

/** Like {@linkcode expectFailure}, with notes for the report on other codes, by code. */
export function expectFailureNoting(
  notes: Readonly<Record<number, string>>,
  ...codes: readonly number[]
): ExpectFailure {
  return { do: "expect-failure", codes, notes };
}

/**
 * Like {@linkcode expectFailure}, but fails after `ms` of silence: for use in {@linkcode either}.
 */
export function expectFailureWithin(ms: number, ...codes: readonly number[]): ExpectFailure {
  return { do: "expect-failure", codes, within: ms };
}

/** Expects the connection to end, with or without a Close frame, and nothing else before. */
export function expectEnd(): ExpectEnd {
  return { do: "expect-end" };
}

/** Like {@linkcode expectEnd}, but pongs may come before. */
export function expectEndPastPongs(): ExpectEnd {
  return { do: "expect-end", pastPongs: true };
}

/** Like {@linkcode expectEnd}, but messages and pongs may come before. */
export function expectEndPastMessages(): ExpectEnd {
  return { do: "expect-end", pastPongs: true, pastMessages: true };
}

/** Expects the server to accept and serve new connections, so many at once. */
export function expectAlive(connections = 1): ExpectAlive {
  return { do: "expect-alive", connections };
}

/** Expects that no two of the client's frames so far had the same masking key. */
export function expectFreshKeys(): ExpectFreshKeys {
  return { do: "expect-fresh-keys" };
}

/** Waits, in milliseconds. */
export function pause(ms: number): Pause {
  return { do: "pause", ms };
}

/** Stops or resumes reading. */
export function reading(on: boolean): Reading {
  return { do: "reading", on };
}

/** Ends the judge's side of TCP. */
export function hangUp(how: HangUp["how"]): HangUp {
  return { do: "hang-up", how };
}

/** Tries several ways to go on; the first that succeeds is taken. */
export function either(...ways: readonly Way[]): Either {
  return { do: "either", ways };
}

/** Makes a way that is correct. */
export function pass(...steps: readonly Step[]): Way {
  return { verdict: "pass", note: "", steps };
}

/** Makes a way that is legal but looser; the note says what was observed. */
export function warn(note: string, ...steps: readonly Step[]): Way {
  return { verdict: "warn", note, steps };
}

/** Sends this request instead of a correct one. */
export function request(spec: RequestSpec = {}): SendRequest {
  return { do: "request", ...spec };
}

/**
 * Expects the server to accept.
 *
 * @param protocol Expected subprotocol; `null` for none. Default: any that was offered.
 */
export function expectUpgrade(protocol?: string | null): ExpectUpgrade {
  return protocol === undefined ? { do: "expect-upgrade" } : { do: "expect-upgrade", protocol };
}

/**
 * Expects the server to refuse.
 *
 * @param statuses Correct statuses. Default: any but 101.
 * @param headers Headers that must be present, each with a token that it must list.
 */
export function expectRefusal(
  statuses: number | readonly number[] = [],
  headers: Readonly<Record<string, string>> = {},
): ExpectRefusal {
  const list = typeof statuses === "number" ? [statuses] : statuses;
  return { do: "expect-refusal", statuses: list, headers };
}

/** Sends this response to the client's request instead of a correct 101. */
export function respond(spec: ResponseSpec = {}): SendResponse {
  return { do: "respond", ...spec };
}

/** Expects that the client's request keeps these rules. */
export function expectRequest(...rules: readonly RequestRule[]): ExpectRequest {
  return { do: "expect-request", rules };
}

/** Expects the client to send no frame and drop the connection. */
export function expectGiveUp(): ExpectGiveUp {
  return { do: "expect-give-up" };
}
