// The command `isosocket bench`, as a user runs it, and how it counts times.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bench } from "../../../src/cli/bench/bench.ts";
import { UsageError } from "../../../src/cli/shared/command_line.ts";
import { Histogram } from "../../../src/cli/bench/histogram.ts";
import { run, skip, start } from "../command.ts";
import { type CliHarness, startHarness } from "../harness.ts";

const options = { skip };
let harness: CliHarness;

before(async () => {
  harness = await startHarness();
});
after(async () => void await harness.server.close());

test("bench measures, shows progress on stderr, and ends with 0", options, async () => {
  const args = ["-c", "3", "-f", "2", "-t", "1.2", "--warm-up", "0.1"];
  const { code, stdout, stderr } = await run("bench", harness.at("/"), ...args);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^Opening 3 connections to ws:.+\nWarming up for 0\.1 s\n1 s: [\d,]+ messages\/s\n$/,
  );
  assert.match(stdout, /^ws:\S+\n {2}3 connections, 2 in flight, text of 16 bytes\n/);
  assert.match(stdout, /\n {2}[\d,]+ messages\/s, [\d.]+ MB\/s each way\n/);
  assert.match(stdout, /latency {2}p50 .+ p90 .+ p99 .+ p99\.9 .+ max .+\n/);
  assert.match(stdout, / .s +[\d,]+ +[\d.]+ % [█▏▎▍▌▋▊▉]+\n/);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  assert.equal(harness.codes.at(-1), 1000);
});

test("bench --json gives what adds up, and --messages is exact", options, async () => {
  const args = ["-c", "4", "-f", "8", "-m", "1001", "-s", "2000", "--binary", "--json", "-q"];
  const { code, stdout, stderr } = await run("bench", harness.at("/"), ...args, "--warm-up", "0.1");
  assert.deepEqual([code, stderr], [0, ""]);
  const result = JSON.parse(stdout);
  assert.equal(result.messages, 1001);
  const { connections, inFlight, size, kind, lost, wrong, unanswered, interrupted } = result;
  assert.deepEqual([connections, inFlight, size, kind], [4, 8, 2000, "binary"]);
  assert.deepEqual([lost, wrong, unanswered, interrupted], [0, 0, 0, false]);
  const { min, mean, p50, p90, p99, "p99.9": p999, max } = result.latency;
  const rising = [0, min, p50, p90, p99, p999, max];
  assert.deepEqual(rising, rising.toSorted((a, b) => a - b));
  assert.ok(mean >= min && mean <= max);
  assert.ok(result.histogram[0].from <= min && result.histogram.at(-1).to > max);
  const counts = result.histogram.map((part: { count: number }) => part.count);
  assert.equal(counts.reduce((sum: number, count: number) => sum + count), 1001);
  const { messagesPerSecond: rate, milliseconds } = result;
  assert.ok(Math.abs(rate * milliseconds / 1000 - 1001) < 1001 / 10, stdout);
});

test("bench takes any size, as text and as binary", options, async () => {
  for (const args of [["-s", "0"], ["-s", "0", "-b"], ["-s", "100000"]]) {
    const { code, stderr } = await run(
      "bench",
      harness.at("/"),
      ...args,
      "-m3",
      "--warm-up=0",
      "-q",
    );
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  }
});

test("bench ends with 1 for wrong answers and lost connections", options, async () => {
  const args = ["-t", "0.2", "--warm-up", "0", "-c", "2", "-q"];
  const wrong = await run("bench", harness.at("/wrong"), ...args);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^[\d,]+ answers not as sent: is it an echo server\?\n$/);
  const received = harness.received("/cut", 3); // by two of them: one has had its answer
  const running = start(["bench", harness.at("/cut"), "-t", "5", "--warm-up", "0", "-c", "2"]);
  await received;
  for (const socket of harness.server.sockets) socket.terminate();
  const lost = await running.ended;
  assert.equal(lost.code, 1);
  assert.match(lost.stdout, /messages\/s/);
  assert.match(lost.stderr, /\nLost 2 connections: .+\n2 messages had no answer\n$/);
});

