/** Tasks for servers: to echo, to publish, and to hold idle connections. @module */

import type { Runtime } from "../processes/runtime.ts";
import { SIZE } from "./audience.ts";
import type { LoadShape } from "./load.ts";
import { LoadedServer } from "./loaded_server.ts";
import { bytes, type Task } from "./task.ts";

/** Number of connections that carry messages. */
const CONNECTIONS = 64;

/** The same for messages of at least {@linkcode LARGE} bytes. */
const FEW_CONNECTIONS = 8;

/** Number of bytes of a large message. */
const LARGE = 1024 * 1024;

/** Numbers of idle connections between which memory is compared. */
const IDLE = { first: 3000, last: 8000 } as const;

/** Task: each message comes back. With kind "deflate", messages are compressed JSON. */
export function echo(
  kind: LoadShape["kind"],
  size: number,
  inFlight: number,
  part: "speed" | "limits" = "speed",
): Task {
  const shape: LoadShape = { kind, size, inFlight };
  const isDeflate = kind === "deflate";
  const title = `${bytes(size)} ${isDeflate ? "JSON, deflate" : kind}, ${inFlight} in flight`;
  return {
    part,
    title: part === "speed" ? title : `${part}: ${title}`,
    unit: "µs",
    judgedBy: "cost",
    async enter({ program }, runtime, stack) {
      const options = isDeflate ? ["deflate"] : [];
      const server = await LoadedServer.start(stack, runtime, `${program}.ts`, ...options);
      const run = await server.open(size < LARGE ? CONNECTIONS : FEW_CONNECTIONS, isDeflate);
      return (ms) => server.run({ run, shape, ms });
    },
  };
}

/** Task: what is published reaches all subscribers. */
export function fanOut(subscribers: number, perTick: number): Task {
  const shape = { subscribers, perTick };
  return {
    part: "fan-out",
    title: `${SIZE} B to ${subscribers}, ${perTick} a tick`,
    unit: "µs",
    judgedBy: "cost",
    async enter({ program }, runtime, stack) {
      const server = await LoadedServer.start(stack, runtime, `fan_out/${program}.ts`);
      const gather = await server.open(subscribers);
      return (ms) => server.run({ gather, shape, ms });
    },
  };
}

/** Measures the resident memory of a connection, in kB, in a process of its own. */
async function memoryOf(program: string, runtime: Runtime): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const server = await LoadedServer.start(stack, runtime, `${program}.ts`);
  // The first connections allocate what exists once. On V8, that includes up to 48 MB for young
  // objects, which would look like 10 kB each.
  await server.open(IDLE.first);
  const before = await server.memory();
  await server.open(IDLE.last - IDLE.first);
  return (await server.memory() - before) / (IDLE.last - IDLE.first) / 1000;
}

/** Task: to hold idle connections. Each turn is a process of its own. */
export const IDLE_MEMORY: Task = {
  part: "memory",
  title: `memory, ${IDLE.first} to ${IDLE.last} idle`,
  unit: "kB",
  judgedBy: "cost",
  effort: ({ rounds, ms }) => ({ rounds: Math.ceil(rounds / 3), ms, warmUp: 0 }),
  enter: ({ program }, runtime) =>
    Promise.resolve(async () => ({ cost: await memoryOf(program, runtime) })),
};
