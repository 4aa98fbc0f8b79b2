/**
 * The peer's own conduct: what is wrong with a frame that it sent. Watched in every case.
 *
 * @module
 */

import type { ReadFrame } from "../wire/frame_reader.ts";
import { nameOf } from "./wire_log.ts";

/** A breach of the protocol: the section, and what was done. */
export type Complaint = readonly [section: string, note: string];

/** What has gone before the frame. */
export interface Before {
  /** Whether the judge plays the client. */
  readonly isClient: boolean;

  /** Whether the peer's Close frame is here already. */
  readonly closed: boolean;

  /** Whether a message of the peer's is open. */
  readonly inMessage: boolean;

  /** Whether compression was agreed. */
  readonly deflates: boolean;
}

/** What is wrong with a frame; undefined when nothing is. */
export function complaintAbout(frame: ReadFrame, before: Before): Complaint | undefined {
  const { opcode, fin, rsv, masked, payload, minimal } = frame;
  const name = nameOf(opcode);
  if (before.closed) return ["5.5.1", `The peer sent ${name} after its Close frame`];
  if (masked && before.isClient) return ["5.1", `The server masked its ${name} frame`];
  if (!masked && !before.isClient) return ["5.1", `The client did not mask its ${name} frame`];
  // RSV1 marks the first frame of a compressed message and nothing else (7692:6).
  const mayDeflate = before.deflates && (opcode === 0x1 || opcode === 0x2);
  if ((rsv & (mayDeflate ? 3 : 7)) !== 0) {
    return ["5.2", `The peer set reserved bits (${rsv}) on its ${name} frame`];
  }
  if (![0x0, 0x1, 0x2, 0x8, 0x9, 0xa].includes(opcode)) {
    return ["5.2", `The peer sent reserved opcode ${opcode}`];
  }
  if (!minimal) return ["5.2", `The peer wrote the length of its ${name} frame in too long a form`];
  if (opcode >= 0x8) {
    if (!fin) return ["5.5", `The peer fragmented its ${name} frame`];
    if (payload.length > 125) {
      return ["5.5", `The peer's ${name} frame has ${payload.length} bytes`];
    }
    return undefined;
  }
  if (opcode === 0x0 && !before.inMessage) return ["5.4", "The peer continues no message"];
  if (opcode !== 0x0 && before.inMessage) {
    return ["5.4", "The peer began a message inside another"];
  }
  return undefined;
}

/** Whether a code may stand in a Close frame (7.4). */
export function isWireCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the payload of the peer's Close frame.
 *
 * @param ours Whether it answers a Close of ours.
 */
export function readClose(
  payload: Uint8Array,
  ours: boolean,
): { code: number; reason: string } | Complaint {
  if (payload.length === 0) return { code: 1005, reason: "" };
  if (payload.length === 1) return ["5.5.1", "The peer's Close has a single byte"];
  const code = payload[0]! << 8 | payload[1]!;
  // Codes beyond 4999 mean nothing (7.4.2), but repeating ours is no worse than ours was.
  if (!isWireCode(code) && !(ours && code >= 5000)) {
    return ["7.4", `The peer's Close has code ${code}, which never goes on the wire`];
  }
  try {
    return { code, reason: utf8.decode(payload.subarray(2)) };
  } catch {
    return ["8.1", "The reason in the peer's Close is not UTF-8"];
  }
}
