// Servers with one planted fault, many of them found in the wild: the judge names the case of the
// fault and no other. Correct servers that are slow, or serve one connection only, have no failure.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import { exitCode, isFailure } from "../../src/conformance/report/mod.ts";
import type { Run } from "../../src/conformance/result.ts";
import type { RunOptions } from "../../src/conformance/run_options.ts";
import type { Faults } from "./faults.ts";
import { type PlantedServer, type ServerFault, withPlanted } from "./planted_server.ts";

/** A planted fault: what to play, and which cases fail. */
interface Planted extends ServerFault {
  /** Patterns: the cases of the fault, and neighbours that are innocent. */
  readonly play: readonly string[];

  /** Ids of the cases that fail, and no others. */
  readonly fail: readonly string[];

  /** Verdict of these. Default: fail. */
  readonly verdict?: "timeout";

  /** What the note of each says. */
  readonly note?: RegExp;

  /** Whether the judge may start the server again. Default: true. */
  readonly isSupervised?: boolean;
}

/** Faults of each connection that need nothing of the server as a whole. */
const only = (faults: Faults): Pick<ServerFault, "faults"> => ({ faults: () => faults });

const CRASH = /^The server crashed: it ended with SIGSEGV$/;
const CLOSE_1000 = Buffer.from([0x03, 0xe8]);

