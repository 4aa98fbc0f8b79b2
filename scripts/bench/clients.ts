/** Measures our client beside the runtime's own, in turns. @module */

import type { Child } from "../processes/child.ts";
import type { Runtime } from "../processes/runtime.ts";
import type { Trips } from "./client.ts";
import { type BareAndOurs, type Effort, start, type Turn } from "./measure.ts";
import { comparison, type Row } from "./table.ts";

/** The sizes of messages that are measured, in bytes. */
export const TRIP_SIZES = [16, 4096] as const;

/** Longer messages, Deno's own client writes in two pieces. */
const WRITTEN_AT_ONCE = 1024;

/** Shorter turns, and more of them: what a busy machine does to one, it does to the next. */
const PARTS = 8;

/** Measures round trips, one at a time. */
export async function measureTrips(
  runtime: Runtime,
  size: number,
  { rounds, ms, warmUp }: Effort,
  onRound: (round: number) => void,
): Promise<BareAndOurs<Turn>[]> {
  await using peer = start("node24", "echoing.ts");
  const { port } = await peer.hear<{ port: number }>();
  const url = `ws://127.0.0.1:${port}/${size}`;
  await using bare = start(runtime, "client.ts", url, "bare");
  await using ours = start(runtime, "client.ts", url, "isosocket");
  await Promise.all([bare.hear(), ours.hear()]);
  const turn = async (client: Child, length = ms / PARTS): Promise<Turn> => {
    const trips = await client.ask<Trips>({ size, ms: length });
    return { rate: trips.count / trips.ms * 1000, cpu: trips.cpu / trips.count };
  };
  await turn(bare, warmUp);
  await turn(ours, warmUp);
  const pairs: BareAndOurs<Turn>[] = [];
  while (pairs.length < rounds * PARTS) {
    if (pairs.length % 2 === 0) pairs.push([await turn(bare), await turn(ours)]);
    else { // the other way round, for what grows or shrinks meanwhile
      const second = await turn(ours);
      pairs.push([await turn(bare), second]);
    }
    onRound(Math.floor(pairs.length / PARTS));
  }
  return pairs;
}

/** Names what clients do. */
export function tripsName(size: number): string {
  return `client, ${size < 1024 ? `${size} B` : `${size / 1024} KiB`} and back`;
}

/** The row of a measurement of clients: what counts is how many round trips a second has. */
export function tripsRow(runtime: Runtime, size: number, pairs: readonly BareAndOurs<Turn>[]): Row {
  const row = comparison(runtime, tripsName(size), pairs, 0);
  const isMended = runtime === "deno-ws" && size > WRITTEN_AT_ONCE;
  const aim = isMended ? 10 : runtime.endsWith("-ws") ? 0 : 0.95;
  return {
    ...row,
    aim: aim === 0 ? "" : `msg/s ≥ ${aim}`,
    reached: row.rates!.median >= aim,
  };
}
