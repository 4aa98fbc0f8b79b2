// Servers that abuse HTTP/2: frames, fields and messages without end fail at once, in bounded memory.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import type { Run } from "../../src/conformance/result.ts";
import type { RunOptions } from "../../src/conformance/run_options.ts";
import {
  FLAG,
  FRAME_SIZE,
  type Http2Frame,
  TYPE,
  words,
} from "../../src/conformance/wire/http2/frames.ts";
import { encodeFields } from "../../src/conformance/wire/http2/hpack.ts";
import { join } from "../../src/conformance/wire/octets.ts";
import { type Session, withHttp2 } from "./http2_planted.ts";

const judged = (url: string, options: RunOptions): Promise<Run> =>
  judgeServer(url, { http2: true, timeout: 250, ...options });

const abuses: Readonly<Record<string, [frames: (stream: number) => Http2Frame[], says: RegExp]>> = {
  "SETTINGS without end": [
    () => [{ type: TYPE.settings, stream: 0, payload: words() }],
    /^The server floods: it sends frames without end \(9113:10\.5\)$/,
  ],
  "PING without end": [
    () => [{ type: TYPE.ping, stream: 0, payload: words(0, 0) }],
    /^The server floods: it sends frames without end \(9113:10\.5\)$/,
  ],
  "empty DATA without end": [
    (stream) => [{ type: TYPE.data, stream, payload: words() }],
    /^The server floods: it sends frames without end \(9113:10\.5\)$/,
  ],
  "interim responses without end": [
    (stream) => [{
      type: TYPE.headers,
      flags: FLAG.endHeaders,
      stream,
      payload: encodeFields([[":status", "103"]]),
    }],
    /^The server floods: it sends frames without end \(9113:10\.5\)$/,
  ],
  "CONTINUATION without end": [
    (stream) => [{ type: TYPE.continuation, stream, payload: new Uint8Array(16_000) }],
    /^The server floods: its header fields have no end \(9113:10\.5\.1\)$/,
  ],
  "empty CONTINUATION without end": [
    (stream) => [{ type: TYPE.continuation, stream, payload: words() }],
    /^The server floods: its header fields have no end \(9113:10\.5\.1\)$/,
  ],
  "a block of fields that grows when it is read": [
    (stream) => [{
      type: TYPE.headers,
      flags: FLAG.endHeaders,
      stream,
      payload: join([
        Uint8Array.of(0x40),
        encodeFields([["a".repeat(3000), "b"]]).subarray(1),
        new Uint8Array(1000).fill(0xbe),
      ]),
    }],
    /^The server sends fields that cannot be read: They are larger than 65536 octets \(9113:4\.3\)$/,
  ],
  "a frame that is too large": [
    (stream) => [{ type: TYPE.data, stream, payload: new Uint8Array(FRAME_SIZE + 1) }],
    /^The server sends a frame of 16385 octets: too large \(9113:4\.2\)$/,
  ],
};

for (const [name, [frames, says]] of Object.entries(abuses)) {
  test(`over HTTP/2, ${name} fails at once`, { timeout: 20_000 }, async () => {
    let connections = 0;
    const received = (frame: Http2Frame, session: Session): Http2Frame | undefined => {
      if (frame.type === TYPE.settings && frame.flags !== FLAG.ack) connections++;
      // The first connections are those of the judge that looks at the server.
      if (frame.type !== TYPE.headers || connections <= 2) return frame;
      const isCut = name.includes("CONTINUATION");
      const status = encodeFields([[":status", "200"]]);
      if (isCut) session.send({ type: TYPE.headers, stream: frame.stream, payload: status });
      session.pour(frames(frame.stream));
      return undefined;
    };
    await withHttp2({ received }, async (url) => {
      const before = process.memoryUsage().rss;
      const run = await judged(url, { patterns: ["9113:6.7", "8441:5/takes-a"], timeout: 3000 });
      assert.equal(run.stopped, null);
      assert.ok(run.results.length > 2);
      for (const { verdict, notes } of run.results) {
        assert.match(notes.join("; "), says);
        assert.equal(verdict, "fail");
      }
      const megabytes = (process.memoryUsage().rss - before) / 2 ** 20;
      assert.ok(megabytes < 500, `${megabytes} MB`);
    });
  });
}

test("over HTTP/2, messages without end behind our end fail", { timeout: 20_000 }, async () => {
  const messages = new Uint8Array(16_000).fill(0x68).map((octet, at) =>
    [0x82, 0x02, octet, octet][at % 4]!
  );
  const received = (frame: Http2Frame, session: Session): Http2Frame => {
    const { type, flags = 0, stream, payload } = frame;
    const isEnd = type === TYPE.data && (flags & FLAG.endStream) !== 0;
    if (isEnd) session.pour([{ type: TYPE.data, stream, payload: messages }]);
    return isEnd ? { type, stream, payload } : frame;
  };
  await withHttp2({ received }, async (url) => {
    const run = await judged(url, { patterns: ["8441:5/takes-the-end"], budget: 5000 });
    assert.ok(run.results.length > 0);
    for (const { notes } of run.results) assert.match(notes.join("; "), /The peer floods/);
  });
});
