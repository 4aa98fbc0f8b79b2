/**
 * What a run leaves behind: plain data, which every report is made from and JSON can hold.
 *
 * A report is a function in `report/` from one or several {@linkcode Run}s to text or files.
 *
 * @module
 */

import type { Subject } from "./case.ts";

/** How a case ended. "skip": what it needs was not agreed, or cannot be done with this subject. */
export type Verdict = "pass" | "warn" | "fail" | "skip";

/** Who wrote something on the wire. */
export type Side = "judge" | "peer";

/** One line of the wire log. */
export interface WireEntry {
  /** Milliseconds since the case began. */
  readonly at: number;

  /** Who wrote it. */
  readonly from: Side;

  /** "http": a handshake head; "frame": one frame; "bytes": octets; "tcp": opened, ended, reset. */
  readonly what: "http" | "frame" | "bytes" | "tcp" | "gap";

  /** In words: `Text "hello"`, `Close 1002 "bad"`, a head as text, `ended by the peer`. */
  readonly text: string;

  /** How many octets it took on the wire. */
  readonly size: number;

  /** The octets, cut to the first {@linkcode HEX_BYTES}. */
  readonly hex?: string;

  /** The header, for frames. */
  readonly frame?: WireFrame;
}

/** The header of a frame in the wire log. */
export interface WireFrame {
  /** 0 to 15. */
  readonly opcode: number;

  /** Whether it was the last of its message. */
  readonly fin: boolean;

  /** The reserved bits: 4 is RSV1, 2 is RSV2, 1 is RSV3. */
  readonly rsv: number;

  /** Whether it was masked. */
  readonly masked: boolean;
  /** The payload length that it announced. */
  readonly length: number;
}

/** How many octets of an entry the log keeps. */
export const HEX_BYTES = 96;

/** How many entries the log keeps at the beginning and at the end; a "gap" says what lies between. */
export const LOG_HEAD = 60;
export const LOG_TAIL = 20;

/** How the connection ended. */
export interface Ending {
  /** Whose Close frame came first; null when there was none. */
  readonly closedBy: Side | null;

  /** The code in the peer's Close frame: null when it sent none, 1005 when it was empty. */
  readonly code: number | null;

  /** The reason in the peer's Close frame. */
  readonly reason: string;

  /** Whether both Close frames went over and TCP ended in time. */
  readonly clean: boolean;

  /** Whether the code, if there is one, is right for what made the peer fail the connection. */
  readonly codeFits: boolean;
}

/** What one case found. */
export interface Result {
  /** `section/behaviour`. */
  readonly id: string;

  /** The section it rests on. */
  readonly section: string;

  /** How strongly the section asks. */
  readonly level: "must" | "should";

  /** What the section asks, in our own words. */
  readonly requirement: string;

  /** The Autobahn case numbers that it is equivalent to. */
  readonly autobahn: readonly string[];

  /** How it ended. */
  readonly verdict: Verdict;

  /** Why it is not a plain pass, one sentence each; empty for a pass. */
  readonly notes: readonly string[];

  /** What the decisive step expected, in words; empty when all went well. */
  readonly expected: string;

  /** What came instead. */
  readonly got: string;

  /** Duration in milliseconds. */
  readonly ms: number;

  /** How the connection ended. */
  readonly ending: Ending;

  /** The extensions that were agreed, as the header said. */
  readonly extensions: string;

  /** Octets that we wrote. */
  readonly sent: number;

  /** Octets that the peer wrote. */
  readonly received: number;

  /** What went over the line. */
  readonly wire: readonly WireEntry[];
}

/** One run of the judge over one subject. */
export interface Run {
  /** The format of this data. */
  readonly format: "isosocket-judge/1";

  /** A name for the subject: `--agent`, the Server header, or the address. */
  readonly agent: string;

  /** What was judged. */
  readonly subject: Subject;

  /** The address: dialled, or listened on. */
  readonly target: string;

  /** ISO 8601. */
  readonly started: string;

  /** How long, in ms. */
  readonly ms: number;

  /** The seed of `--quick`; null when every selected case was played. */
  readonly seed: number | null;

  /** Whether warnings count as failures. */
  readonly strict: boolean;

  /** How many cases were selected; fewer results mean that the run was cut short. */
  readonly selected: number;

  /** Why the target could not be judged, or the run was cut short; null when all went well. */
  readonly stopped: string | null;

  /** The software and machine that judged: `node 20.20.2 linux`. */
  readonly runtime: string;

  /** In the order of the cases. */
  readonly results: readonly Result[];
}
