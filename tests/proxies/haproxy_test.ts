// Our servers behind HAProxy.

import { serve } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { ask } from "../server/raw_client.ts";
import { tryDocumented } from "./documented.ts";
import { tryEnds } from "./ends.ts";
import { tryFilters } from "./filters.ts";
import { haproxy, haproxyProgram, startHaproxy } from "./kinds.ts";
import { tryOverHttp2 } from "./over_http2.ts";
import { trySockets } from "./sockets.ts";
import { tryThrough } from "./through.ts";

tryFilters(haproxy);
trySockets(haproxy);
tryEnds(haproxy);
tryDocumented(haproxy);
tryThrough("HAProxy", haproxyProgram, "haproxy.cfg");

const KEY = "warn: It passes the key on, beside one of its own";
const PADDING = "fail: It resets a stream whose DATA has padding";

tryOverHttp2({
  name: "HAProxy",
  start: (backend) =>
    startHaproxy((address) => `
listen app
  bind ${address} proto h2
  server app 127.0.0.1:${backend}
`),
  known: {
    "8441:5/passes-over-a-key-that-is-none": KEY,
    "8441:5/passes-over-two-keys": KEY,
    "9113:6.1/reads-frames-in-data-with-padding": PADDING,
    "9113:6.1/reads-frames-in-data-with-the-most-padding": PADDING,
    "9113:6.1/reads-frames-in-data-of-one-octet-with-padding": PADDING,
  },
});

test("HAProxy refuses a request that names two hosts", async () => {
  const hosts: string[] = [];
  await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    hosts.push(new URL(request.url).host);
    return new Response();
  });
  await using proxy = await haproxy.start({ backend: server.port });
  for (const [host, status] of [["app.example", 200], ["admin.example", 400]] as const) {
    const headers = { Host: host, Upgrade: null, Connection: "close" };
    const answer = await ask(proxy.port, request("", headers, "GET http://app.example/ HTTP/1.1"));
    assert.equal(answer.status, status);
    await answer.peer.wire.end();
  }
  assert.deepEqual(hosts, ["app.example"]);
});
