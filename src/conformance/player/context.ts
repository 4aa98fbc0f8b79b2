/**
 * The context of a step: one case being played over one connection, and the errors that end it.
 *
 * @module
 */

import type { Case, Subject } from "../case.ts";
import { type Headers, keyFor } from "../wire/handshake.ts";
import type { Transport } from "../wire/transport.ts";
import type { Peer } from "./peer.ts";
import type { PeerEvent } from "./peer_events.ts";
import { describePayload, nameOf, type WireLog } from "./wire_log.ts";

/** The subject of a run, and how to connect to it. */
export interface Target {
  /** Whether a server or a client is judged. */
  readonly subject: Subject;

  /** Opens a connection. A client has connected already, so its function works only once. */
  readonly open: () => Promise<Transport>;

  /** For servers: the request target, `/path?query`. */
  readonly target: string;

  /** For servers: the Host header. */
  readonly host: string;

  /** For servers over HTTP/2: `http` or `https`. Default: HTTP/1.1 is spoken. */
  readonly scheme?: string;

  /** Headers to add to every request. */
  readonly headers?: Headers;

  /** Milliseconds of silence after which an expectation fails. */
  readonly timeout: number;

  /** Milliseconds that the subject takes for an answer, as measured. Default: 0. */
  readonly pace?: number;

  /** Milliseconds that one case may take. */
  readonly budget: number;

  /** For clients: the Sec-WebSocket-Key of each earlier connection; new ones are added. */
  readonly keys?: Set<string>;

  /** Ends the case at once. */
  readonly signal?: AbortSignal;
}

/** An event with a payload: a message or a Pong. */
export type PeerFrame = Extract<PeerEvent, { readonly payload: Uint8Array }>;

/** One case being played. */
export interface CaseContext {
  /** The case. */
  readonly test: Case;

  /** The subject, and how to connect to it again. */
  readonly target: Target;

  /** The peer on the connection. */
  readonly peer: Peer;

  /** The wire log of the connection. */
  readonly log: WireLog;

  /** Over HTTP/2, other sockets of the connection, by their names in the case. */
  readonly sockets: Map<string, CaseContext>;

  /** The Sec-WebSocket-Key that we send. */
  readonly key: string;

  /** Notes on legal but looser behaviour so far. */
  readonly warnings: string[];

  /** Messages and pongs that came before others that were expected first: see `expectFrame()`. */
  aside: readonly PeerFrame[];

  /** What was passed over: see {@linkcode passOver}. */
  readonly passed: { events: number; octets: number };

  /** The subprotocols that our request offers. */
  offered: readonly string[];

  /** Whether the opening handshake is done. */
  isOpen: boolean;

  /** Sec-WebSocket-Extensions as agreed. */
  extensions: string;

  /** Whether the connection ended cleanly. */
  clean: boolean;

  /** Whether the code of the peer's Close frame, if it has one, is appropriate. */
  codeFits: boolean;
}

/** Makes the context of a case before its first step. */
export function newContext(test: Case, target: Target, peer: Peer, log: WireLog): CaseContext {
  return {
    test,
    target,
    peer,
    log,
    sockets: new Map(),
    key: keyFor(test.id),
    warnings: [],
    aside: [],
    passed: { events: 0, octets: 0 },
    offered: [],
    isOpen: false,
    extensions: "",
    clean: false,
    codeFits: true,
  };
}

/** Error thrown when a requirement is broken: something else came than the step expects. */
export class ExpectationFailed extends Error {
  /** Expectation of the step, in words. */
  readonly expected: string;

  /** The actual event, in words. */
  readonly got: string;

  /** Section that the peer violated, if it did, whatever the case is about. */
  readonly violated: string | undefined;

  /** Whether nothing came in time. */
  readonly timedOut: boolean;

