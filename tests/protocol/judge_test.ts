// The judge plays its cases about frames against the protocol's code, as a server and as a client.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../src/conformance/case.ts";
import { cases } from "../../src/conformance/cases/mod.ts";
import { play } from "../../src/conformance/player/play.ts";
import { ProtocolEndpoint } from "./protocol_endpoint.ts";

/** Whether it is about handshakes, which are not the protocol's, or about more than one connection. */
function isElsewhere({ steps }: Case): boolean {
  return ["request", "respond", "expect-request"].includes(steps[0]?.do ?? "") ||
    steps.some((step) => step.do === "expect-alive" && (step.connections ?? 1) > 1);
}

/** Whether anything in the steps takes its time, for what it weighs or for waiting. */
function isHeavy(part: unknown): boolean {
  if (typeof part !== "object" || part === null || part instanceof Uint8Array) return false;
  const { size = 0, times = 0, ms = 0 } = part as Record<string, number>;
  return size > 40_000 || times > 500 || ms > 60 || Object.values(part).some(isHeavy);
}

/** Three rounds show what a thousand do: the data differ, the way is the same. */
function shortened(test: Case): Case {
  const steps = test.steps.map((step) =>
    step.do === "exchange" ? { ...step, times: Math.min(step.times, 3) } : step
  );
  return { ...test, steps };
}

for (const role of ["server", "client"] as const) {
  test(`the judge finds no fault in a ${role} by the protocol's code`, async () => {
    const chosen = cases.filter((test) => test.judges.includes(role) && !isElsewhere(test))
      .map(shortened).filter((test) => !isHeavy(test.steps));
    const counts: Record<string, number> = {};
    const wrong: string[] = [];
    for (const test of chosen) {
      const { verdict, id, notes } = await play(test, {
        subject: role,
        open: () => Promise.resolve(new ProtocolEndpoint(role)),
        target: "/",
        host: "endpoint.example",
        timeout: 2000,
        budget: 10_000,
        keys: new Set(),
      });
      counts[verdict] = (counts[verdict] ?? 0) + 1;
      if (verdict !== "pass" && verdict !== "skip") {
        wrong.push(`${verdict} ${id}: ${notes.join("; ")}`);
      }
    }
    console.log(`${role}: ${JSON.stringify(counts)}`);
    assert.deepEqual(wrong, []);
    assert.ok(counts["pass"]! > 400, "some cases are played");
  });
}
