// Proxies with one planted fault, between both ends of the judge: each is named, and one that changes
// nothing passes.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { judgeProxy } from "../../src/conformance/judge_proxy.ts";
import {
  exitCode,
  fromJson,
  toHtml,
  toJson,
  toTerminal,
} from "../../src/conformance/report/mod.ts";
import type { Run } from "../../src/conformance/result.ts";
import { type ProxyFault, startPlantedProxy } from "./planted_proxy.ts";

/** Judges a proxy with a fault. */
async function judged(fault: ProxyFault, patterns: readonly string[]): Promise<Run> {
  // The proxy is started when the port behind it is known: it is told a port that is free now.
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", () => resolve()));
  const { port } = free.address() as AddressInfo;
  await new Promise<void>((resolve) => free.close(() => resolve()));
  const proxy = await startPlantedProxy(port, fault);
  try {
    return await judgeProxy(proxy.url, { port, patterns, timeout: 300, idle: 300 });
  } finally {
    await proxy.stop();
  }
}

/** Whether octets begin with this, once a mask is taken away. */
const isPing = (octets: Buffer): boolean => (octets[0]! & 0xf) === 0x9;

interface Planted extends ProxyFault {
  readonly play: readonly string[];
  readonly names: readonly string[];
  readonly verdict?: "warn" | "timeout";
  readonly note?: RegExp;
}

