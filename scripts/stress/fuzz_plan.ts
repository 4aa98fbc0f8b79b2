/** The fuzzer's plan for one connection, which follows from a seed and a number. @module */

import { Buffer } from "node:buffer";
import { BINARY, CLOSE, frame, MORE, PING, PONG, TEXT } from "./frames.ts";
import { Random } from "./random.ts";
import { upgradeRequest } from "./load_client.ts";

/** Behaviours of the server, by path. */
export const MANNERS = [
  "echo",
  "blob",
  "close",
  "close-in-open",
  "terminate",
  "throw",
  "reject",
  "slow-open",
  "loop",
  "pause",
  "chatty",
  "late",
  "refuse",
] as const;

/** A message that is sent and echoed. */
export interface FuzzMessage {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Plan for one connection. */
export interface ConnectionPlan {
  /** Kind of its faults. */
  readonly kind: "valid" | "mangled" | "frames" | "handshake";
  /** Path of the request. */
  readonly path: string;
  /** Pieces to write, one after the other. */
  readonly pieces: readonly Uint8Array[];
  /** Bytes to write when all echoes have arrived. */
  readonly last: Uint8Array | undefined;
  /** End of the connection: by FIN, by RST, by both, or by the server. */
  readonly ending: "end" | "reset" | "destroy" | "wait";
  /**
   * Expected echoes; `undefined` if they cannot be predicted. All of them arrive only if the Close
   * frame is sent after them: a server may drop what precedes an early Close.
   */
  readonly echoes: readonly FuzzMessage[] | undefined;
}

/** Lengths at which the encoding changes, and some between. */
const LENGTHS = [0, 1, 2, 5, 20, 124, 125, 126, 127, 128, 1000, 4000, 65_535, 65_536, 70_000];

const LETTERS = ["a", "z", "\0", "\ufeff", "é", "ß", "€", "\u2028", "漢", "😀", "\u{10ffff}"];

function message(random: Random): FuzzMessage {
  const length = random.chance(0.9) ? random.below(30) : random.pick(LENGTHS);
  if (random.chance(0.5)) return { opcode: BINARY, payload: Buffer.from(random.bytes(length)) };
  const text = Array.from({ length: Math.min(length, 5000) }, () => random.pick(LETTERS)).join("");
  return { opcode: TEXT, payload: Buffer.from(text) };
}

function control(random: Random): Buffer {
  return frame(random.pick([PING, PONG]), random.bytes(random.pick([0, 1, 5, 125])));
}

/** Encodes a message as one frame, or as several with control frames between them. */
function framesOf({ opcode, payload }: FuzzMessage, random: Random): Buffer[] {
  const frames: Buffer[] = [];
  const parts = random.chance(0.7) ? 1 : 1 + random.below(5);
  let at = 0;
  for (let i = 0; i < parts; i++) {
    const end = i === parts - 1 ? payload.length : at + random.below(payload.length - at + 1);
    const kind = i === 0 ? opcode : MORE;
    const fin = i === parts - 1 ? 0x80 : 0;
    frames.push(frame(kind, payload.subarray(at, end), fin | kind));
    if (fin === 0 && random.chance(0.3)) frames.push(control(random));
    at = end;
  }
  return frames;
}

/** Makes a correct conversation, and the Close frame after it. */
function conversation(random: Random): { bytes: Buffer; close: Buffer; messages: FuzzMessage[] } {
  const frames: Buffer[] = [];
  const messages = Array.from({ length: random.below(8) }, () => message(random));
  for (const it of messages) {
    frames.push(...framesOf(it, random));
    if (random.chance(0.2)) frames.push(control(random));
  }
  const code = random.pick([1000, 1001, 3000, 4999]);
  const status = random.chance(0.2) ? [] : [code >> 8, code & 0xff, ...Buffer.from("bye")];
  const close = frame(CLOSE, Uint8Array.from(status));
  return { bytes: Buffer.concat(frames), close, messages };
}

/** Returns the bytes with random faults. */
function mangle(bytes: Buffer, random: Random): Buffer {
  let mangled = Buffer.from(bytes);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(mangled.length + 1);
    const end = at + random.below(Math.min(40, mangled.length - at) + 1);
    const [before, part, after] = [
      mangled.subarray(0, at),
      mangled.subarray(at, end),
      mangled.subarray(end),
    ];
    const flipped = part.map((byte) => byte ^ (1 << random.below(8)));
    const pieces = random.pick([
      [before, flipped, after],
      [before, after],
      [before, part, part, after],
      [before, random.bytes(random.below(20)), after],
      [before],
      [before, after.subarray(0, 1).map((byte) => byte ^ 0x80), after.subarray(1)],
    ]);
    mangled = Buffer.concat(pieces);
  }
  return mangled;
}

