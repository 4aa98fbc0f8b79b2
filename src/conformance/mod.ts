/**
 * A conformance suite for any WebSocket server or client.
 *
 * ```ts
 * import { judgeServer } from "@isosocket/isosocket/conformance";
 *
 * const run = await judgeServer("ws://127.0.0.1:8080/", { patterns: ["5.5"] });
 * for (const { verdict, id, notes } of run.results) console.log(verdict, id, ...notes);
 * ```
 *
 * Its parts, from the bottom: `wire/` (frames as data, an encoder that can write any frame, heads,
 * compression, transports, and HTTP/2 beneath them), `step.ts` and `case.ts` (what a case is, and how to add one), `cases/`
 * (the cases), `player/` (plays one case over one connection), `judge_server.ts` and
 * `judge_clients.ts` (all cases, against a server or clients), `through/` and `judge_proxy.ts` (checks of
 * a proxy, from both of its sides), `result.ts` (the data of a run) and
 * `report/` (reports made of them). It imports nothing of the library outside its folder.
 *
 * @module
 */

export type { Case, Draft, Part, Subject, Trait } from "./case.ts";
export { cases } from "./cases/mod.ts";
export { casesOverHttp2 } from "./cases/over_http2.ts";
export { type ClientJudge, judgeClients, type ListenOptions } from "./judge_clients.ts";
export { judgeProxy, type ProxyOptions } from "./judge_proxy.ts";
export { judgeServer } from "./judge_server.ts";
export type { Target } from "./player/context.ts";
export { play } from "./player/play.ts";
export * from "./report/mod.ts";
export type { Ending, Result, Run, Side, Verdict, WireEntry, WireFrame } from "./result.ts";
export type { RunOptions } from "./run_options.ts";
export type { ServerProcess } from "./server_process.ts";
export { findSection, type Section } from "./sections.ts";
export { select, type Selection } from "./selection.ts";
export type * from "./step.ts";
export type { CorpusName } from "./wire/corpus.ts";
export type { Negotiation } from "./wire/extensions.ts";
export type { Filled, Frame, Item, Payload, Rest, Window } from "./wire/frame.ts";
export type { TlsFiles } from "./wire/transport.ts";
export type { Head } from "./wire/head.ts";
export type { Carriage } from "./wire/http2/stream.ts";
export type { Headers, RequestRule, RequestSpec, ResponseSpec } from "./wire/handshake.ts";
export type { Transport, TransportEnd, TransportEvents } from "./wire/transport.ts";