const planted: Readonly<Record<string, Planted>> = {
  "takes an extension out of the request": {
    head: (head, isRequest) => isRequest ? head.replace(/Sec-WebSocket-Ext.*\r\n/i, "") : head,
    play: ["4.1"],
    names: ["4.1/passes-the-request"],
    note: /sec-websocket-extensions: permessage-deflate; client_max_window_bits is gone/,
  },
  "changes the path": {
    head: (head) => head.replace("/chat?room=1", "/"),
    play: ["4.1"],
    names: ["4.1/passes-the-request"],
    note: /Expected GET \/chat\?room=1 HTTP\/1.1, got GET \/ HTTP\/1.1/,
  },
  "tells the server another host": {
    head: (head) => head.replace(/Host: .*\r\n/, "Host: app.internal\r\n"),
    play: ["4.1"],
    names: ["4.1/passes-the-host"],
    verdict: "warn",
  },
  "takes fields away that it does not know": {
    head: (head) => head.replace(/X-Isosocket-Judge.*\r\n/gi, ""),
    play: ["4.1", "4.2.2"],
    names: ["4.1/passes-other-fields", "4.2.2/passes-other-fields-of-the-answer"],
    verdict: "warn",
  },
  "chooses another subprotocol": {
    head: (head, isRequest) => isRequest ? head : head.replace("judge.two", "judge.one"),
    play: ["4.2.2"],
    names: ["4.2.2/passes-the-answer"],
    note: /sec-websocket-protocol: judge.two has become "judge.one"/,
  },
  "answers 502 for a refusal with 403": {
    head: (head, isRequest) => isRequest ? head : head.replace("403 Forbidden", "502 Bad Gateway"),
    play: ["4.2.2"],
    names: ["4.2.2/passes-a-refusal-with-403"],
    verdict: "warn",
  },
  "loses pings": {
    octets: (octets) => isPing(octets) ? Buffer.alloc(0) : octets,
    play: ["5.5.2/passes", "5.4/passes-control"],
    names: [
      "5.5.2/passes-pings-and-pongs-of-the-client",
      "5.5.2/passes-pings-and-pongs-of-the-server",
    ],
    note: /Ping empty did not come/,
  },
  "answers pings itself": {
    octets: (octets, isClient, socket) => {
      if (!isPing(octets)) return octets;
      socket.write(isClient ? Buffer.from([0x8a, 0]) : Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
      return Buffer.alloc(0);
    },
    play: ["5.5.2/passes", "5.6/passes-1000"],
    names: [
      "5.5.2/passes-pings-and-pongs-of-the-client",
      "5.5.2/passes-pings-and-pongs-of-the-server",
    ],
    note: /its own Pong empty/,
  },
  "clears reserved bits": {
    octets: (octets) => {
      if (octets[0] === 0xc1) octets[0] = 0x81;
      return octets;
    },
    play: ["5.2"],
    names: ["5.2/passes-reserved-bits-of-the-client", "5.2/passes-reserved-bits-of-the-server"],
    verdict: "warn",
    note: /Text \[RSV1\] "first" came as Text "first"/,
  },
  "joins fragments": {
    octets: (octets) =>
      octets[0] === 0x01 && octets[1] === 3 && octets[5] === 0x00
        ? Buffer.from("\x81\x0done two three", "latin1")
        : octets,
    play: ["5.4/passes-fragments"],
    names: ["5.4/passes-fragments-of-the-server"],
    verdict: "warn",
    note: /^4 frames came as 1$/,
  },
  "closes with 1000, whatever came": {
    octets: (octets, isClient) => {
      if (octets[0] === 0x88 && !isClient && octets.length > 3) octets.writeUInt16BE(1000, 2);
      return octets;
    },
    play: ["7.4"],
    names: [1001, 1011, 3000, 4999].map((code) => `7.4/passes-close-code-${code}-of-the-server`),
    note: /Close \d+ "the reason" came as Close 1000 "the reason"/,
  },
  "collects 100 octets": {
    collects: 100,
    play: ["6.1"],
    names: [
      "6.1/passes-small-messages-of-the-client-at-once",
      "6.1/passes-small-messages-of-the-server-at-once",
    ],
    verdict: "warn",
    note: /nothing in 300 ms/,
  },
  "takes 40 ms for each message": {
    delay: 40,
    play: ["6.1"],
    names: [
      "6.1/passes-small-messages-of-the-client-at-once",
      "6.1/passes-small-messages-of-the-server-at-once",
    ],
    verdict: "warn",
    note: /Expected at most 30 ms, got \d\d ms/,
  },
  "reads what nobody takes": {
    isGreedy: true,
    play: ["10.4"],
    names: ["10.4/stops-reading-the-client", "10.4/stops-reading-the-server"],
    verdict: "warn",
  },
  "keeps the end of one side to itself": {
    keepsEnds: true,
    play: ["7.1.1/passes"],
    names: [
      "7.1.1/passes-the-end-of-the-client",
      "7.1.1/passes-the-reset-of-the-client",
      "7.1.1/passes-the-end-of-the-server",
      "7.1.1/passes-the-reset-of-the-server",
    ],
    verdict: "warn",
  },
  "ends a connection after 100 ms": {
    idle: 100,
    play: ["7.1.1/keeps", "5.5.2/keeps"],
    names: ["7.1.1/keeps-an-idle-connection"],
    verdict: "warn",
    note: /Expected an open connection, got its end after 1\d\d ms/,
  },
};

for (const [name, { play, names, verdict = "fail", note, ...fault }] of Object.entries(planted)) {
  test(`a proxy that ${name}`, async () => {
    const run = await judged(fault, play);
    assert.equal(run.stopped, null);
    const wrong = run.results.filter((one) => one.verdict !== "pass");
    assert.deepEqual(wrong.map(({ id }) => id), names);
    assert.deepEqual([...new Set(wrong.map((one) => one.verdict))], [verdict]);
    for (const { notes } of wrong) if (note !== undefined) assert.match(notes.join("; "), note);
    assert.equal(exitCode(run), verdict === "warn" ? 0 : 1);
  });
}

test("a proxy that changes nothing passes; reports tell what was measured", async () => {
  const run = await judged({}, []);
  assert.deepEqual(run.results.filter((one) => one.verdict !== "pass").map(({ id }) => id), []);
  assert.deepEqual(fromJson(toJson([run])), [run]);
  const text = toTerminal(run, { colour: false, width: 100 });
  assert.match(text, /\(proxy, ws:/);
  assert.match(text, /A small message of the client takes \d+\.\d\d ms/);
  assert.match(toHtml([run]), /A small message of the client takes/);
});

test("a proxy that is not there, or before another server, cannot be judged", async () => {
  const gone = await judgeProxy("ws://127.0.0.1:9", { port: 0, timeout: 300 });
  assert.match(
    gone.stopped!,
    /^Cannot connect to 127.0.0.1:9: nobody listens there \(ECONNREFUSED\)$/,
  );
  const proxy = await startPlantedProxy(9, {});
  try {
    const run = await judgeProxy(proxy.url, { port: 0, timeout: 300 });
    assert.match(
      run.stopped!,
      /^Cannot judge 127.*: expected the request behind the proxy, got nothing/,
    );
    assert.equal(exitCode(run), 2);
  } finally {
    await proxy.stop();
  }
  await assert.rejects(
    judgeProxy("ws://127.0.0.1:9", { port: 0, patterns: ["8.1"] }),
    /^RangeError: Cannot select "8.1": it means no check of a proxy$/,
  );
});