const planted: Readonly<Record<string, Planted>> = {
  // As libsoup 3.2.3 does on a frame that it does not expect.
  "crashes on a ping of 126 bytes": {
    faults: (plant) => ({
      ignores: ["control-size"],
      received: (frame) => {
        if (frame.opcode === 0x9 && frame.payload.length > 125) plant.crash();
        return frame;
      },
    }),
    play: ["5.5/refuses-a-ping", "5.5/takes", "5.1"],
    fail: ["5.5/refuses-a-ping-of-126-bytes"],
    note: CRASH,
  },
  // An unhandled error of a socket that was reset.
  "crashes when a connection is reset after its handshake": {
    ended: (wasReset, plant) => wasReset && plant.crash(),
    play: ["7.1.4", "5.5.3"],
    fail: ["7.1.4/outlives-a-reset", "7.1.4/outlives-a-reset-right-behind-its-answer"],
    note: CRASH,
  },
  "crashes on text that is not UTF-8": {
    faults: (plant) => ({
      utf8: "never",
      received: (frame) => {
        if (frame.payload.includes(0xfe)) plant.crash();
        return frame;
      },
    }),
    play: ["8.1/refuses-the-byte", "5.5.2/answers-an-empty", "5.6/repeats-u"],
    fail: [
      "8.1/refuses-the-byte-fe",
      "8.1/refuses-the-byte-ff",
      "8.1/refuses-the-bytes-fe-and-ff",
    ],
  },
  "crashes on compressed data that are broken, and is not started again": {
    faults: (plant) => ({
      received: (frame) => {
        if (frame.payload.toString("hex") === "ffd3a1577e09c2b4") plant.crash();
        return frame;
      },
    }),
    isSupervised: false,
    play: ["7692:7.2.2/refuses-random-octets"],
    fail: [
      "7692:7.2.2/refuses-random-octets",
      "7692:7.2.2/refuses-random-octets-in-the-second-fragment",
    ],
    note: /^The server is gone: nothing listens on 127\.0\.0\.1:\d+ any more; under way were/,
  },
  "crashes while two connections are open, but never alone": {
    faults: (plant) => ({
      received: (frame) => {
        if (plant.open > 1 && frame.opcode === 0x9) plant.crash();
        return frame;
      },
    }),
    play: ["5.5.3/repeats"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping", "5.5.3/repeats-a-payload-that-is-not-text"],
    note: /^The server crashed: it ended with SIGSEGV; under way were .*, .*It did not do so again/,
  },
  // As patterns whose time grows exponentially: CVE-2021-32640, and one of our own.
  "hangs on a long list of subprotocols": {
    request: (head, plant) => head.includes("p, ".repeat(1000)) && plant.hang(),
    play: ["10.4/refuses-or-takes-20-kb", "10.4/refuses-or-takes-a-cookie", "5.5.3/repeats"],
    fail: ["10.4/refuses-or-takes-20-kb-of-protocols"],
    note: /^The server serves nobody any more after this case$/,
  },
  "takes long for one message": {
    faults: (plant) => ({
      received: (frame) => {
        if (frame.payload.length === 127) plant.delay(1000);
        return frame;
      },
    }),
    play: ["autobahn:1.1", "autobahn:1.2"],
    fail: ["5.2/repeats-binary-of-127-bytes", "5.2/repeats-text-of-127-bytes"],
    verdict: "timeout",
  },
  "never answers a Close": {
    ...only({ closeAnswer: () => undefined, keepsTcpOpen: true }),
    play: ["5.5.1/answers-a-close-after", "5.5.3/repeats"],
    fail: ["5.5.1/answers-a-close-after-an-echo"],
    verdict: "timeout",
  },
  "keeps TCP open after the closing handshake": {
    ...only({ keepsTcpOpen: true }),
    play: ["7.1.1/ends-tcp", "5.5.3/repeats"],
    fail: ["7.1.1/ends-tcp-after-the-closing-handshake"],
    verdict: "timeout",
  },
  "answers any Close with 1000": {
    ...only({
      ignores: ["close-length", "close-code", "close-reason", "control-size"],
      closeAnswer: () => CLOSE_1000,
    }),
    play: ["autobahn:7.3", "autobahn:7.5", "autobahn:7.9"],
    fail: [
      "5.5/refuses-a-close-of-126-bytes",
      "5.5.1/refuses-a-close-of-one-byte",
      "7.4.1/refuses-code-1005",
      "7.4.1/refuses-code-1006",
      "7.4.2/refuses-code-0",
      "7.4.2/refuses-code-999",
      "8.1/refuses-a-reason-that-is-not-utf-8",
    ],
    note: /Close 1000, the answer to a right Close/,
  },
  "sends a second Close": {
    ...only({ talksAfterClose: true }),
    play: ["5.5.1/closes-once", "5.5.3/repeats"],
    fail: ["5.5.1/closes-once"],
  },
  "takes frames that are not masked": {
    ...only({ ignores: ["mask"] }),
    play: ["5.1/refuses-an-unmasked-text", "5.3/unmasks"],
    fail: [
      "5.1/refuses-an-unmasked-text",
      "5.1/refuses-an-unmasked-text-after-a-masked-message",
      "5.1/refuses-an-unmasked-text-behind-a-right-pong-in-the-same-packet",
      "5.1/refuses-an-unmasked-text-of-0-bytes",
      "5.1/refuses-an-unmasked-text-of-126-bytes",
    ],
  },
  "masks its frames": {
    ...only({ sent: (frame) => frame.opcode === 0x2 ? { ...frame, masked: true } : frame }),
    play: ["autobahn:1.2.2", "autobahn:1.1.2"],
    fail: ["5.2/repeats-binary-of-125-bytes"],
  },
  "ignores reserved bits": {
    ...only({ ignores: ["rsv", "rsv1"] }),
    play: ["autobahn:3.1", "autobahn:4"],
    fail: ["5.2/refuses-rsv3-on-text"],
  },
  "ignores reserved opcodes": {
    ...only({ ignores: ["opcode"] }),
    play: ["autobahn:4", "autobahn:3"],
    fail: [
      "5.2/refuses-opcode-3",
      "5.2/refuses-opcode-4-with-a-payload",
      "5.2/refuses-opcode-5-after-a-message",
      "5.2/refuses-opcode-6-with-a-payload-after-a-message",
      "5.2/refuses-opcode-7-with-a-payload-octet-by-octet",
    ],
  },
  "joins fragments of control frames": {
    ...only({ ignores: ["control-fin"] }),
    play: ["5.5/refuses-a-fragmented-ping", "autobahn:5.3"],
    fail: ["5.5/refuses-a-fragmented-ping"],
  },
  "lets a message begin inside another": {
    ...only({ ignores: ["interleaved"] }),
    play: ["autobahn:5.17", "autobahn:5.18", "autobahn:5.19"],
    fail: ["5.4/refuses-a-text-inside-a-text"],
  },
  "takes a continuation of nothing": {
    ...only({ ignores: ["stray-continuation"] }),
    play: ["autobahn:5.9", "autobahn:5.18"],
    fail: ["5.4/refuses-a-final-continuation-of-nothing"],
  },
  // As gorilla/websocket, which leaves the check to the application.
  "never checks UTF-8": {
    ...only({ utf8: "never" }),
    play: ["autobahn:6.3", "autobahn:6.2"],
    fail: ["8.1/refuses-a-surrogate-cut-at-every-byte", "8.1/refuses-a-surrogate-inside-a-text"],
  },
  "sends empty pongs": {
    ...only({
      sent: (frame) => frame.opcode === 0xa ? { ...frame, payload: Buffer.alloc(0) } : frame,
    }),
    play: ["autobahn:2.1", "autobahn:2.2", "autobahn:2.7"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping"],
  },
  "answers text with binary": {
    ...only({ echo: (_, payload) => ({ opcode: 2, payload }) }),
    play: ["autobahn:1.1.2", "autobahn:1.2.2"],
    fail: ["5.2/repeats-text-of-125-bytes"],
  },
  "reads lengths of 16 bits only": {
    ...only({
      received: (frame) => ({ ...frame, payload: frame.payload.subarray(0, 65535) }),
    }),
    play: ["autobahn:1.2.6", "autobahn:1.2.7"],
    fail: ["5.2/repeats-binary-of-65536-bytes"],
  },
  "forgets the compression context": {
    ...only({ deflate: "forgets" }),
    play: ["7692:7.2.3.2/inflates-a", "7692:7.2.3.1"],
    fail: ["7692:7.2.3.2/inflates-a-message-that-leans-on-the-ones-before"],
  },
  "sets RSV1 on its pongs": {
    ...only({ sent: (frame) => frame.opcode === 0xa ? { ...frame, rsv: 4 } : frame }),
    play: ["7692:6/takes-rsv1-on-the-first", "7692:6/takes-rsv1-on-an-empty"],
    fail: ["7692:6/takes-rsv1-on-the-first-fragment-alone"],
  },
  // As python-websockets 10.
  "does not say which version it speaks": {
    ...only({ response: (text) => text.replace("Sec-WebSocket-Version: 13\r\n", "") }),
    play: ["4.4/refuses-version-7", "4.4/refuses-version-99", "4.2.1/refuses-a-request-with-an"],
    fail: ["4.4/refuses-version-7-and-names-13", "4.4/refuses-version-99-and-names-13"],
    note: /Sec-WebSocket-Version: 13, got no such header/,
  },
  "computes Accept of a wrong key": {
    ...only({
      response: (text) =>
        text.includes("X-Odd") ? text : text.replace(/(Protocol: chat)/, "$1\r\nX-Odd: 1")
          .replace(/Accept: .(.*\r\nX-Odd|.*\r\n.*chat)/s, "Accept: _$1"),
    }),
    play: ["4.2.2/chooses-from-one", "4.2.2/answers-with"],
    fail: ["4.2.2/chooses-from-one-protocol-or-nothing"],
  },
  "takes a POST for a handshake": {
    ...only({ ignores: ["method"] }),
    play: ["4.2.1/refuses-the-method-post", "4.2.1/refuses-http-1.0"],
    fail: ["4.2.1/refuses-the-method-post"],
  },
  "greets every client": {
    ...only({ greets: true }),
    play: ["5.5.3/repeats-the"],
    fail: ["5.5.3/repeats-the-payload-of-the-ping"],
  },
};

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

test("a server that is slow for once has no failure", { timeout: 20_000 }, async () => {
  let isFirst = true;
  const fault: Planted = {
    faults: (plant) => ({
      received: (frame) => {
        if (frame.payload.length === 127 && isFirst) plant.delay(1000);
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
