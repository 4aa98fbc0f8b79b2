/** Our server behind a proxy that takes WebSockets over HTTP/2 (RFC 8441), under the judge. @module */

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeServer } from "../../src/conformance/judge_server.ts";
import { runtime } from "../runtime.ts";
import type { Proxy } from "./proxy.ts";

/** A proxy that takes HTTP/2 without TLS. */
export interface Http2Kind {
  readonly name: string;
  start(backend: number): Promise<Proxy>;
  /** The cases that do not pass, and why: the server behind it passes all of them. */
  readonly known: Readonly<Record<string, string>>;
}

/** Judges what is behind a proxy by the cases of HTTP/2, on one runtime: it is the proxy that is tried. */
export function tryOverHttp2({ name, start, known }: Http2Kind): void {
  const skip = !runtime.startsWith("node");
  test(`${name} is judged over HTTP/2`, { skip }, async () => {
    await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
      const { socket, response } = upgrade(request);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    });
    await using proxy = await start(server.port);
    const run = await judgeServer(`ws://127.0.0.1:${proxy.port}/`, {
      http2: true,
      patterns: ["8441", "9113"],
      timeout: 1000,
    });
    assert.equal(run.stopped, null);
    const wrong = run.results.filter(({ verdict }) => verdict !== "pass");
    const found = Object.fromEntries(wrong.map(({ id, verdict }) => [id, verdict]));
    const expected = Object.entries(known).map(([id, why]) => [id, why.split(":")[0]]);
    assert.deepEqual(found, Object.fromEntries(expected));
  });
}
