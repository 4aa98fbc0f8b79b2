/**
 * Compares what went into a proxy with what came out of it: heads and frames.
 *
 * @module
 */

import { describeFrame } from "../player/wire_log.ts";
import { FrameReader, type ReadFrame } from "../wire/frame_reader.ts";
import type { Head } from "../wire/head.ts";

/** What a proxy has made of some octets. */
export interface Difference {
  /** What has been lost or changed; `undefined` if nothing has. */
  readonly broken?: string;

  /** What is different, and means the same (RFC 6455, 5.4). */
  readonly looser: readonly string[];
}

/** Octets of the largest frame that is read. */
const LIMIT = 16 * 1024 * 1024;

function framesOf(octets: Uint8Array): ReadFrame[] {
  return [...new FrameReader(LIMIT, 0).push(octets)];
}

/** Compares the frames in octets. */
export function compareFrames(sent: Uint8Array, got: Uint8Array): Difference {
  if (sent.length === got.length && sent.every((octet, at) => octet === got[at])) {
    return { looser: [] };
  }
  const [before, after] = [framesOf(sent), framesOf(got)];
  const masks = before.find((frame, at) => after[at] && after[at].masked !== frame.masked);
  if (masks !== undefined) {
    const how = masks.masked ? "without a mask" : "masked";
    return { broken: `${describeFrame(masks)} came ${how}`, looser: [] };
  }
  const [wanted, found] = [messagesIn(before), messagesIn(after)];
  for (const [at, message] of wanted.entries()) {
    const other = found[at];
    if (other === message) continue;
    const what = `${message} ${other === undefined ? "did not come" : `came as ${other}`}`;
    return { broken: what, looser: [] };
  }
  if (found.length > wanted.length) {
    return { broken: `${found[wanted.length]} came, which nobody had sent`, looser: [] };
  }
  const looser = before.length === after.length ? [] : [
    `${before.length} frames came as ${after.length}`,
  ];
  if (before.some(({ key }, at) => key !== (after[at]?.key ?? key))) {
    looser.push("The masking keys are other ones");
  }
  if (looser.length === 0) looser.push("The frames are written otherwise");
  return { looser };
}

/** Returns control frames and whole messages in words, in their order. */
function messagesIn(frames: readonly ReadFrame[]): string[] {
  const found: string[] = [];
  let open: { opcode: number; rsv: number; parts: Uint8Array[]; at: number } | undefined;
  for (const frame of frames) {
    const { opcode, rsv, fin, payload } = frame;
    if (opcode >= 0x8 || rsv !== 0 && fin && opcode !== 0) {
      found.push(describeFrame(frame) + sizeOf(payload));
      continue;
    }
    open = opcode === 0 && open ? open : { opcode, rsv, parts: [], at: found.length };
    open.parts.push(payload);
    if (!fin) continue;
    const whole = new Uint8Array(open.parts.flatMap((part) => [...part]));
    found.push(describeFrame({ ...open, fin: true, payload: whole }) + sizeOf(whole));
    open = undefined;
  }
  return found;
}

/** A sum over a payload, as only its beginning is in words. */
function sizeOf(payload: Uint8Array): string {
  if (payload.length <= 40) return "";
  let sum = 0;
  for (const octet of payload) sum = (sum * 31 + octet) >>> 0;
  return ` [${sum.toString(16)}]`;
}

/** What the fields of a head have become. */
export interface FieldChanges {
  /** Fields that are gone or have another value, in words. */
  readonly changed: readonly string[];

  /** Fields that were not there before. */
  readonly added: readonly string[];
}

/** Values of these are tokens, in any case. */
const IN_ANY_CASE = ["upgrade", "connection"];

/** Compares the fields of a head as they went in and came out. */
export function compareFields(
  sent: ReadonlyMap<string, readonly string[]>,
  got: Head,
): FieldChanges {
  const changed: string[] = [];
  for (const [name, values] of sent) {
    const [before, after] = [values.join(", "), got.headers.get(name)?.join(", ")];
    const isSame = IN_ANY_CASE.includes(name)
      ? before.toLowerCase() === after?.toLowerCase()
      : before === after;
    if (isSame) continue;
    const what = after === undefined ? "is gone" : `has become ${JSON.stringify(after)}`;
    changed.push(`${name}: ${before} ${what}`);
  }
  return { changed, added: [...got.headers.keys()].filter((name) => !sent.has(name)) };
}
