// The rules of brokers, on nats-server: by a function that connects, a connection and a URL.

import { connect } from "@nats-io/transport-node";
import { runtime } from "../runtime.ts";
import { skipWithout } from "./engine_process.ts";
import { type GivenSource, MAX_MESSAGE, NATS_SERVER, startNats } from "./nats_server.ts";
import { tryRules } from "./try_rules.ts";

/** Returns options of the client. */
function optionsOf({ host, username, password }: URL): object {
  return { servers: host, user: username, pass: password };
}

/** Connection that is given: once it has been refused twice, its client closes it for good. */
const GIVEN = "nats, a connection";

/** What is given to `nats()`, by name. */
const sources: Record<string, (url: URL) => GivenSource | Promise<GivenSource>> = {
  "nats": (url) => ({ source: () => connect(optionsOf(url)) }),
  [GIVEN]: async (url) => {
    const given = { maxReconnectAttempts: -1, reconnectTimeWait: 100 };
    const source = await connect({ ...optionsOf(url), ...given });
    return { source, end: () => source.close() };
  },
  "nats, a URL": (url) => ({ source: url }),
};

for (const [name, sourceOf] of Object.entries(sources)) {
  tryRules(
    {
      name: `${runtime} ${name}`,
      faults: ["restart", "stall", "cut", ...(name === GIVEN ? [] : ["password"] as const)],
      maxMessage: MAX_MESSAGE,
      start: () => startNats(sourceOf),
    },
    name === "nats" && ["node 24", "deno", "bun"].includes(runtime),
    skipWithout(NATS_SERVER),
  );
}
