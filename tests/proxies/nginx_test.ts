// Our servers behind nginx.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { by, engines, newPath, removePaths } from "../server/places.ts";
import { ask } from "../server/raw_client.ts";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { askSecurely, tryDocumented } from "./documented.ts";
import { tryEnds } from "./ends.ts";
import { tryFilters } from "./filters.ts";
import { nginx, nginxProgram, startNginxForHost } from "./kinds.ts";
import { trySockets } from "./sockets.ts";
import { tryThrough } from "./through.ts";

after(removePaths);

/** Without workers it can be killed, and all that it writes is in its folder. */
const asOneProcess = (configuration: string, folder: string): string[] => [
  ...nginxProgram.args(configuration, folder),
  "-g",
  "master_process off;",
];

tryFilters(nginx);
trySockets(nginx);
tryEnds(nginx);
tryDocumented(nginx);
tryThrough("nginx", { ...nginxProgram, args: asOneProcess }, "nginx.conf");

for (const engine of engines) {
  test(`nginx finds a server at a unix socket${by(engine)}`, async () => {
    const unix = newPath();
    await using server = await serve({ unix, engine, trustProxy: true }, (request, info) => {
      const { socket, response } = upgrade(request);
      socket.onopen = () => socket.send(`${info.remoteAddress} ${socket.url}`);
      return response;
    });
    await using proxy = await nginx.startDocumented(`unix:${server.unix}`);
    const { status, peer } = await askSecurely(proxy.port);
    assert.equal(status, 101);
    const data = `127.0.0.1 wss://app.example:${proxy.port}/a?b=c`;
    assert.deepEqual(await peer.next(), { kind: "text", data });
    await peer.wire.end();
  });
}

/** Returns the host that a server sees behind nginx; the status if it sees none. */
async function hostBehind(target: string, host: string, filters: boolean): Promise<string> {
  await using server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    return new Response(new URL(request.url).host);
  });
  await using proxy = await startNginxForHost(`127.0.0.1:${server.port}`, filters);
  const headers = { Host: host, Upgrade: null, Connection: "close" };
  const answer = await ask(proxy.port, request("", headers, `GET ${target} HTTP/1.1`));
  const body = await answer.body();
  return answer.status === 200 ? body : `${answer.status}`;
}

test("a host that nginx has not gone by is seen, unless it filters as the page says", async () => {
  const absolute = "http://app.example/";
  assert.equal(await hostBehind(absolute, "admin.example", false), "admin.example");
  assert.equal(await hostBehind(absolute, "admin.example", true), "421");
  assert.equal(await hostBehind("http://admin.example/", "app.example", true), "app.example");
  assert.equal(await hostBehind("/", "app.example:8080", true), "app.example:8080");
});
