/**
 * The judge: a conformance suite for any WebSocket server or client.
 *
 * ```ts
 * import { cases } from "@isosocket/isosocket/conformance";
 *
 * for (const { id, requirement } of cases) console.log(id, requirement);
 * ```
 *
 * How it is built, from the bottom: `wire.ts` (frames as data, an encoder that can write everything),
 * `step.ts` and `case.ts` (what a case is; how to add one), `cases/` (the cases), `peer.ts` and
 * `act.ts` (one connection; what each step does), `play.ts` (one case), `result.ts` (what a run leaves
 * behind), `report/` (what is made of it).
 *
 * @module
 */

export type { Case, Draft, Negotiation, Part, Subject, Trait } from "./case.ts";
export { cases } from "./cases/mod.ts";
export { play } from "./play.ts";
export type { Ending, Result, Run, Side, Verdict, WireEntry, WireFrame } from "./result.ts";
export type { Stage } from "./scene.ts";
export { findSection, type Section } from "./sections.ts";
export type * from "./step.ts";
