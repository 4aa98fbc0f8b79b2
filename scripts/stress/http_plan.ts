/** The HTTP fuzzer's plan of one exchange, which follows from a seed and a number. @module */

import { Buffer } from "node:buffer";
import { frame, TEXT } from "./frames.ts";
import { fuzzedHandshake, type FuzzRequest, h2cRequest, pageRequest } from "./http_requests.ts";
import { Random } from "./random.ts";

/** A step of a client. */
export type ClientStep =
  | { readonly write: Uint8Array }
  /** Waits, in milliseconds. */
  | { readonly wait: number }
  /** Waits until this number of answers is complete. */
  | { readonly answers: number }
  /** Pauses reading, in milliseconds. */
  | { readonly pause: number }
  | { readonly leave: Departure };

/** End of a connection by the client: by FIN, by RST, or by both. */
export type Departure = "end" | "reset" | "destroy";

/** Plan of an exchange. */
export interface HttpExchange {
  readonly number: number;
  /** Entry of the server that it uses. */
  readonly entry: string;
  /** Description: exchanges of one shape fail alike. */
  readonly shape: string;
  /** Coarser description. */
  readonly family: string;
  readonly requests: readonly FuzzRequest[];
  readonly steps: readonly ClientStep[];
  /** End of the connection before the answer; `undefined` if the client waits. */
  readonly departure: Departure | undefined;
  /** Whether its bytes are mangled: then the answers cannot be predicted. */
  readonly isMangled: boolean;
  /** Text of the message that a socket echoes, once or before it is open. */
  readonly message: string;
  /** Whether the message is sent before the answer. */
  readonly isEarly: boolean;
  /** End of an open socket. */
  readonly ending: "close" | Departure;
  /** Number of clients that do the same concurrently. */
  readonly copies: number;
}

/** Milliseconds: around the times that handlers wait. */
const DELAYS = [0, 0, 1, 3, 8, 15, 22, 40];

/** Cuts bytes into pieces: one, one for each byte, or some. */
function cut(bytes: Buffer, random: Random): Uint8Array[] {
  const kind = random.next();
  if (kind < 0.6) return [bytes];
  if (kind < 0.65 && bytes.length < 400) return [...bytes].map((byte) => Buffer.from([byte]));
  const places = Array.from(
    { length: 1 + random.below(5) },
    () => random.below(bytes.length + 1),
  );
  const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i]!, end))
    .filter((piece) => piece.length > 0);
}

/** Returns the bytes with random faults. */
function mangle(bytes: Buffer, random: Random): Buffer {
  let mangled = bytes;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(mangled.length + 1);
    const end = Math.min(mangled.length, at + random.below(40));
    const [before, part, after] = [
      mangled.subarray(0, at),
      mangled.subarray(at, end),
      mangled.subarray(end),
    ];
    const strange = random.pick([
      "\r",
      "\n",
      "\0",
      ":",
      " ",
      ",",
      "\r\n\r\n",
      "\x80",
      "/",
      "?",
      "\t",
    ]);
    mangled = Buffer.concat(random.pick([
      [before, part.map((byte) => byte ^ (1 << random.below(8))), after],
      [before, after],
      [before, part, part, after],
      [before, random.bytes(random.below(20)), after],
      [before, Buffer.from(strange, "latin1"), after],
      [before],
    ]));
  }
  return mangled;
}

/** Makes the requests of one connection, the last of which may be invalid or a handshake. */
function makeRequests(
  seed: number,
  number: number,
  entry: string,
  port: number,
  random: Random,
): FuzzRequest[] {
  const requests: FuzzRequest[] = [];
  const before = entry === "crowded" ? 0 : random.pick([0, 0, 0, 0, 1, 1, 2, 4]);
  const nonce = (): string => `n${seed}-${number}-${requests.length}`;
  for (let i = 0; i < before; i++) {
    const it = pageRequest({ entry, port, nonce: nonce(), random, mayBeWrong: false });
    requests.push(it);
    if (it.isLast) return requests;
  }
  const kind = random.next();
  const last = { entry, port, nonce: nonce(), random, mayBeWrong: true };
  if (entry === "crowded" || kind < 0.55) requests.push(fuzzedHandshake(last));
  else if (kind < 0.62) requests.push(h2cRequest(last));
  else requests.push(pageRequest(last));
  return requests;
}

/** Makes the plan of an exchange. */
export function planExchange(
  seed: number,
  number: number,
  entries: Readonly<Record<string, number>>,
): HttpExchange {
  const random = new Random(seed, number);
  const entry = random.pick(Object.keys(entries));
  const requests = makeRequests(seed, number, entry, entries[entry]!, random);
  const last = requests.at(-1)!;
  const message = `m${number}`;
  const isCrowded = entry === "crowded";
  const isMangled = !isCrowded && random.chance(0.12);
  const isSocket = last.isHandshake && last.statuses.includes(101);
  const isEarly = isSocket && random.chance(0.1);
  const isLeaving = !isCrowded && random.chance(0.35);
  const departure = isLeaving
    ? random.pick(["end", "reset", "reset", "destroy"] as const)
    : undefined;
  const isPipelined = random.chance(0.6);
  const steps: ClientStep[] = [];
  const write = (bytes: Buffer): void => {
    for (const piece of cut(bytes, random)) {
      steps.push({ write: piece });
      if (random.chance(0.2)) steps.push({ wait: random.below(4) });
    }
  };
  const early = isEarly ? [frame(TEXT, message)] : [];
  const all = requests.map(({ bytes }) => bytes);
  if (isMangled) write(mangle(Buffer.concat([...all, ...early]), random));
  else if (isPipelined) write(Buffer.concat([...all, ...early]));
  else {
    for (const [i, bytes] of all.entries()) {
      write(bytes);
      if (i < all.length - 1) steps.push({ answers: i + 1 });
    }
    if (isEarly) write(early[0]!);
  }
  if (departure !== undefined) {
    const mayGoEarly = random.chance(0.4) && steps.length > 0;
    if (mayGoEarly) {
      // Within its requests, at any byte.
      const kept = steps.slice(0, 1 + random.below(steps.length));
      const end = kept.at(-1)!;
      steps.length = 0;
      steps.push(...kept.slice(0, -1));
      if ("write" in end) {
        steps.push({ write: end.write.subarray(0, random.below(end.write.length + 1)) });
      }
    } else if (random.chance(0.2)) steps.push({ pause: 30 });
    else steps.push({ wait: random.pick(DELAYS) });
    steps.push({ leave: departure });
  } else if (random.chance(last.manner === "long" ? 0.3 : 0.03)) steps.push({ pause: 200 });
  const going = departure ?? "stays";
  const kind = last.isHandshake ? "handshake" : "page";
  const tags = requests.map(({ tag }) => tag).join(" + ");
  return {
    number,
    entry,
    shape: `${entry}: ${tags}${isMangled ? " mangled" : ""}${isEarly ? " early" : ""}, ${going}`,
    family: requests.length > 1 ? `pages + ${kind}` : last.tag,
    requests,
    steps,
    departure,
    isMangled,
    message,
    isEarly,
    ending: random.pick(["close", "reset", "reset", "end", "destroy"] as const),
    copies: isCrowded ? 12 : 1,
  };
}
