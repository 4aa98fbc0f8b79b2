/**
 * Violations of the protocol by the peer, in its frames. Checked in every case.
 *
 * @module
 */

import type { ReadFrame } from "../wire/frame_reader.ts";
import { nameOf } from "./wire_log.ts";

/** A violation of the protocol. */
export interface Violation {
  /** Kind of event. */
  readonly what: "violation";

  /** The section that is violated. */
  readonly section: string;

  /** The violation, as a sentence. */
  readonly note: string;
}

/** A Close frame of the peer. */
export interface PeerClose {
  /** Kind of event. */
  readonly what: "close";

  /** The code; 1005 for an empty Close. */
  readonly code: number;

  /** The reason. */
  readonly reason: string;
}

/** State of the connection before a frame. */
export interface FrameContext {
  /** Whether the judge plays the client. */
  readonly isClient: boolean;

  /** Whether the peer's Close frame has arrived. */
  readonly isClosed: boolean;

  /** Whether a message of the peer is unfinished. */
  readonly isInMessage: boolean;

  /** Whether compression was negotiated. */
  readonly deflates: boolean;
}

/** Makes a violation. */
export function violation(section: string, note: string): Violation {
  return { what: "violation", section, note };
}

/** Returns what is wrong with a frame; `undefined` if nothing is. */
export function violationIn(frame: ReadFrame, context: FrameContext): Violation | undefined {
  const { opcode, fin, rsv, masked, payload, minimal } = frame;
  const name = nameOf(opcode);
  if (context.isClosed) {
    return violation("5.5.1", `The peer sent ${name} after its Close frame`);
  }
  if (masked && context.isClient) return violation("5.1", `The server masked its ${name} frame`);
  if (!masked && !context.isClient) {
    return violation("5.1", `The client did not mask its ${name} frame`);
  }
  // RSV1 marks the first frame of a compressed message and nothing else (7692:6).
  const mayDeflate = context.deflates && (opcode === 0x1 || opcode === 0x2);
  if ((rsv & (mayDeflate ? 3 : 7)) !== 0) {
    return violation("5.2", `The peer set reserved bits (${rsv}) on its ${name} frame`);
  }
  if (![0x0, 0x1, 0x2, 0x8, 0x9, 0xa].includes(opcode)) {
    return violation("5.2", `The peer sent reserved opcode ${opcode}`);
  }
  if (!minimal) {
    return violation("5.2", `The peer wrote the length of its ${name} frame in too long a form`);
  }
  if (opcode >= 0x8) {
    if (!fin) return violation("5.5", `The peer fragmented its ${name} frame`);
    if (payload.length > 125) {
      return violation("5.5", `The peer's ${name} frame has ${payload.length} bytes`);
    }
    return undefined;
  }
  if (opcode === 0x0 && !context.isInMessage) {
    return violation("5.4", "The peer continues no message");
  }
  if (opcode !== 0x0 && context.isInMessage) {
    return violation("5.4", "The peer began a message inside another");
  }
  return undefined;
}

/** Whether a code may stand in a Close frame (7.4). */
function isWireCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** Whether nothing forbids a code in a Close frame, though nobody has defined it. */
function isFree(code: number): boolean {
  return code === 1004 || code >= 1016;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the payload of the peer's Close frame.
 *
 * @param isAnswer Whether it answers a Close of ours.
 */
export function readClose(payload: Uint8Array, isAnswer: boolean): PeerClose | Violation {
  if (payload.length === 0) return { what: "close", code: 1005, reason: "" };
  if (payload.length === 1) return violation("5.5.1", "The peer's Close has a single byte");
  const code = payload[0]! << 8 | payload[1]!;
  // 5.5.1: an answer typically repeats the code, also one that is reserved or undefined (7.4).
  if (!isWireCode(code) && !(isAnswer && isFree(code))) {
    return violation("7.4", `The peer's Close has code ${code}, which never goes on the wire`);
  }
  try {
    return { what: "close", code, reason: utf8.decode(payload.subarray(2)) };
  } catch {
    return violation("8.1", "The reason in the peer's Close is not UTF-8");
  }
}
