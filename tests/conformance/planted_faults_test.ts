// Servers with one planted fault, many of them found in the wild: the judge names the case of the
// fault and no other. Correct servers that are slow, or serve one connection only, have no failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import { exitCode, isFailure } from "../../src/conformance/report/mod.ts";
import type { Run } from "../../src/conformance/result.ts";
import type { RunOptions } from "../../src/conformance/run_options.ts";
import type { Planted } from "./planted/fault.ts";
import { planted } from "./planted/mod.ts";
import { type PlantedServer, type ServerFault, withPlanted } from "./planted_server.ts";

const OPTIONS: RunOptions = { timeout: 200, budget: 20_000 };

function judged(server: PlantedServer, { play, isSupervised = true }: Planted): Promise<Run> {
  const { url } = server;
  return judgeServer(url, { ...OPTIONS, patterns: play, ...(isSupervised && { server }) });
}

for (const [name, fault] of Object.entries(planted)) {
  test(`the judge names the case of a server that ${name}`, { timeout: 20_000 }, async () => {
    await withPlanted(fault, async (server) => {
      const run = await judged(server, fault);
      const failed = run.results.filter(({ verdict }) => isFailure(verdict));
      assert.deepEqual(failed.map(({ id }) => id).sort(), [...fault.fail].sort());
      for (const { id, verdict, notes } of failed) {
        assert.equal(verdict, fault.verdict ?? "fail", `${id}: ${notes}`);
        assert.match(notes.join("; "), fault.note ?? /./, id);
      }
      assert.equal(exitCode(run), 1);
      if (fault.isSupervised !== false) assert.equal(run.stopped, null);
    });
  });
}

test("forty faults are planted", () => {
  assert.ok(Object.keys(planted).length >= 40, `${Object.keys(planted).length}`);
});

test("a server that is slow for once has no failure", { timeout: 20_000 }, async () => {
  let isFirst = true;
  const fault: Planted = {
    faults: (plant) => ({
      received: (frame) => {
        if (frame.payload.length === 127 && isFirst) plant.delay(600);
        if (frame.payload.length === 127) isFirst = false;
        return frame;
      },
    }),
    play: ["autobahn:1.1"],
    fail: [],
  };
  await withPlanted(fault, async (server) => {
    const run = await judged(server, fault);
    assert.deepEqual(run.results.filter(({ verdict }) => verdict !== "pass"), []);
    assert.equal(isFirst, false);
  });
});

test("a supervisor has time to start a server again, and the case is found", {
  timeout: 20_000,
}, async () => {
  const fault = planted["crashes on a ping of 126 bytes"]!;
  await withPlanted(fault, async (server) => {
    // It is not the judge that starts it, but somebody who needs a second.
    const supervisor = setInterval(() => {
      if (server.ended !== undefined) setTimeout(() => void server.restart(), 300);
    }, 500);
    try {
      const run = await judged(server, { ...fault, isSupervised: false });
      const failed = run.results.filter(({ verdict }) => isFailure(verdict));
      assert.deepEqual(failed.map(({ id }) => id), fault.fail);
      assert.match(failed[0]!.notes.join(), /^The server crashed: nothing listens on/);
      assert.equal(run.stopped, null);
      assert.equal(run.results.length, run.selected);
      assert.equal(server.crashes, 2);
    } finally {
      clearInterval(supervisor); // no case is under way
    }
  });
});

/** A sample of everything that is not large. */
const SAMPLE = [
  "5.5.1/answers-a-close-with",
  "5.4/answers-two",
  "5.1/refuses-an-unmasked-text",
  "4.1/echoes",
  "7.1",
  "8.1/refuses-a-frame",
  "10.4/serves-others-while-a",
  "5.2/refuses-a-text-whose",
  "5.5.2",
  "7692:7.2/repeats-1000-times-16-of-json",
];

test("a correct server has no failure that takes 50 ms for an answer, one client at a time", {
  timeout: 120_000,
}, async () => {
  const fault: ServerFault = { pace: 50, isLonely: true };
  await withPlanted(fault, async ({ url }) => {
    const run = await judgeServer(url, {
      timeout: 1000,
      budget: 20_000,
      patterns: SAMPLE,
      quick: true,
      seed: 1,
    });
    const wrong = run.results.filter(({ verdict }) => verdict !== "pass");
    const skipped = wrong.filter(({ verdict }) => verdict === "skip");
    assert.deepEqual(
      wrong.filter((one) => !skipped.includes(one)).map(({ id, notes }) => [id, notes]),
      [],
    );
    const reasons = new Set(skipped.map(({ notes }) => notes.join().replaceAll(/\d+/g, "N")));
    assert.deepEqual([...reasons].sort(), [
      "It needs N answers, and the server takes N ms for one",
      "The server serves one connection at a time",
    ]);
    assert.equal(run.stopped, null);
    assert.ok(run.results.length > 30, `${run.results.length}`);
    console.log(`${run.results.length} cases in ${run.ms} ms, ${skipped.length} skipped`);
  });
});

test("a correct strict server has no failure", { timeout: 120_000 }, async () => {
  await withPlanted({}, async ({ url }) => {
    const run = await judgeServer(url, {
      patterns: ["4.1", "5.5", "7", "8.1"],
      quick: true,
      seed: 3,
    });
    const wrong = run.results.filter(({ verdict }) => verdict !== "pass");
    assert.deepEqual(wrong.map(({ id, notes }) => [id, notes]), []);
    assert.equal(exitCode(run), 0);
  });
});