/** Makes invalid frames. */
function strange(random: Random): Buffer {
  const frames = Array.from({ length: 1 + random.below(6) }, () => {
    const first = random.chance(0.5) ? random.below(256) : 0x80 | random.pick([0, 1, 2, 8, 9, 10]);
    const masked = random.chance(0.85) ? 0x80 : 0;
    const payload = random.bytes(random.chance(0.8) ? random.below(20) : random.below(3000));
    const { length } = payload;
    const claimed = random.chance(0.8)
      ? length
      : random.pick([0, 125, 126, 0xffff, 2 ** 20, 2 ** 31]);
    const head = random.pick([
      () => [masked | Math.min(claimed, 125)],
      () => [masked | 126, (claimed >> 8) & 0xff, claimed & 0xff],
      () => [masked | 127, 0, 0, 0, 0, claimed >>> 24, (claimed >> 16) & 0xff, 0, claimed & 0xff],
      () => [masked | 127, ...random.bytes(8)],
    ])();
    return Buffer.from([first, ...head, ...(masked ? random.bytes(4) : []), ...payload]);
  });
  return Buffer.concat(frames);
}

/** Cuts bytes at random places. */
function cut(bytes: Buffer, random: Random): Uint8Array[] {
  const cuts = random.chance(0.3) ? 0 : random.below(random.chance(0.1) ? 40 : 6);
  const places = Array.from({ length: cuts }, () => random.below(bytes.length + 1));
  const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i]!, end))
    .filter((piece) => piece.length > 0);
}

/** Makes the plan for one connection. */
export function planConnection(
  seed: number,
  index: number,
  port: number,
  manners: readonly string[] = MANNERS,
): ConnectionPlan {
  const random = new Random(seed, index);
  const dice = random.next();
  const kind = dice < 0.3
    ? "valid"
    : dice < 0.65
    ? "mangled"
    : dice < 0.85
    ? "frames"
    : "handshake";
  const manner = kind === "valid" ? random.pick(["echo", "loop"]) : random.pick(manners);
  const path = `/${manner}?${index}`;
  const head = Buffer.from(upgradeRequest({ port, path }));
  const { bytes, close, messages } = conversation(random);
  const all = Buffer.concat([bytes, close]);
  if (kind === "valid") {
    // Bun answers 400 by itself to a client that sends more before it is answered.
    const waits = random.chance(0.7);
    const pieces = [head, ...cut(waits ? bytes : all, random)];
    return {
      kind,
      path,
      pieces,
      last: waits ? close : undefined,
      ending: "wait",
      echoes: messages,
    };
  }
  const bytesOf = {
    mangled: () => [head, mangle(all, random)],
    frames: () => [head, all.subarray(0, random.below(all.length)), strange(random)],
    handshake: () => [mangle(head, random), random.chance(0.5) ? all : Buffer.alloc(0)],
  }[kind];
  const ending = random.pick(["end", "end", "reset", "destroy"] as const);
  const pieces = cut(Buffer.concat(bytesOf()), random);
  return { kind, path, pieces, last: undefined, ending, echoes: undefined };
}
