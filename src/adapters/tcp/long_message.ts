/** Long messages of servers, which are written in parts. @module */

import { Buffer } from "node:buffer";
import type { Bytes } from "../../core/link.ts";
import type { FrameWriter } from "../../protocol/frame_writer.ts";
import { viewOf } from "./shared_frames.ts";

/** Size from which on a message is written in parts: bytes, or UTF-16 units of text. */
const LONG = 64 * 1024;

/** Bytes of a part, and UTF-16 units of one: at most three times as many bytes. */
const PART = 64 * 1024, TEXT_PART = 32 * 1024;

/** Returns whether a message is so long that it is written in parts. */
export function isLong(data: string | Bytes): boolean {
  return (typeof data === "string" ? data.length : data.byteLength) >= LONG;
}

/**
 * Writes a long message as one frame, in parts: each is mostly handed to the system before the next, so
 * that all of them use the same memory, which is in the processor's caches. In memory of its own, a
 * message of 1 MiB takes twice as long on Node, most of it for the system to provide that memory.
 *
 * @param written Called for each part.
 */
export function writeLong(data: string | Bytes, frames: FrameWriter, written: () => void): void {
  if (typeof data === "string") return writeLongText(data, frames, written);
  const bytes = viewOf(data);
  frames.beginLong(false, bytes.length);
  written();
  for (let at = 0; at < bytes.length; at += PART) {
    frames.part(bytes.subarray(at, at + PART));
    written();
  }
}

function writeLongText(text: string, frames: FrameWriter, written: () => void): void {
  frames.beginLong(true, Buffer.byteLength(text));
  written();
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + TEXT_PART, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--; // pairs stay together
    frames.part(text.slice(at, end));
    written();
    at = end;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >>> 10 === 0x36;
}
