/** Task for clients: round trips. @module */

import type { Trips } from "./client.ts";
import { bytes, start, type Task } from "./task.ts";

/** Number of parts of a turn: with short turns, other load on the machine affects all clients alike. */
const PARTS = 8;

/**
 * Task: messages go to a server and come back. If one is in flight, aims are for round trips per second,
 * since latency counts.
 */
export function trips(size: number, inFlight: number): Task {
  return {
    part: "clients",
    title: `client, ${bytes(size)}, ${inFlight} in flight`,
    unit: "µs",
    judgedBy: inFlight === 1 ? "rate" : "cost",
    effort: ({ rounds, ms, warmUp }) => ({ rounds: rounds * PARTS, ms: ms / PARTS, warmUp }),
    async enter({ program }, runtime, stack) {
      const peer = stack.use(start("node24", "echoing.ts"));
      const { port } = await peer.hear<{ port: number }>();
      const engine = runtime.startsWith("node") ? ["tcp"] : []; // others name it themselves
      const url = `ws://127.0.0.1:${port}/${size}`;
      const client = stack.use(start(runtime, "client.ts", url, program, ...engine));
      await client.hear();
      return async (ms) => {
        const result = await client.ask<Trips>({ size, inFlight, ms });
        return { cost: result.cpu / result.count, rate: result.count / result.ms * 1000 };
      };
    },
  };
}
