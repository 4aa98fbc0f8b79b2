// What the Bun door takes for Bun's own is Bun's own.

import { upgrade, websocket, wrap } from "@isosocket/isosocket/bun";

const server = Bun.serve({
  port: 0,
  fetch: wrap((request) => upgrade(request).response),
  websocket,
});
server.stop() satisfies Promise<void>;
