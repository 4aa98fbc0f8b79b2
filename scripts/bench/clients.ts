/** Measures isosocket's client beside the runtime's own, in turns. @module */

import type { Child } from "../processes/child.ts";
import type { Runtime } from "../processes/runtime.ts";
import type { Trips } from "./client.ts";
import { type BareAndOurs, type Effort, start, type Turn } from "./measure.ts";
import { comparison, type Row } from "./table.ts";

/** Measured sizes of messages, in bytes. */
export const TRIP_SIZES = [16, 4096] as const;

/** Maximum size of a message that Deno's own client writes in one piece, in bytes. */
const WRITTEN_AT_ONCE = 1024;

/** Number of parts of a turn: with short turns, other load on the machine affects both clients alike. */
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
    else { // in reverse order, against a drift in time
      const second = await turn(ours);
      pairs.push([await turn(bare), second]);
    }
    onRound(Math.floor(pairs.length / PARTS));
  }
  return pairs;
}

/** Returns the title of a measurement of clients. */
export function tripsName(size: number): string {
  return `client, ${size < 1024 ? `${size} B` : `${size / 1024} KiB`} and back`;
}

/** Makes the row of a measurement of clients. The aim is for round trips per second. */
export function tripsRow(runtime: Runtime, size: number, pairs: readonly BareAndOurs<Turn>[]): Row {
  const row = comparison(runtime, tripsName(size), pairs, 0);
  const isMended = runtime === "deno-tcp" && size > WRITTEN_AT_ONCE;
  const aim = isMended ? 10 : runtime.endsWith("-tcp") ? 0 : 0.95;
  return {
    ...row,
    aim: aim === 0 ? "" : `msg/s ≥ ${aim}`,
    reached: row.rates!.median >= aim,
  };
}
