/**
 * Faults of an endpoint.
 *
 * @module
 */

import type { Buffer } from "node:buffer";

/** A frame that the endpoint receives or sends. */
export interface EndpointFrame {
  opcode: number;
  fin: boolean;
  rsv: number;
  payload: Buffer;
  masked?: boolean;

  /** Whether to send it with a 64-bit length, whatever its size. */
  long?: boolean;
}

/** A check that can be omitted. */
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
  | "http-name"
  | "field-octets"
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

/** Faults of an endpoint. Default: none. */
export interface Faults {
  /** Checks that it omits. */
  readonly ignores?: readonly Check[];

  /** Changes or drops a frame that is received. */
  readonly received?: (frame: EndpointFrame) => EndpointFrame | undefined;

  /** Changes, drops or multiplies a frame that is sent. */
  readonly sent?: (frame: EndpointFrame) => EndpointFrame | EndpointFrame[] | undefined;

  /** Changes the echo of a message. */
  readonly echo?: (opcode: number, payload: Buffer) => { opcode: number; payload: Buffer };

  /**
   * Changes the code with which it fails the connection: 1005 for none, null for no Close frame.
   */
  readonly failure?: (code: number) => number | null;

  /** Changes the payload of the Close frame that answers one; undefined for no answer. */
  readonly closeAnswer?: (payload: Buffer) => Buffer | undefined;

  /** Whether it ignores Close frames. */
  readonly ignoresClose?: boolean;

  /** Whether it goes on sending after the closing handshake. */
  readonly talksAfterClose?: boolean;

  /** Whether it never ends TCP. */
  readonly keepsTcpOpen?: boolean;

  /** When text is checked. Default: as it arrives. */
  readonly utf8?: "late" | "never";

  /**
   * Drops the agreed context, keeps one against the agreement, exceeds the window, or is unused.
   */
  readonly deflate?: "forgets" | "keeps" | "wide" | "never";

  /** Whether a client leaves unless the answer has the client_no_context_takeover of its offer. */
  readonly needsNoTakeover?: boolean;

  /** Number of bytes in the largest message. */
  readonly limit?: number;

  /** Number of fragments in the longest message. */
  readonly maxFragments?: number;

  /** Whether it sends a message of its own accord. */
  readonly greets?: boolean;

  /** Whether it accepts any response. */
  readonly acceptsAnyResponse?: boolean;

  /** Whether it masks every frame with the same key. */
  readonly reusesKey?: boolean;

  /** Whether it drops frames in the packet of the handshake. */
  readonly losesEarlyData?: boolean;

  /** Changes the response of the server. */
  readonly response?: (text: string) => string;

  /** Changes the request of the client. */
  readonly request?: (text: string) => string;

  /** Incorrect Sec-WebSocket-Extensions of the server. */
  readonly extensions?: string;

  /** Incorrect subprotocol of the server. */
  readonly protocol?: string;
}