  /** @param about The section that the peer violated, or that nothing came in time. */
  constructor(
    expected: string,
    got: string,
    { violated, timedOut = false }: { violated?: string; timedOut?: boolean } = {},
  ) {
    super(violated ? `${got} (${violated})` : `Expected ${expected}, got ${got}`);
    this.name = "ExpectationFailed";
    this.expected = expected;
    this.got = got;
    this.violated = violated;
    this.timedOut = timedOut;
  }
}

/** Makes the error for an event that was not expected, or for silence. */
export function unexpected(expected: string, event: PeerEvent): ExpectationFailed {
  const timedOut = event.what === "silence";
  return new ExpectationFailed(expected, describeEvent(event), { timedOut });
}

/** Number of answers for which a peer has time where an answer is due soon. */
const SOON = 20;

/** Returns how long to wait where an answer is due soon: `ms`, or more for a slow peer. */
export function soon({ timeout, pace = 0 }: Target, ms: number): number {
  return Math.min(Math.max(ms, SOON * pace), timeout);
}

/**
 * Error thrown when the case needs something that was not negotiated, or that the subject lacks.
 */
export class Skipped extends Error {
  /** The name of the class. */
  override readonly name = "Skipped";
}

/**
 * Waits for the peer's next event, those that were set aside first.
 *
 * @param within Milliseconds of silence to wait. Default: the target's timeout.
 * @throws {ExpectationFailed} If the peer violated the protocol.
 */
export async function nextEvent(
  context: CaseContext,
  expected: string,
  within: number = context.target.timeout,
): Promise<PeerEvent> {
  const [first, ...aside] = context.aside;
  if (first !== undefined) {
    context.aside = aside;
    return first;
  }
  return await nextArrival(context, expected, within);
}

/**
 * Waits for the peer's next event behind those that were set aside.
 *
 * @throws {ExpectationFailed} If the peer violated the protocol.
 */
export async function nextArrival(
  { peer, target }: CaseContext,
  expected: string,
  within: number = target.timeout,
): Promise<PeerEvent> {
  const event = await peer.next(within);
  if (event.what === "violation") {
    throw new ExpectationFailed(expected, event.note, { violated: event.section });
  }
  return event;
}

/** Names what ends when a connection does. */
export function endOf({ peer }: CaseContext): string {
  return peer.stream === undefined ? "the end of TCP" : "the end of the stream";
}

/** Describes an event. */
export function describeEvent(event: PeerEvent): string {
  switch (event.what) {
    case "message":
    case "pong":
      return `${nameOf(event.opcode)} ${describePayload(event.payload)}`;
    case "close":
      return describeCode(event.code);
    case "violation":
      return event.note;
    case "end":
      if (event.words !== undefined) {
        return event.isCut ? `${event.words} in the middle of a frame` : event.words;
      }
      if (event.isCut) return "the end of TCP in the middle of a frame";
      return event.how === "reset" ? "a TCP reset" : "the end of TCP without a Close frame";
    case "silence":
      return `nothing in ${Math.round(event.ms)} ms`;
  }
}

/** Describes a Close code. */
function describeCode(code: number): string {
  return code === 1005 ? "an empty Close" : `Close ${code}`;
}

/** Describes alternative Close codes. */
export function describeCodes(codes: readonly number[]): string {
  return codes.map(describeCode).join(" or ");
}

/** Events, and octets, that may be passed over, beside what goes with those that were sent. */
const MOST_EVENTS = 50_000;
const MOST_OCTETS = 64 * 1024 * 1024;

/**
 * Passes over an event that does not matter any more.
 *
 * @throws {ExpectationFailed} If there is no end of such events: each resets the time to wait.
 */
export function passOver(context: CaseContext, event: PeerEvent): void {
  const { passed, log } = context;
  passed.events++;
  passed.octets += "payload" in event ? event.payload.length : 0;
  const sent = log.octets.judge;
  if (passed.events <= MOST_EVENTS + sent && passed.octets <= MOST_OCTETS + 2 * sent) return;
  const note = "The peer floods: it sends what nobody asked for, without end";
  throw new ExpectationFailed("the end", note, { violated: "10.4" });
}
