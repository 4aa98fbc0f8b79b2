/** What is measured on which runtime, beside whom, and with which aim: one table. @module */

import type { Runtime } from "../processes/runtime.ts";
import { trips } from "./clients.ts";
import { echo, fanOut, IDLE_MEMORY } from "./servers.ts";
import { START_UP } from "./start_up.ts";
import type { Candidate, Task } from "./task.ts";

/** One line of the table. */
export interface Contest {
  /** Runtimes of isosocket. */
  readonly on: readonly Runtime[];
  /** What all do. */
  readonly task: Task;
  /**
   * Who takes turns with isosocket. The aim is how many times it is as good: the other's cost divided by
   * its own, or its rate divided by the other's, as the task is judged.
   */
  readonly beside: readonly (readonly [Candidate, aim: number])[];
  /** Greatest cost of isosocket itself, in the unit of the task. */
  readonly most?: number;
  /** Whether `--quick` leaves it out. */
  readonly isLong?: true;
}

/** For what is only shown. */
const NO_AIM = 0;

/** Itself, over the engine that the runtime's name includes. */
export const ISOSOCKET: Candidate = { name: "isosocket", program: "isosocket" };

const UNLIMITED: Candidate = { name: "isosocket, no limits", program: "unlimited" };
const NATIVE: Candidate = { name: "isosocket, native", program: "isosocket", runtime: "deno" };
const WS: Candidate = { name: "bare ws", program: "bare_node" };
const DENO: Candidate = { name: "bare Deno", program: "bare_deno" };
const BUN: Candidate = { name: "bare Bun", program: "bare_bun", runtime: "bun" };
const PLATFORMS: Candidate = { name: "its own WebSocket", program: "bare" };
const WS_PACKAGE: Candidate = { name: "the package ws", program: "ws" };

const ON_NODE = ["node22", "node24", "node26"] as const;
const ON_DENO = ["deno"] as const;
const ON_DENO_TCP = ["deno-tcp"] as const;
const ON_BUN = ["bun"] as const;
const ON_BUN_TCP = ["bun-tcp"] as const;
const ON_ALL = [...ON_DENO, ...ON_DENO_TCP, ...ON_BUN, ...ON_BUN_TCP, ...ON_NODE] as const;

