// WebSockets over HTTP/2 (RFC 8441): a correct server has no failure, on node:http2 nor frame by frame;
// of a server with one planted fault, the judge names the case and no other.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import { exitCode } from "../../src/conformance/report/mod.ts";
import type { Run } from "../../src/conformance/result.ts";
import type { RunOptions } from "../../src/conformance/run_options.ts";
import { FLAG, SETTING, TYPE, words } from "../../src/conformance/wire/http2/frames.ts";
import type { Field } from "../../src/conformance/wire/http2/hpack.ts";
import { runtime } from "../runtime.ts";
import { type Http2Faults, withHttp2 } from "./http2_planted.ts";
import { withPlanted } from "./planted_server.ts";
import { serveHttp2 } from "./servers/node_http2.ts";

/** A planted fault: what to play, and which cases do not pass. */
interface Planted extends Http2Faults {
  readonly play: readonly string[];
  readonly names: readonly string[];
  readonly verdict?: "warn" | "timeout";
}

const judged = (url: string, options: RunOptions): Promise<Run> =>
  judgeServer(url, { http2: true, timeout: 250, ...options });

const without = (...names: string[]) => (fields: Field[]): Field[] =>
  fields.filter(([name]) => !names.includes(name));

const planted: Readonly<Record<string, Planted>> = {
  "offers extended CONNECT by the value 2": {
    settings: { [SETTING.enableConnectProtocol]: 2 },
    play: ["8441:3"],
    names: ["8441:3/sends-the-setting", "8441:3/does-not-take-the-setting-back"],
  },
  "takes extended CONNECT back": {
    later: { [SETTING.enableConnectProtocol]: 0 },
    play: ["8441:3"],
    names: ["8441:3/does-not-take-the-setting-back"],
  },
  "takes any protocol": {
    refuses: ({ ":protocol": protocol }) => protocol === undefined ? undefined : 0,
    play: ["8441:4/refuses-another", "8441:4/refuses-h2c", "8441:5/opens"],
    names: ["8441:4/refuses-another-protocol", "8441:4/refuses-h2c-as-protocol"],
  },
  "needs neither :scheme nor :path": {
    reads: (
      fields,
    ) => [...without(":scheme", ":path")(fields), [":scheme", "http"], [":path", "/"]],
    play: ["8441:4/refuses-no", "8441:4/refuses-an"],
    names: ["8441:4/refuses-no-scheme", "8441:4/refuses-no-path"],
  },
  "takes the first of two pseudo-headers": {
    reads: (fields) =>
      fields.filter(([name], at) => fields.findIndex(([one]) => one === name) === at),
    play: ["9113:8.3"],
    names: ["9113:8.3/refuses-two-protocols", "9113:8.3/refuses-two-paths"],
  },
  "passes over fields of the connection": {
    reads: without("connection", "upgrade", "transfer-encoding"),
    play: ["9113:8.2.2", "8441:5/opens"],
    names: [
      "9113:8.2.2/refuses-an-upgrade-field",
      "9113:8.2.2/refuses-a-connection-field",
      "9113:8.2.2/refuses-a-transfer-encoding",
    ],
  },
  "takes any version": {
    refuses: ({ "sec-websocket-version": version, ":protocol": protocol }) =>
      protocol === "websocket" && version !== undefined ? 0 : undefined,
    play: ["8441:5/refuses"],
    names: [
      "8441:5/refuses-version-12",
      "8441:5/refuses-version-14",
      "8441:5/refuses-a-version-that-is-no-number",
    ],
  },
  "answers 101 where there is a cookie": {
    refuses: ({ cookie }) => cookie === undefined ? undefined : 101,
    play: ["8441:5/takes-a-"],
    names: ["8441:5/takes-a-cookie"],
  },
  "answers with Upgrade": {
    fields: [["upgrade", "websocket"]],
    play: ["8441:5/takes-a-field"],
    names: ["8441:5/takes-a-field-that-nobody-knows"],
  },
  "takes padding for payload": {
    forgets: "padding",
    play: ["9113:6.1/reads-frames-in-data-with", "9113:6.1/reads-frames-behind"],
    names: [
      "9113:6.1/reads-frames-in-data-with-a-padding-of-none",
      "9113:6.1/reads-frames-in-data-with-padding",
      "9113:6.1/reads-frames-in-data-with-the-most-padding",
    ],
  },
  "takes empty DATA for the end": {
    received: (frame) =>
      frame.type === TYPE.data && frame.payload.length === 0
        ? { ...frame, flags: FLAG.endStream }
        : frame,
    play: ["9113:6.1/reads-frames-in-data-of-seven", "9113:6.1/reads-frames-behind"],
    names: ["9113:6.1/reads-frames-behind-empty-data"],
  },
  "sends more than the window allows": {
    forgets: "windows",
    play: ["9113:6.9.1/keeps-to-a-window-of-16", "9113:6.9.1/sends-nothing", "9113:6.7"],
    names: [
      "9113:6.9.1/keeps-to-a-window-of-16",
      "9113:6.9.1/sends-nothing-through-a-window-of-zero",
    ],
  },
  "loses WINDOW_UPDATE of streams": {
    forgets: "updates",
    play: ["9113:6.9.1/goes-on", "9113:6.7"],
    names: ["9113:6.9.1/goes-on-by-updates-of-one-octet"],
    verdict: "timeout",
  },
  "answers no PING": {
    forgets: "pings",
    play: ["9113:6.7", "9113:5.4/serves"],
    names: ["9113:6.7/answers-pings-of-both-layers"],
    verdict: "timeout",
  },
  "acknowledges no settings": {
    forgets: "acknowledgements",
    play: ["8441:3"],
    names: ["8441:3/does-not-take-the-setting-back", "8441:3/takes-the-setting-of-a-client"],
    verdict: "timeout",
  },
  "answers on the newest stream": {
    answersOn: (_, { streams }) => Math.max(...streams.keys()),
    play: ["9113:5.4/serves", "8441:5/takes-a-cookie"],
    names: ["9113:5.4/serves-three-sockets"],
    verdict: "timeout",
  },
  "drops the connection when a stream is reset": {
    received: (frame, session) => {
      if (frame.type === TYPE.resetStream) session.end();
      return frame;
    },
    play: ["9113:6.4/outlives-a-reset-with-cancel", "9113:5.4/keeps-the-others-when-one-is"],
    names: ["9113:6.4/outlives-a-reset-with-cancel"],
  },
  "ends a stream by a reset": {
    ends: 8,
    play: ["8441:5/ends-the-stream"],
    names: ["8441:5/ends-the-stream-by-end-stream"],
    verdict: "warn",
  },
  "resets by INTERNAL_ERROR": {
    ends: 2,
    play: ["8441:5/resets"],
    names: ["8441:5/resets-by-cancel"],
    verdict: "warn",
  },
  "does not notice the end of a stream": {
    forgets: "end of the stream",
    play: ["8441:5/takes-the-end", "8441:5/ends"],
    names: [
      "8441:5/takes-the-end-of-a-stream-without-a-close",
      "8441:5/takes-the-end-of-a-stream-behind-a-message",
    ],
    verdict: "warn",
  },
  "ends the connection on GOAWAY": {
    received: (frame, session) => {
      if (frame.type === TYPE.goaway) session.end();
      return frame;
    },
    play: ["9113:6.8", "9113:6.7"],
    names: ["9113:6.8/goes-on-after-a-goaway"],
    verdict: "warn",
  },
  // A fault of the WebSocket is found over HTTP/2 as it is over HTTP/1.1.
  "takes a ping of 126 bytes": {
    faults: { ignores: ["control-size"] },
    play: ["5.5/refuses-a-ping", "5.5/takes"],
    names: ["5.5/refuses-a-ping-of-126-bytes"],
  },
};

