/**
 * The steps of a case: plain data, so a case can be listed, exported and replayed.
 *
 * Steps only describe. The player (`player/steps.ts`) decides what each does and how long it waits.
 *
 * @module
 */

import type { Frame, Item, Payload } from "./wire/frame.ts";
import type { Headers, RequestRule, RequestSpec, ResponseSpec } from "./wire/handshake.ts";
import type { Carriage } from "./wire/http2/stream.ts";

/** Writes items, in one write unless an option says otherwise. */
export interface Send {
  /** Kind of step. */
  readonly do: "send";

  /** Items to write, in order. */
  readonly items: readonly Item[];

  /** Number of octets to write at a time, each time flushed. Default: all. */
  readonly chop?: number;

  /** Whether to write and flush each frame on its own. Default: false. */
  readonly apart?: boolean;

  /** Offsets at which the octets of all items are cut; each part is flushed. Default: none. */
  readonly cuts?: readonly number[];

  /** Number of times to write the items. Default: 1. */
  readonly times?: number;
}

/** Writes octets as they are, after the opening handshake. Not masked, not counted as frames. */
export interface Raw {
  /** Kind of step. */
  readonly do: "raw";

  /** The octets to write. */
  readonly bytes: Payload;

  /** Number of octets to write at a time. Default: all. */
  readonly chop?: number;
}

/** Sends a message and waits for its echo, repeatedly. */
export interface Exchange {
  /** Kind of step. */
  readonly do: "exchange";

  /** Message to send, which must come back. */
  readonly message: Frame;

  /** Number of repetitions. */
  readonly times: number;
}

/** Expects this message, ping or pong next, with exactly this payload. */
export interface Expect {
  /** Kind of step. */
  readonly do: "expect";

  /**
   * Expected frame. Opcode 1 or 2: a whole message, however fragmented; 9 or 10: a control frame.
   */
  readonly frame: Frame;

  /** Whether any number of pongs may come before. Default: false. */
  readonly pastPongs?: boolean;
}

/** Expects that nothing has come and the connection lives: proved by a ping, not by waiting. */
export interface ExpectNothing {
  /** Kind of step. */
  readonly do: "expect-nothing";
}

/** Expects a Close, as an answer or unprompted, and a clean end of the connection. */
export interface ExpectClose {
  /** Kind of step. */
  readonly do: "expect-close";

  /** Correct codes; 1005 stands for an empty Close. Other legal codes give a warning. */
  readonly codes: readonly number[];

  /** Expected reason. Default: any. */
  readonly reason?: string;
}

/**
 * Expects the peer to fail the connection (7.1.7) with one of these codes. No Close frame, an empty
 * one, or another code is a warning; a connection that stays open is a failure. So is Close 1000 in
 * answer to a Close that is not allowed: the peer took it for a right one.
 */
export interface ExpectFailure {
  /** Kind of step. */
  readonly do: "expect-failure";

  /** Correct codes. */
  readonly codes: readonly number[];

  /** Notes for the report on other codes that are likely. */
  readonly notes?: Readonly<Record<number, string>>;

  /** Milliseconds of silence after which the step fails, for use in an {@linkcode Either}. */
  readonly within?: number;
}

/** Expects the end of TCP, with no frame before it except a Close. */
export interface ExpectEnd {
  /** Kind of step. */
  readonly do: "expect-end";

  /** Whether a Close frame may come before. Default: true. */
  readonly close?: boolean;

  /** Whether any number of pongs may come before. Default: false. */
  readonly pastPongs?: boolean;

  /** Whether any number of messages may come before. Default: false. */
  readonly pastMessages?: boolean;
}

/** Expects that new connections to the server open and echo. Ignored when judging a client. */
export interface ExpectAlive {
  /** Kind of step. */
  readonly do: "expect-alive";

  /** Number of simultaneous connections. Default: 1. */
  readonly connections?: number;
}

/** Expects that no two frames so far had the same masking key. Ignored when judging a server. */
export interface ExpectFreshKeys {
  /** Kind of step. */
  readonly do: "expect-fresh-keys";
}

/** Waits. The only step that costs time by itself: prefer a ping and its pong as a barrier. */
export interface Pause {
  /** Kind of step. */
  readonly do: "pause";

  /** Milliseconds to wait. */
  readonly ms: number;
}

