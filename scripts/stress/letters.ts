/** Messages that say whose they are in each of their bytes. @module */

import { Buffer } from "node:buffer";
import { BINARY, frame, MORE, PING, TEXT } from "./frames.ts";
import type { Random } from "./random.ts";

/** What the server does with a message: send it back, at once or later; publish it; or hang up then. */
export type Purpose = "E" | "L" | "P" | "H";

/** A message, from which its bytes follow. */
export interface Letter {
  readonly purpose: Purpose;
  /** Number of the connection that sends it. */
  readonly from: number;
  /** Number of the message among those of its connection that have its purpose. */
  readonly number: number;
  /** Number of bytes, about. */
  readonly size: number;
  /** {@linkcode TEXT} or {@linkcode BINARY}. */
  readonly opcode: number;
  /** Whether it is ASCII. */
  readonly isAscii: boolean;
}

/** Sizes around which the engine behaves differently, and how much more there may be. */
const SIZES: readonly (readonly [from: number, more: number])[] = [
  [0, 1],
  [0, 60],
  [0, 60],
  [100, 60],
  [100, 60],
  [0, 2000],
  [0, 2000],
  [0, 2000],
  [0, 20_000],
  [0, 20_000],
  [4000, 200],
  [4000, 200],
  [16_000, 1000],
  [65_000, 1100],
  [130_900, 300],
  [0, 300 * 1024],
];

/** Maximum number of bytes of a message that is published: many get it. */
const MOST_PUBLISHED = 20_000;

/** Number of bytes from which on a message has a first character that says what to do with it. */
const HEAD = 40;

/** Returns the bytes of a message. */
export function bytesOf({ purpose, from, number, size, opcode, isAscii }: Letter): Buffer {
  const kind = `${opcode}${isAscii ? "a" : "u"}`;
  const head = `${purpose}${from}.${number}.${size}.${kind};`;
  if (size < HEAD) return Buffer.from("e".repeat(size)); // too short to be told apart
  const unit = `<${from}.${number}${isAscii ? "" : "é€😀"}>`;
  const length = Buffer.byteLength(unit);
  const rest = Math.max(0, Math.floor((size - head.length) / length)) * length;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(rest, unit)]);
}

/** Reads who has sent a message; `undefined` if it does not say so. */
export function readLetter(bytes: Buffer): Letter | undefined {
  const head = bytes.subarray(0, HEAD).toString("latin1");
  const found = /^([ELPH])(\d+)\.(\d+)\.(\d+)\.([12])([au]);/.exec(head);
  if (found === null) return undefined;
  const [, purpose, from, number, size, opcode, kind] = found;
  return {
    purpose: purpose as Purpose,
    from: Number(from),
    number: Number(number),
    size: Number(size),
    opcode: Number(opcode),
    isAscii: kind === "a",
  };
}

/** Draws a message. */
export function drawLetter(random: Random, purpose: Purpose, from: number, number: number): Letter {
  const [least, more] = random.pick(SIZES);
  const drawn = least + random.below(more + 1);
  const size = purpose === "E" ? drawn : HEAD + (purpose === "L" ? drawn : drawn % MOST_PUBLISHED);
  const opcode = random.pick([TEXT, BINARY]);
  return { purpose, from, number, size, opcode, isAscii: random.chance(0.6) };
}

/** Encodes a message as frames: one, or several with Pings between them. */
export function framesOf(random: Random, letter: Letter, ping: () => Buffer): Buffer[] {
  const bytes = bytesOf(letter);
  if (random.chance(0.7)) return [frame(letter.opcode, bytes)];
  const frames: Buffer[] = [];
  let at = 0, opcode = letter.opcode;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const end = at + random.below(bytes.length - at + 1);
    frames.push(frame(opcode, bytes.subarray(at, end), opcode));
    if (random.chance(0.3)) frames.push(frame(PING, ping()));
    at = end;
    opcode = MORE;
  }
  frames.push(frame(MORE, bytes.subarray(at)));
  return frames;
}
