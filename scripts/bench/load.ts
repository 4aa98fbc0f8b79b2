/**
 * The load: raw TCP, prepared frames, replies counted by their bytes. It does as little as possible,
 * and the same for every server, so that the server is measured.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { answerQuestions } from "../processes/answering.ts";
import { type FanOut, gather } from "./audience.ts";
import { type CountingClient, openClients } from "./counting_client.ts";
import type { LoadResult } from "./load_result.ts";

/** Shape of the messages that {@linkcode Load} sends. */
export interface LoadShape {
  /** Type of the messages. */
  readonly kind: "text" | "binary";
  /** Number of bytes of each message. */
  readonly size: number;
  /** Number of messages that each connection has in flight. */
  readonly inFlight: number;
}

const MASK = [0x3d, 0xa5, 0x96, 0x0f];

/** One run over many connections. */
class Load {
  readonly inFlight: number;
  /** Number of bytes of each reply, with its frame. */
  readonly replySize: number;
  readonly #frames: Buffer;
  readonly #frameSize: number;
  readonly #finished: () => void;
  #missing = 0;
  #over = false;
  /** Number of messages that came back. */
  messages = 0;

  constructor({ kind, size, inFlight }: LoadShape, finished: () => void) {
    const head = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 0xff];
    const payload = new Uint8Array(size).map((_, i) => (0x61 + i % 26) ^ MASK[i % 4]!);
    const frame = Buffer.from([
      kind === "text" ? 0x81 : 0x82,
      ...head,
      ...MASK,
      ...payload,
    ]);
    this.inFlight = inFlight;
    this.replySize = frame.length - MASK.length;
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

/** Sends the first messages, and then as many as come back. */
function begin(client: CountingClient, load: Load): void {
  let rest = 0; // bytes of an incomplete reply
  client.onBytes = (count) => {
    const bytes = rest + count;
    const whole = Math.floor(bytes / load.replySize);
    rest = bytes - whole * load.replySize;
    if (whole > 0 && load.echoed(whole)) client.write(load.take(whole));
  };
  client.write(load.take(load.inFlight));
}

const groups: CountingClient[][] = [];

async function open(port: number, count: number): Promise<number> {
  return groups.push(await openClients(port, count)) - 1;
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

function close(group: number): void {
  for (const client of groups[group]!) client.end();
  groups[group] = [];
}

/** A command to the load. */
export type LoadRequest =
  | { readonly open: number; readonly count: number }
  | { readonly run: number; readonly shape: LoadShape; readonly ms: number }
  | { readonly gather: number; readonly shape: FanOut; readonly ms: number }
  | { readonly close: number };

answerQuestions("ready", (question) => {
  const request = question as unknown as LoadRequest;
  if ("open" in request) return open(request.open, request.count);
  if ("run" in request) return run(request.run, request.shape, request.ms);
  if ("gather" in request) return gather(groups[request.gather]!, request.shape, request.ms);
  return close(request.close) ?? true;
});
