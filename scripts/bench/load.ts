/**
 * The load: raw TCP, prepared frames, replies counted by their bytes, or by their frames where they are
 * compressed. It does as little as possible, and the same for every server, so that the server is
 * measured.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";
import { answerQuestions } from "../processes/answering.ts";
import { type FanOut, gather } from "./audience.ts";
import { type CountingClient, openClients } from "./counting_client.ts";
import { FrameCounter } from "./frame_counter.ts";
import { frameHead } from "./frame_head.ts";
import type { LoadResult } from "./load_result.ts";

/** Shape of the messages that {@linkcode Load} sends. */
export interface LoadShape {
  /** Type of the messages: "deflate" is compressed JSON. */
  readonly kind: "text" | "binary" | "deflate";
  /** Number of bytes of each message, before it is compressed. */
  readonly size: number;
  /** Number of messages that each connection has in flight. */
  readonly inFlight: number;
}

const MASK = Buffer.from([0x3d, 0xa5, 0x96, 0x0f]);

/** First octet of the frames of each kind: a whole message. */
const FIRST_OCTETS = { text: 0x81, binary: 0x82, deflate: 0xc1 } as const;

/** Makes JSON of a length: records of which some words repeat, as in most. */
function json(size: number): string {
  const records: unknown[] = [];
  const text = (end: string): string => JSON.stringify({ records, end });
  while (text("").length <= size) {
    const i = records.length;
    const tags = ["open", "paid", "sent"].slice(i % 3);
    records.push({ id: 1000 + i * 7919 % 4001, user: `user-${i * 31 % 17}`, tags });
  }
  records.pop();
  return text("x".repeat(size - text("").length));
}

/** Compresses a message (RFC 7692, 7.2.1), without its last four octets. */
function deflated(text: string): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Encodes the frame of a message. */
function messageFrame(kind: LoadShape["kind"], size: number): Buffer {
  const payload = kind === "deflate"
    ? deflated(json(size))
    : Buffer.alloc(size, "abcdefghijklmnopqrstuvwxyz");
  const head = frameHead(FIRST_OCTETS[kind], payload.length, true);
  return Buffer.concat([head, MASK, payload.map((octet, i) => octet ^ MASK[i % 4]!)]);
}

/** One run over many connections. */
class Load {
  readonly inFlight: number;
  /** Number of bytes of each reply, with its frame; `undefined` if that depends on the server. */
  readonly replySize: number | undefined;
  readonly #frames: Buffer;
  readonly #frameSize: number;
  readonly #finished: () => void;
  #missing = 0;
  #over = false;
  /** Number of messages that came back. */
  messages = 0;

  constructor({ kind, size, inFlight }: LoadShape, finished: () => void) {
    const frame = messageFrame(kind, size);
    this.inFlight = inFlight;
    this.replySize = kind === "deflate" ? undefined : frame.length - MASK.length;
    this.#frames = Buffer.concat(new Array(inFlight).fill(frame));
    this.#frameSize = frame.length;
    this.#finished = finished;
  }

  /** Returns the frames of a number of messages to send. */
  take(count: number): Buffer {
    this.#missing += count;
    return this.#frames.subarray(0, count * this.#frameSize);
  }

  /** Counts messages that came back. Returns whether to send as many again. */
  echoed(count: number): boolean {
    this.messages += count;
    this.#missing -= count;
    if (this.#over && this.#missing === 0) this.#finished();
    return !this.#over;
  }

  /** Stops sending; the messages in flight are awaited. */
  end(): void {
    this.#over = true;
  }
}

/** Returns a function that counts the whole replies of one connection. */
function replyCounter(size: number | undefined): (count: number, bytes: Buffer) => number {
  if (size === undefined) {
    const frames = new FrameCounter();
    return (count, bytes) => frames.receive(bytes, count);
  }
  let rest = 0; // bytes of an incomplete reply
  return (count) => {
    const bytes = rest + count;
    const whole = Math.floor(bytes / size);
    rest = bytes - whole * size;
    return whole;
  };
}

/** Sends the first messages, and then as many as come back. */
function begin(client: CountingClient, load: Load): void {
  const wholeReplies = replyCounter(load.replySize);
  client.onBytes = (count, bytes) => {
    const whole = wholeReplies(count, bytes);
    if (whole > 0 && load.echoed(whole)) client.write(load.take(whole));
  };
  client.write(load.take(load.inFlight));
}

const groups: CountingClient[][] = [];

async function open(port: number, count: number, deflate: boolean): Promise<number> {
  return groups.push(await openClients(port, count, deflate)) - 1;
}

async function run(group: number, shape: LoadShape, ms: number): Promise<LoadResult> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const load = new Load(shape, resolve);
  const begun = performance.now();
  for (const client of groups[group]!) begin(client, load);
  setTimeout(() => load.end(), ms);
  await promise;
  return { messages: load.messages, ms: performance.now() - begun };
}

/** A command to the load. */
export type LoadRequest =
  | { readonly open: number; readonly count: number; readonly deflate: boolean }
  | { readonly run: number; readonly shape: LoadShape; readonly ms: number }
  | { readonly gather: number; readonly shape: FanOut; readonly ms: number };

answerQuestions("ready", (question) => {
  const request = question as unknown as LoadRequest;
  if ("open" in request) return open(request.open, request.count, request.deflate);
  if ("run" in request) return run(request.run, request.shape, request.ms);
  return gather(groups[request.gather]!, request.shape, request.ms);
});
