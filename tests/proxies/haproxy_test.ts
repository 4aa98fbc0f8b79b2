// Our servers behind HAProxy.

import { serve } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { ask } from "../server/raw_client.ts";
import { tryDocumented } from "./documented.ts";
import { tryEnds } from "./ends.ts";
import { tryFilters } from "./filters.ts";
import { haproxy } from "./kinds.ts";
import { trySockets } from "./sockets.ts";

tryFilters(haproxy);
trySockets(haproxy);
tryEnds(haproxy);
tryDocumented(haproxy);

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
