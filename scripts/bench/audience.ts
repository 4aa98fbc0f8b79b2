/** Subscribers that count what a server publishes. One of them requests it. @module */

import { Buffer } from "node:buffer";
import type { LoadResult } from "./load_result.ts";
import { frameHead } from "./frame_head.ts";
import type { CountingClient } from "./counting_client.ts";

/** Shape of a load of publications. */
export interface FanOut {
  /** Number of subscribers. */
  readonly subscribers: number;
  /** Number of messages that are published in one tick, before the next ones are requested. */
  readonly perTick: number;
}

/** Number of bytes of each message; its frame adds two. */
export const SIZE = 64;

const MASK = Buffer.from([0x3d, 0xa5, 0x96, 0x0f]);

/** Encodes the frame that requests a number of messages: the number as text. */
function requestFrame(count: number): Buffer {
  const payload = Buffer.from(String(count));
  return Buffer.concat([
    frameHead(0x81, payload.length, true),
    MASK,
    payload.map((byte, i) => byte ^ MASK[i % 4]!),
  ]);
}

/** Requests messages for some time: the next ones when all subscribers have received the last ones. */
export async function gather(
  clients: readonly CountingClient[],
  { perTick }: FanOut,
  ms: number,
): Promise<LoadResult> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const frame = requestFrame(perTick);
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
