/**
 * The steps that a case is made of: plain data, so a case can be listed, exported and replayed.
 *
 * Steps only describe. What each does, and how long it waits, is the player's business (`play.ts`).
 *
 * @module
 */

import type { Frame, Item, Payload } from "./wire/frame.ts";
import type { RequestRule, RequestSpec, ResponseSpec } from "./wire/handshake.ts";

/** Writes items, in one write unless it says otherwise. */
export interface Send {
  /** Which step it is. */
  readonly do: "send";

  /** What is written, in order. */
  readonly items: readonly Item[];

  /** Writes this many octets at a time, each flushed. */
  readonly chop?: number;

  /** Writes each frame on its own, flushed. */
  readonly apart?: boolean;

  /** Cuts the octets of all items at these offsets; each part is flushed. */
  readonly cuts?: readonly number[];

  /** Writes the items this many times. Default: 1. */
  readonly times?: number;
}

/** Writes octets as they are, after the opening handshake. Not masked, not counted as frames. */
export interface Raw {
  /** Which step it is. */
  readonly do: "raw";

  /** The octets. */
  readonly bytes: Payload;

  /** Writes this many octets at a time. */
  readonly chop?: number;
}

/** Sends a message and waits for its echo, over and over. */
export interface Exchange {
  /** Which step it is. */
  readonly do: "exchange";

  /** What is sent, and has to come back. */
  readonly message: Frame;

  /** How many times. */
  readonly times: number;
}

/** The next thing that comes is this message, ping or pong, with this very payload. */
export interface Expect {
  /** Which step it is. */
  readonly do: "expect";

  /** Opcode 1 or 2: a whole message, however fragmented. 9 or 10: a control frame. */
  readonly frame: Frame;

  /** Lets any number of pongs come before it. */
  readonly pastPongs?: boolean;
}

/** Nothing has come, and the connection lives: proved by a ping and its pong, not by waiting. */
export interface ExpectNothing {
  /** Which step it is. */
  readonly do: "expect-nothing";
}

/** The peer answers our Close, or closes of its own accord, and the connection ends cleanly. */
export interface ExpectClose {
  /** Which step it is. */
  readonly do: "expect-close";

  /** Codes that are right; 1005 stands for an empty Close. Others that are legal give a warning. */
  readonly codes: readonly number[];

  /** The reason that must come with it. Default: any. */
  readonly reason?: string;
}

/**
 * The peer fails the connection (7.1.7): a Close with one of these codes. No Close frame, or one
 * without a code, is a warning; another code, or a connection that stays open, is a failure.
 */
export interface ExpectFailure {
  /** Which step it is. */
  readonly do: "expect-failure";

  /** The codes that are right. */
  readonly codes: readonly number[];

  /** Gives up after this many ms of silence and goes on, in an {@linkcode Either}. */
  readonly within?: number;
}

/** The TCP connection ends and no frame comes before that. */
export interface ExpectEnd {
  /** Which step it is. */
  readonly do: "expect-end";

  /** Whether a Close frame may come first. Default: true. */
  readonly close?: boolean;

  /** Lets any number of pongs come before it. */
  readonly pastPongs?: boolean;
}

/** A new connection to the same server opens and echoes. Skipped where a client is judged. */
export interface ExpectAlive {
  /** Which step it is. */
  readonly do: "expect-alive";

  /** How many connections at once. Default: 1. */
  readonly connections?: number;
}

/** No two of the frames that came so far have the same masking key. Skipped where a server is judged. */
export interface ExpectFreshKeys {
  /** Which step it is. */
  readonly do: "expect-fresh-keys";
}

/** Waits. The only step that costs time: prefer a ping and its pong as a barrier. */
export interface Pause {
  /** Which step it is. */
  readonly do: "pause";

  /** How long, in ms. */
  readonly ms: number;
}

/** Stops or resumes reading from the socket, so that the peer's writes pile up. */
export interface Reading {
  /** Which step it is. */
  readonly do: "reading";

  /** Whether to read. */
  readonly on: boolean;
}

/** Ends our side: half-closed ("fin") or torn down ("reset"). */
export interface HangUp {
  /** Which step it is. */
  readonly do: "hang-up";

  /** In which way. */
  readonly how: "fin" | "reset";
}

/** One way a conversation may go on. */
export interface Way {
  /** What it is worth. */
  readonly verdict: "pass" | "warn";

  /** Said in the report when this way was taken. */
  readonly note: string;

  /** What happens on it. */
  readonly steps: readonly Step[];
}

/**
 * Several ways to go on: the first whose steps succeed is taken. What a failed way has read is put
 * back for the next, so a way should only send after an expectation of its own has been met.
 */
export interface Either {
  /** Which step it is. */
  readonly do: "either";

  /** The ways, the right one first. */
  readonly ways: readonly Way[];
}

/** As a client: opens with this request. Only for judging servers; comes first. */
export interface SendRequest extends RequestSpec {
  /** Which step it is. */
  readonly do: "request";
}

/** The handshake succeeds: 101, with everything that 4.1 lets a client insist on. */
export interface ExpectUpgrade {
  /** Which step it is. */
  readonly do: "expect-upgrade";

  /** The subprotocol that must have been chosen; null: none. Default: anything that was offered. */
  readonly protocol?: string | null;
}

/** The handshake is refused. */
export interface ExpectRefusal {
  /** Which step it is. */
  readonly do: "expect-refusal";

  /**
   * Statuses that are right; none for any but 101. Another, or a dropped connection, is a warning.
   */
  readonly statuses: readonly number[];

  /** Headers that must be there, each with a value that it must contain ("" for any). */
  readonly headers?: Readonly<Record<string, string>>;
}

/** As a server: answers the client's request with this. Only for judging clients. */
export interface SendResponse extends ResponseSpec {
  /** Which step it is. */
  readonly do: "respond";
}

/** The client's request keeps these rules. Only for judging clients; before `respond`. */
export interface ExpectRequest {
  /** Which step it is. */
  readonly do: "expect-request";

  /** The rules, checked in order. */
  readonly rules: readonly RequestRule[];
}

/** The client refuses our response: it sends no frame and drops the connection. */
export interface ExpectGiveUp {
  /** Which step it is. */
  readonly do: "expect-give-up";
}

/** Everything that can happen in a case. */
export type Step =
  | Send
  | Raw
  | Exchange
  | Expect
  | ExpectNothing
  | ExpectClose
  | ExpectFailure
  | ExpectEnd
  | ExpectAlive
  | ExpectFreshKeys
  | Pause
  | Reading
  | HangUp
  | Either
  | SendRequest
  | ExpectUpgrade
  | ExpectRefusal
  | SendResponse
  | ExpectRequest
  | ExpectGiveUp;