/** Stops or resumes reading, so that the peer's writes are held back. */
export interface Reading {
  /** Kind of step. */
  readonly do: "reading";

  /** Whether to read from now on. */
  readonly on: boolean;
}

/** Ends the judge's side of TCP. */
export interface HangUp {
  /** Kind of step. */
  readonly do: "hang-up";

  /** Whether to half-close it ("fin") or to reset it ("reset"). */
  readonly how: "fin" | "reset";
}

/** One alternative of an {@linkcode Either}. */
export interface Way {
  /** Verdict if this way succeeds. */
  readonly verdict: "pass" | "warn";

  /** Note for the report if this way succeeds with a warning. */
  readonly note: string;

  /** Steps of this way. */
  readonly steps: readonly Step[];
}

/**
 * Alternatives: the first whose steps succeed is taken. Events that a failed way has read are read
 * again by the next one, so a way should send only after an expectation of its own is met.
 */
export interface Either {
  /** Kind of step. */
  readonly do: "either";

  /** The ways, the correct one first. */
  readonly ways: readonly Way[];
}

/** Sends this request. Must be the first step; only for judging servers. */
export interface SendRequest extends RequestSpec {
  /** Kind of step. */
  readonly do: "request";
}

/** Expects a 101 that is correct in everything that a client must check (4.1). */
export interface ExpectUpgrade {
  /** Kind of step. */
  readonly do: "expect-upgrade";

  /** Expected subprotocol; `null` for none. Default: any that was offered. */
  readonly protocol?: string | null;
}

/** Expects the server to refuse the handshake. */
export interface ExpectRefusal {
  /** Kind of step. */
  readonly do: "expect-refusal";

  /**
   * Correct statuses; an empty list for any but 101. Another status, or a dropped connection, is a
   * warning.
   */
  readonly statuses: readonly number[];

  /** Headers that must be present, each with a token that it must list ("" for any value). */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends this response to the client's request. Only for judging clients. */
export interface SendResponse extends ResponseSpec {
  /** Kind of step. */
  readonly do: "respond";
}

/**
 * Expects that the client's request keeps these rules. Only for judging clients, before `respond`.
 */
export interface ExpectRequest {
  /** Kind of step. */
  readonly do: "expect-request";

  /** Rules, checked in order. */
  readonly rules: readonly RequestRule[];
}

/** Expects the client to refuse our response: to send no frame and drop the connection. */
export interface ExpectGiveUp {
  /** Kind of step. */
  readonly do: "expect-give-up";
}

/** What a step does with the connection, or the stream. */
export type Http2Act =
  /** Sends the extended CONNECT, with changes to its fields. */
  | { readonly act: "connect"; readonly fields: Headers; readonly endStream: boolean }
  /** Sends SETTINGS, which have to be acknowledged (RFC 9113, 6.5.3). */
  | { readonly act: "settings"; readonly values: Readonly<Record<number, number>> }
  /** Expects the server's SETTINGS_ENABLE_CONNECT_PROTOCOL to be 1, and always to have been. */
  | { readonly act: "expect-setting" }
  /** Decides how octets are put into DATA from now on. */
  | { readonly act: "carry"; readonly how: Carriage }
  /** Leaves the window as it is, although we read. */
  | { readonly act: "hold" }
  /** Adds to the window, some octets at a time. */
  | { readonly act: "grant"; readonly octets: number; readonly times: number }
  /** Sends items, the end of the stream in the same DATA. */
  | { readonly act: "send-and-end"; readonly items: readonly Item[] }
  /** Resets the stream. */
  | { readonly act: "reset"; readonly code: number }
  /** Expects the stream to have ended by END_STREAM, or to have been reset with a code of these. */
  | { readonly act: "expect-ending"; readonly by: readonly (number | "end")[] }
  /** Sends a PING of the connection, and expects its acknowledgement. */
  | { readonly act: "ping" }
  /** Sends a frame of the connection as it is. */
  | { readonly act: "frame"; readonly type: number; readonly payload: Uint8Array }
  /** Performs steps on another socket of the connection, which is opened when it is first named. */
  | { readonly act: "on"; readonly socket: string; readonly steps: readonly Step[] };

/** A step of HTTP/2. */
export type Http2Step = { readonly do: "http2" } & Http2Act;

/** A step of a case. */
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
  | ExpectGiveUp
  | Http2Step;
