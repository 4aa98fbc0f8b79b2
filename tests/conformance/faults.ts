/**
 * The faults that an {@linkcode Endpoint} can be given.
 *
 * @module
 */

import type { Buffer } from "node:buffer";

/** A frame, as the endpoint sees or sends it. */
export interface Seen {
  opcode: number;
  fin: boolean;
  rsv: number;
  payload: Buffer;
  masked?: boolean;

  /** Sent with a 64-bit length, whatever its size. */
  long?: boolean;
}

/** A check that can be left out. */
export type Check =
  | "rsv"
  | "rsv1"
  | "opcode"
  | "control-opcode"
  | "mask"
  | "control-size"
  | "control-fin"
  | "stray-continuation"
  | "interleaved"
  | "length-msb"
  | "minimal"
  | "close-length"
  | "close-code"
  | "close-reason"
  // The opening handshake.
  | "method"
  | "http-version"
  | "host"
  | "target"
  | "upgrade"
  | "connection"
  | "key"
  | "version"
  | "accept"
  | "status"
  | "protocol"
  | "extension";

/** What is wrong with an endpoint; nothing, by default. */
export interface Faults {
  readonly ignores?: readonly Check[];

  /** Changes or drops a frame that came. */
  readonly seen?: (frame: Seen) => Seen | undefined;

  /** Changes, drops or multiplies a frame that goes. */
  readonly sent?: (frame: Seen) => Seen | Seen[] | undefined;

  /** Changes what is echoed. */
  readonly echo?: (opcode: number, payload: Buffer) => { opcode: number; payload: Buffer };

  /** Changes the code with which it fails the connection: 1005 for none, null for no Close at all. */
  readonly failure?: (code: number) => number | null;

  /** Changes the payload of the Close that answers; undefined for no answer. */
  readonly closeAnswer?: (payload: Buffer) => Buffer | undefined;

  /** Pretends that no Close came. */
  readonly ignoresClose?: boolean;

  /** Goes on talking after the closing handshake. */
  readonly talksAfterClose?: boolean;

  readonly keepsTcpOpen?: boolean;

  /** When text is checked: default as it comes. */
  readonly utf8?: "late" | "never";

  /** Compression: gives up the context that was agreed, keeps one that was not, too wide, unused. */
  readonly deflate?: "forgets" | "keeps" | "wide" | "never";

  /** The largest message. */
  readonly limit?: number;

  readonly maxFragments?: number;

  /** Says something before it is asked. */
  readonly greets?: boolean;

  /** Takes anything for a right response. */
  readonly gullible?: boolean;

  /** Masks every frame with the same key. */
  readonly oneKey?: boolean;

  readonly losesEarlyData?: boolean;

  /** Changes the response of the server. */
  readonly response?: (text: string) => string;

  /** Changes the request of the client. */
  readonly request?: (text: string) => string;

  /** The answer of the server to Sec-WebSocket-Extensions, when it is not the right one. */
  readonly extensions?: string;

  /** The subprotocol that it answers, when it is not the right one. */
  readonly protocol?: string;
}
