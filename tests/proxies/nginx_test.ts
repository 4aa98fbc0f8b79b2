// Our servers behind nginx.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { by, engines, newPath, removePaths } from "../server/places.ts";
import { askSecurely, tryDocumented } from "./documented.ts";
import { tryEnds } from "./ends.ts";
import { tryFilters } from "./filters.ts";
import { nginx } from "./kinds.ts";
import { trySockets } from "./sockets.ts";

after(removePaths);

tryFilters(nginx);
trySockets(nginx);
tryEnds(nginx);
tryDocumented(nginx);

for (const engine of engines) {
  test(`nginx finds a server at a unix socket${by(engine)}`, async () => {
    const unix = newPath();
    await using server = await serve({ unix, engine, trustProxy: true }, (request, info) => {
      const { socket, response } = upgrade(request);
      socket.onopen = () => socket.send(`${info.remoteAddress} ${socket.url}`);
      return response;
    });
    await using proxy = await nginx.startDocumented(`unix:${server.unix}`);
    const { status, far } = await askSecurely(proxy.port);
    assert.equal(status, 101);
    const data = `127.0.0.1 wss://app.example:${proxy.port}/a?b=c`;
    assert.deepEqual(await far.next(), { kind: "text", data });
    await far.wire.end();
  });
}
