/**
 * Results of a run: plain data, which JSON can hold and every report is made from.
 *
 * A report is a function in `report/` from one or several {@linkcode Run}s to text or files.
 *
 * @module
 */

import type { Subject } from "./case.ts";

/**
 * Verdict of a case. "timeout": what a MUST asks for did not come in time, in a replay alone
 * neither; it counts as a failure. "skip": the case needs something that was not agreed on, or that
 * the subject lacks.
 */
export type Verdict = "pass" | "warn" | "timeout" | "fail" | "skip";

/** Side of a connection. */
export type Side = "judge" | "peer";

/** One entry of the wire log. */
export interface WireEntry {
  /** Milliseconds since the case began. */
  readonly at: number;

  /** Side that wrote it. */
  readonly from: Side;

  /**
   * Kind of entry. "http": a handshake head; "frame": one frame; "bytes": octets; "tcp": opened,
   * ended or reset; "gap": entries that were left out.
   */
  readonly what: "http" | "frame" | "bytes" | "tcp" | "gap";

  /** Description: `Text "hello"`, `Close 1002 "bad"`, a head as text, `Ended by the peer`. */
  readonly text: string;

  /** Number of octets on the wire. */
  readonly size: number;

  /** The first {@linkcode HEX_BYTES} octets, in hex. */
  readonly hex?: string;

  /** Header of the frame, for frames. */
  readonly frame?: WireFrame;
}

/** Header of a frame in the wire log. */
export interface WireFrame {
  /** Opcode, 0 to 15. */
  readonly opcode: number;

  /** Whether it was the last frame of its message. */
  readonly fin: boolean;

  /** The reserved bits: 4 is RSV1, 2 is RSV2, 1 is RSV3. */
  readonly rsv: number;

  /** Whether it was masked. */
  readonly masked: boolean;

  /** Payload length that it announced. */
  readonly length: number;
}

/** Number of octets of an entry that the log keeps. */
export const HEX_BYTES = 96;

/** Number of entries that the log keeps at its beginning. */
export const LOG_HEAD = 60;

/** Number of entries that the log keeps at its end, behind a "gap". */
export const LOG_TAIL = 20;

/** End of a connection. */
export interface Ending {
  /** Side whose Close frame came first; `null` if there was none. */
  readonly closedBy: Side | null;

  /** Code in the peer's Close frame; `null` without a frame, 1005 if it was empty. */
  readonly code: number | null;

  /** Reason in the peer's Close frame. */
  readonly reason: string;

  /** Whether both Close frames were exchanged and TCP ended in time. */
  readonly clean: boolean;

  /** Whether the code, if any, is appropriate for the reason why the peer failed the connection. */
  readonly codeFits: boolean;
}

/** Result of one case. */
export interface Result {
  /** Id of the case, `section/behaviour`. */
  readonly id: string;

  /** Section that contains the requirement. */
  readonly section: string;

  /** Level of the requirement. */
  readonly level: "must" | "should";

  /** The requirement, in our own words. */
  readonly requirement: string;

  /** Numbers of the equivalent Autobahn cases. */
  readonly autobahn: readonly string[];

  /** Verdict. */
  readonly verdict: Verdict;

  /** Reasons why it is not a pass, one sentence each; empty for a pass. */
  readonly notes: readonly string[];

  /** What was seen or measured besides, one sentence each. Default: nothing. */
  readonly facts?: readonly string[];

  /** Expectation of the failed step, in words; empty if none failed. */
  readonly expected: string;

  /** The actual event instead, in words. */
  readonly got: string;

  /** Duration in milliseconds. */
  readonly ms: number;

  /** End of the connection. */
  readonly ending: Ending;

  /** Sec-WebSocket-Extensions as agreed on. */
  readonly extensions: string;

  /** Number of octets that the judge wrote. */
  readonly sent: number;

  /** Number of octets that the peer wrote. */
  readonly received: number;

  /** Wire log of the connection. */
  readonly wire: readonly WireEntry[];
}

/** One run of the judge against one subject. */
export interface Run {
  /** Format of these data. */
  readonly format: "isosocket-judge/1";

  /** Name of the subject: `--agent`, the Server header, or the address. */
  readonly agent: string;

  /** Kind of endpoint that was judged. */
  readonly subject: Subject | "proxy";

  /** Whether a server's WebSockets over HTTP/2 were judged (RFC 8441). */
  readonly http2?: boolean;

  /** Address of the server or the proxy, or the address on which the judge listened. */
  readonly target: string;

  /** Start of the run, as ISO 8601. */
  readonly started: string;

  /** Duration in milliseconds. */
  readonly ms: number;

  /** Seed of `--quick`; `null` if every selected case was played. */
  readonly seed: number | null;

  /** Whether long exchanges were played in full, and the longest cases at all. */
  readonly full?: boolean;

  /** Whether warnings count as failures. */
  readonly strict: boolean;

  /** Number of selected cases; fewer results mean that the run was cut short. */
  readonly selected: number;

  /** Reason why the subject could not be judged, or the run was cut short; else `null`. */
  readonly stopped: string | null;

  /** Runtime and platform of the judge: `node 20.20.2 linux x64`. */
  readonly runtime: string;

  /** Results in the order of the cases. */
  readonly results: readonly Result[];
}