/** All contests, in the order in which they take place. */
export const CONTESTS: readonly Contest[] = [
  { on: ON_NODE, task: echo("text", 16, 16), beside: [[WS, 12], [BUN, 1 / 1.2]] },
  { on: ON_NODE, task: echo("binary", 16, 16), beside: [[WS, 9]] },
  { on: ON_NODE, task: echo("text", 1024, 16), beside: [[WS, 12], [BUN, 1 / 0.9]] },
  { on: ON_NODE, task: echo("text", 16, 1), beside: [[WS, 1 / 0.8], [BUN, 1 / 1.25]] },
  { on: ON_NODE, task: echo("text", 16 * 1024, 1), beside: [[WS, 1 / 0.6]] },
  { on: ON_NODE, task: echo("binary", 16 * 1024, 1), beside: [[WS, 1 / 0.6]] },
  { on: ON_NODE, task: echo("text", 1024 ** 2, 1), beside: [[WS, 1 / 0.65]] },
  { on: ON_NODE, task: echo("binary", 1024 ** 2, 1), beside: [[WS, 1 / 0.6]] },
  { on: ON_NODE, task: echo("deflate", 1024, 16), beside: [[WS, 1 / 0.3]] },
  { on: ON_DENO, task: echo("text", 16, 16), beside: [[DENO, 0.95]] },
  { on: ON_DENO, task: echo("binary", 16, 16), beside: [[DENO, 0.95]] },
  { on: ON_DENO, task: echo("text", 16, 1), beside: [[DENO, 0.95]] },
  { on: ON_DENO, task: echo("text", 16 * 1024, 1), beside: [[DENO, 0.95]] },
  { on: ON_DENO, task: echo("binary", 16 * 1024, 1), beside: [[DENO, 0.95]] },
  { on: ON_DENO_TCP, task: echo("text", 16, 16), beside: [[NATIVE, 7.5]] },
  { on: ON_DENO_TCP, task: echo("binary", 16, 16), beside: [[NATIVE, 7.5]] },
  { on: ON_DENO_TCP, task: echo("text", 16, 1), beside: [[NATIVE, 1 / 1.1]] },
  { on: ON_DENO_TCP, task: echo("text", 16 * 1024, 1), beside: [[NATIVE, 1]] },
  { on: ON_DENO_TCP, task: echo("binary", 16 * 1024, 1), beside: [[NATIVE, 1]] },
  { on: ON_BUN, task: echo("text", 16, 16), beside: [[BUN, 0.97]] },
  { on: ON_BUN, task: echo("binary", 16, 16), beside: [[BUN, 0.97]] },
  { on: ON_BUN, task: echo("text", 16, 1), beside: [[BUN, 0.95]] },
  { on: ON_BUN, task: echo("text", 16 * 1024, 1), beside: [[BUN, 0.95]] },
  { on: ON_BUN, task: echo("binary", 16 * 1024, 1), beside: [[BUN, 0.95]] },
  { on: ON_BUN_TCP, task: echo("text", 16, 16), beside: [[BUN, NO_AIM]] },
  { on: ON_BUN_TCP, task: echo("binary", 16 * 1024, 1), beside: [[BUN, NO_AIM]] },

  { on: ON_ALL, task: echo("text", 16, 16, "limits"), beside: [[UNLIMITED, 0.97]] },

  { on: ON_NODE, task: fanOut(1000, 1), beside: [[WS, 1.25]] },
  { on: ON_NODE, task: fanOut(1000, 16), beside: [[WS, 3], [BUN, 1 / 1.4]] },
  { on: ON_NODE, task: fanOut(10_000, 1), beside: [[WS, 1.25]], isLong: true },
  { on: ON_NODE, task: fanOut(10_000, 16), beside: [[WS, 3]], isLong: true },
  { on: ON_DENO, task: fanOut(1000, 1), beside: [[DENO, 0.95]] },
  { on: ON_DENO, task: fanOut(1000, 16), beside: [[DENO, 0.95]] },
  { on: ON_DENO, task: fanOut(10_000, 16), beside: [[DENO, 0.95]], isLong: true },
  { on: ON_DENO_TCP, task: fanOut(1000, 1), beside: [[NATIVE, NO_AIM]] },
  { on: ON_DENO_TCP, task: fanOut(1000, 16), beside: [[NATIVE, NO_AIM]] },
  { on: ON_BUN, task: fanOut(1000, 1), beside: [[BUN, 0.95]] },
  { on: ON_BUN, task: fanOut(1000, 16), beside: [[BUN, 0.95]] },
  { on: ON_BUN, task: fanOut(10_000, 16), beside: [[BUN, 0.95]], isLong: true },
  { on: ON_BUN_TCP, task: fanOut(1000, 16), beside: [[BUN, NO_AIM]] },

  { on: ON_NODE, task: IDLE_MEMORY, beside: [[WS, NO_AIM]], most: 3.2 },
  { on: ON_DENO, task: IDLE_MEMORY, beside: [[DENO, 1 / 1.2]] },
  { on: ON_DENO_TCP, task: IDLE_MEMORY, beside: [[NATIVE, NO_AIM]], most: 5.5 },
  { on: ON_BUN, task: IDLE_MEMORY, beside: [[BUN, NO_AIM]], most: 3.2 },
  { on: ON_BUN_TCP, task: IDLE_MEMORY, beside: [[BUN, NO_AIM]] },

  { on: [...ON_NODE, ...ON_DENO_TCP], task: trips(16, 16), beside: [[PLATFORMS, 2]] },
  { on: [...ON_NODE, ...ON_DENO_TCP], task: trips(16, 1), beside: [[PLATFORMS, 1]] },
  { on: ON_DENO_TCP, task: trips(4096, 1), beside: [[PLATFORMS, 10]] },
  { on: [...ON_NODE, ...ON_DENO_TCP], task: trips(1024 ** 2, 1), beside: [[PLATFORMS, 1]] },
  { on: [...ON_DENO, ...ON_BUN], task: trips(16, 1), beside: [[PLATFORMS, 0.95]] },
  { on: [...ON_DENO, ...ON_BUN], task: trips(4096, 1), beside: [[PLATFORMS, 0.95]] },
  { on: ON_BUN_TCP, task: trips(16, 1), beside: [[PLATFORMS, NO_AIM]] },

  { on: ON_NODE, task: START_UP, beside: [[WS_PACKAGE, NO_AIM]], most: 10 },
];
