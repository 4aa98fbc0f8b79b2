/**
 * The judge: a conformance suite for any WebSocket server or client.
 *
 * ```ts
 * import { judgeServer } from "@isosocket/isosocket/conformance";
 *
 * const run = await judgeServer("ws://127.0.0.1:8080/", { patterns: ["5.5"] });
 * for (const { verdict, id, notes } of run.results) console.log(verdict, id, ...notes);
 * ```
 *
 * How it is built, from the bottom: `wire.ts` (frames as data, an encoder that can write everything),
 * `step.ts` and `case.ts` (what a case is; how to add one), `cases/` (the cases), `peer.ts` and
 * `act.ts` (one connection; what each step does), `play.ts` (one case), `run.ts` and `listen.ts` (all of them, against a server or a client), `result.ts` (what a run leaves
 * behind), `report/` (what is made of it).
 *
 * @module
 */

export type { Case, Draft, Part, Subject, Trait } from "./case.ts";
export { cases } from "./cases/mod.ts";
export { judgeClients, type Listening, type ListenOptions } from "./judge_clients.ts";
export { judgeServer, type RunOptions } from "./judge_server.ts";
export type { Target } from "./player/context.ts";
export { play } from "./player/play.ts";
export * from "./report/mod.ts";
export type { Ending, Result, Run, Side, Verdict, WireEntry, WireFrame } from "./result.ts";
export { findSection, type Section } from "./sections.ts";
export { select, type Selection } from "./selection.ts";
export type * from "./step.ts";
export type { CorpusName } from "./wire/corpus.ts";
export type { Negotiation } from "./wire/extensions.ts";
export type { Filled, Frame, Item, Payload, Rest, Window } from "./wire/frame.ts";
export type { Headers, RequestRule, RequestSpec, ResponseSpec } from "./wire/handshake.ts";
export type { Transport, TransportEnd, TransportEvents } from "./wire/transport.ts";