for (const [name, { play, names, verdict = "fail", ...faults }] of Object.entries(planted)) {
  test(`over HTTP/2, a server that ${name}`, async () => {
    await withHttp2(faults, async (url) => {
      const run = await judged(url, { patterns: play });
      assert.equal(run.stopped, null);
      const wrong = run.results.filter((one) => one.verdict !== "pass");
      assert.deepEqual(wrong.map(({ id }) => id), names);
      assert.deepEqual([...new Set(wrong.map((one) => one.verdict))], [verdict]);
      assert.ok(
        run.results.length > wrong.length || run.results.length === 1,
        "nothing is innocent",
      );
      assert.equal(exitCode(run), verdict === "warn" ? 0 : 1);
    });
  });
}

test("a correct server over HTTP/2 passes the cases of HTTP/2, and a sample of all others", async () => {
  await withHttp2({}, async (url) => {
    const patterns = ["8441", "9113", "5.5.3", "7.4", "7692:7.2"];
    const run = await judged(url, { patterns, quick: true, seed: 1, timeout: 3000 });
    assert.deepEqual(run.results.filter((one) => one.verdict !== "pass").map(({ id }) => id), []);
    console.log(`${run.results.length} cases over HTTP/2`);
  });
});

test("a server on node:http2 passes the cases of HTTP/2", {
  skip: !runtime.startsWith("node"),
}, async () => {
  const server = await serveHttp2();
  try {
    const run = await judged(server.url, {
      patterns: ["8441", "9113"],
      quick: true,
      seed: 1,
      timeout: 3000,
    });
    assert.deepEqual(run.results.filter((one) => one.verdict !== "pass").map(({ id }) => id), []);
  } finally {
    await server.stop();
  }
});

test("a server that offers no extended CONNECT cannot be judged over HTTP/2", async () => {
  await withHttp2({ settings: { 3: 100 } }, async (url) => {
    const run = await judged(url, { patterns: ["8441"] });
    assert.match(
      run.stopped!,
      /^Cannot judge 127.*: it speaks HTTP\/2, but has not offered extended/,
    );
    assert.equal(exitCode(run), 2);
  });
});

test("a server of HTTP/1.1 cannot be judged over HTTP/2", async () => {
  await withPlanted({}, async ({ url }) => {
    const run = await judged(url, { patterns: ["8441"] });
    assert.match(
      run.stopped!,
      /^Cannot judge 127.*: it (does not speak HTTP\/2|ended the connection)/,
    );
    assert.equal(exitCode(run), 2);
  });
});

for (
  const [what, octets, says] of [
    ["TLS", Uint8Array.of(0x15, 3, 3, 0, 2, 2, 70, 0, 0, 0), /TLS \(its address begins with wss/],
    ["an error of HTTP/1.1", "HTTP/1.1 400 Bad Request\r\n\r\n", /"HTTP\/1.1 400 Bad Request"$/],
    ["nothing", "", /no SETTINGS in 250 ms$/],
    ["other frames", words(8, 0x06_00_00_00, 0, 0, 0), /it answered with octets that are not HTTP/],
  ] as const
) {
  test(`a server that answers with ${what} cannot be judged over HTTP/2`, async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.write(octets);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port } = server.address() as AddressInfo;
    try {
      const run = await judged(`ws://127.0.0.1:${port}`, { patterns: ["8441:3"] });
      assert.match(run.stopped!, says);
      assert.equal(exitCode(run), 2);
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
}

test("what needs --http2 says so", async () => {
  await assert.rejects(
    judgeServer("ws://127.0.0.1:9", { patterns: ["8441:5"] }),
    /^RangeError: Cannot select "8441:5": it needs --http2$/,
  );
});