test("bench ends with 2 and a reason when nothing can be measured", options, async () => {
  const args = ["--warm-up", "0", "-q"];
  const refused = await run("bench", harness.at("/refuse"), ...args);
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(refused.stderr, /^Cannot connect to ws:.+: the server answered 403 Forbidden\n$/);
  const dead = await run("bench", harness.at("/fragile"), ...args);
  assert.deepEqual([dead.code, dead.stdout], [2, ""]);
  assert.match(dead.stderr, /^Cannot measure: .+\n$/);
});

test("bench gives the result so far on Ctrl-C", options, async () => {
  const received = harness.received("/", 11);
  const running = start(["bench", harness.at("/"), "-t", "60", "--warm-up", "0"]);
  await received;
  running.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, / in [\d.]+ .?s, interrupted\n/);
  assert.match(stdout, /latency/);
});

test("bench does not hang on Ctrl-C when the server is silent", options, async () => {
  const received = harness.received("/silent", 1);
  const running = start(["bench", harness.at("/silent"), "-t", "60", "--warm-up", "0"]);
  await received;
  const killed = performance.now();
  running.kill("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  assert.ok(performance.now() - killed < 8000, "it has waited for answers as without Ctrl-C");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /\nInterrupted before anything was measured\n$/);
});

const wrong: [args: string[], says: string][] = [
  [[], "Cannot connect: no address is given"],
  [["ws://a", "-c", "0"], "Cannot use --connections 0: it must be a whole number from 1 to 60000"],
  [["ws://a", "-t", "x"], "Cannot use --seconds x: it must be a number from 0.1 to 86400"],
  [["ws://a", "-t", "1", "-m", "1"], "Cannot use --seconds with --messages: one of them is enough"],
  [
    ["ws://a", "--warmup", "1"],
    "Cannot take --warmup: there is no such option. Did you mean --warm-up?",
  ],
];

test("bench says what is wrong with its arguments", async () => {
  for (const [args, says] of wrong) {
    await assert.rejects(bench(args), (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.equal(error.message, says);
      assert.match(error.usage, /^Usage: isosocket bench /);
      return true;
    });
  }
});

test("a histogram's percentiles are right to 1.1 %, however long the times are", () => {
  for (const scale of [1, 37, 1e6]) {
    const histogram = new Histogram();
    for (let i = 1; i <= 10_000; i++) histogram.add(i * scale);
    assert.deepEqual([histogram.min, histogram.max], [scale, 10_000 * scale]);
    assert.ok(Math.abs(histogram.mean / scale - 5000.5) < 1e-6);
    for (const percent of [50, 90, 99, 99.9]) {
      const right = percent * 100 * scale;
      const found = histogram.percentile(percent);
      if (right < 2 ** 32) {
        assert.ok(found >= right && found <= right * 1.011, `${percent}: ${found}`);
      }
    }
    assert.equal(histogram.percentile(100), Math.min(10_000 * scale, 2 ** 32));
  }
});

test("a histogram's parts hold all times, with round edges", () => {
  for (const times of [[0], [0.4, 0.9], [5], [1000], [999, 1001], [20, 90, 3e9], [7, 7.1, 7.2]]) {
    const histogram = new Histogram();
    for (const time of times) histogram.add(time);
    const parts = histogram.parts(14);
    assert.ok(parts.length >= 1 && parts.length <= 14, `${times}: ${parts.length}`);
    assert.equal(parts.reduce((sum, { count }) => sum + count, 0), times.length);
    assert.ok(parts[0]!.from <= Math.max(1, histogram.min) && parts.at(-1)!.to > histogram.max);
    parts.slice(1).forEach(({ from }, i) => assert.equal(from, parts[i]!.to));
  }
  assert.deepEqual(new Histogram().parts(14), []);
});
