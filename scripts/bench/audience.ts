/** Subscribers: they count what a server publishes. One of them says when. @module */

import { Buffer } from "node:buffer";
import type { LoadResult } from "./load_result.ts";
import type { CountingClient } from "./counting_client.ts";

/** What is published to whom. */
export interface FanOut {
  /** How many there are. */
  readonly subscribers: number;
  /** Messages that are published in one tick, before the next ones are asked for. */
  readonly perTick: number;
}

/** Bytes of each message; with its frame, two more. */
export const SIZE = 64;

const MASK = Buffer.from([0x3d, 0xa5, 0x96, 0x0f]);

/** The frame that asks for so many messages: their number as text. */
function ask(count: number): Buffer {
  const payload = Buffer.from(String(count));
  return Buffer.concat([
    Uint8Array.of(0x81, 0x80 | payload.length),
    MASK,
    payload.map((byte, i) => byte ^ MASK[i % 4]!),
  ]);
}

/** Asks for messages for some time: for the next ones when all have got the last. */
export async function gather(
  clients: readonly CountingClient[],
  { perTick }: FanOut,
  ms: number,
): Promise<LoadResult> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const frame = ask(perTick);
  const all = clients.length * perTick;
  const begun = performance.now();
  let ticks = 0;
  let missing = 0;
  const next = (): void => {
    ticks++;
    missing = all * (SIZE + 2);
    clients[0]!.write(frame);
  };
  const onBytes = (count: number): void => {
    missing -= count;
    if (missing > 0) return;
    if (performance.now() - begun < ms) next();
    else resolve();
  };
  for (const client of clients) client.onBytes = onBytes;
  next();
  await promise;
  return { messages: ticks * all, ms: performance.now() - begun };
}
