// Sample runs for tests of reports: small, and hostile.

import type { Result, Run, WireEntry } from "../../../src/conformance/result.ts";

/** Text of a hostile subject: markup, escapes, controls, lone surrogates. */
export const NASTY =
  '</script><script>alert(1)</script><img src=x onerror=alert(2)> ]]> & "quoted" \u001b[31m\u0000\u202e\ud800';

const WIRE: readonly WireEntry[] = [
  { at: 0.1, from: "judge", what: "tcp", text: "Connected", size: 0 },
  {
    at: 0.2,
    from: "judge",
    what: "http",
    text: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    size: 27,
  },
  {
    at: 0.9,
    from: "peer",
    what: "http",
    text: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    size: 36,
  },
  {
    at: 1,
    from: "judge",
    what: "frame",
    text: 'Ping "half"',
    size: 10,
    hex: "89849a3c5e71f25d3217",
    frame: { opcode: 9, fin: true, rsv: 0, masked: true, length: 4 },
  },
  {
    at: 1.5,
    from: "peer",
    what: "frame",
    text: 'Pong "half"',
    size: 6,
    hex: "8a0468616c66",
    frame: { opcode: 10, fin: true, rsv: 0, masked: false, length: 4 },
  },
  { at: 2, from: "peer", what: "tcp", text: "Ended by the peer", size: 0 },
];

/** Makes a result. Default: a pass. */
export function result(id: string, fields: Partial<Result> = {}): Result {
  return {
    id,
    section: id.split("/")[0]!,
    level: "must",
    requirement: "A ping is answered with a pong",
    autobahn: [],
    verdict: "pass",
    notes: [],
    expected: "",
    got: "",
    ms: 12.4,
    ending: { closedBy: "judge", code: 1000, reason: "", clean: true, codeFits: true },
    extensions: "",
    sent: 37,
    received: 42,
    wire: WIRE,
    ...fields,
  };
}

/** Makes a typical failure. */
export function failure(id: string, fields: Partial<Result> = {}): Result {
  return result(id, {
    verdict: "fail",
    expected: "Close 1002",
    got: 'Pong "half"',
    notes: ['Expected Close 1002, got Pong "half"'],
    ending: { closedBy: null, code: null, reason: "", clean: false, codeFits: true },
    ...fields,
  });
}

/** Makes a warning. */
export function warning(id: string, fields: Partial<Result> = {}): Result {
  return result(id, {
    verdict: "warn",
    notes: ["Expected Close 1002, got no Close"],
    ...fields,
  });
}

/** Makes a skip. */
export function skip(id: string, fields: Partial<Result> = {}): Result {
  return result(id, {
    verdict: "skip",
    notes: ["The server did not agree to the compression needed"],
    ...fields,
  });
}

/** Makes a run. */
export function run(
  results: readonly Result[],
  fields: Partial<Run> = {},
): Run {
  return {
    format: "isosocket-judge/1",
    agent: "echo",
    subject: "server",
    target: "ws://127.0.0.1:8000/",
    started: "2026-11-22T12:00:00.000Z",
    ms: 8400,
    seed: null,
    strict: false,
    selected: results.length,
    stopped: null,
    runtime: "node 24.0.0 linux x64",
    results,
    ...fields,
  };
}

/** A run in which everything from outside is hostile. */
export function nastyRun(): Run {
  const nasty = failure(`5.5/${NASTY}`, {
    requirement: NASTY,
    autobahn: [NASTY],
    notes: [NASTY],
    expected: NASTY,
    got: NASTY,
    extensions: NASTY,
    ending: { closedBy: "peer", code: 1000, reason: NASTY, clean: false, codeFits: true },
    wire: WIRE.map((entry) => ({ ...entry, text: NASTY })),
  });
  return run([
    nasty,
    warning("5.5/b", { notes: [NASTY] }),
    skip("5.5/c", { notes: [NASTY] }),
  ], {
    agent: NASTY,
    target: NASTY,
    started: NASTY,
    runtime: NASTY,
    stopped: NASTY,
  });
}

/** Characters that no report prints unescaped; line feeds are the report's own. */
export const UNSHOWN = /[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u;
