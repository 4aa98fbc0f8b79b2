/**
 * What a step works on: one case being played over one connection, and the ways in which it ends.
 *
 * @module
 */

import type { Case, Subject } from "../case.ts";
import type { Transport } from "../wire/transport.ts";
import type { Peer, PeerEvent } from "./peer.ts";
import type { Headers } from "../wire/handshake.ts";
import { describePayload, nameOf, type WireLog } from "./wire_log.ts";

/** The subject of a run, and how to get a line to it. */
export interface Target {
  /** Who is judged. */
  readonly subject: Subject;

  /** A new line. A server is dialled; a client has come already, and gives one line only. */
  readonly open: () => Promise<Transport>;

  /** For servers: what to ask for, `/path?query`. */
  readonly target: string;

  /** For servers: the Host header. */
  readonly host: string;

  /** More headers for every request. */
  readonly headers?: Headers;

  /** How long an expectation waits in silence, in ms. */
  readonly timeout: number;

  /** How long a whole case may take, in ms. */
  readonly budget: number;

  /** The keys that the client has sent on its other connections. */
  readonly keys?: Set<string>;

  /** Ends the case at once. */
  readonly signal?: AbortSignal;
}

/** One case being played. */
export interface CaseContext {
  readonly test: Case;
  readonly target: Target;
  readonly peer: Peer;
  readonly log: WireLog;

  /** The Sec-WebSocket-Key that we send. */
  readonly key: string;

  /** What is legal but looser, so far. */
  readonly warnings: string[];

  /** The subprotocols that our request offers. */
  offered: readonly string[];

  /** Whether the opening handshake is done. */
  isOpen: boolean;

  /** Sec-WebSocket-Extensions as agreed. */
  extensions: string;

  /** Whether the connection came to a clean end. */
  clean: boolean;

  /** Whether the code of the peer's Close frame, if it has one, is appropriate. */
  codeFits: boolean;
}

/** The requirement is broken: something else came than the step expects. */
export class ExpectationFailed extends Error {
  /** What the step expected, in words. */
  readonly expected: string;

  /** What came. */
  readonly got: string;

  /** The section that the peer broke by itself, whatever the case is about. */
  readonly breach: string | undefined;

  /** @param breach The section that the peer broke by itself, if that is what happened. */
  constructor(expected: string, got: string, breach?: string) {
    super(breach ? `${got} (${breach})` : `Expected ${expected}, got ${got}`);
    this.name = "Broken";
    this.expected = expected;
    this.got = got;
    this.breach = breach;
  }
}

/** What the case needs is not there: not agreed, or not to be had with this subject. */
export class Skipped extends Error {
  /** The name of the class. */
  override readonly name = "Skipped";
}

/** A happening in words. */
export function describeEvent(happening: PeerEvent): string {
  switch (happening.what) {
    case "message":
    case "pong":
      return `${nameOf(happening.opcode)} ${describePayload(happening.payload)}`;
    case "close":
      return describeCode(happening.code);
    case "breach":
      return happening.note;
    case "end":
      return happening.how === "reset" ? "a TCP reset" : "the end of TCP without a Close frame";
    case "silence":
      return `nothing in ${Math.round(happening.ms)} ms`;
  }
}

/** A Close code in words. */
export function describeCode(code: number): string {
  return code === 1005 ? "an empty Close" : `Close ${code}`;
}

/** Several in words. */
export function describeCodes(codes: readonly number[]): string {
  return codes.map(describeCode).join(" or ");
}
