// The contract, on every harness of this runtime: in memory, its servers, its clients.

import { connect, type ConnectOptions, type Engine, type Socket } from "@isosocket/isosocket";
import { after, test } from "node:test";
import { applies, hold, rules } from "../../src/testing/contract/mod.ts";
import { listen, TcpWire } from "../raw_peer/tcp_wire.ts";
import { localhost } from "../client/certificates.ts";
import { connectTo, ENGINES } from "../client/trust.ts";
import { listenTls } from "../raw_peer/tls_wire.ts";
import { runtime } from "../runtime.ts";
import { clientHarness } from "./client_harness.ts";
import { deviations } from "./deviations.ts";
import { memoryHarness } from "./memory_harness.ts";
import { serverHarness } from "./server_harness.ts";

const servers = [serverHarness(runtime)];
if (!runtime.startsWith("node")) servers.push(serverHarness(runtime, "tcp")); // Node has no other
after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server[Symbol.asyncDispose]();
});

const CLIENT = /^client/;

/** Connects with one engine. */
function connectBy(engine: Engine): (url: string | URL, options?: ConnectOptions) => Socket {
  return (url, options) => connect(url, { ...options, engine });
}

/** Returns the name of a harness of clients: the runtime's own engine has none. */
function nameOf(engine: Engine): string {
  return engine === "native" ? `${runtime} client` : `${runtime} ${engine} client`;
}

/** Clients over TLS, with each engine of this runtime. */
const secure = ENGINES.map((engine) => {
  const dial = (url: string, options: ConnectOptions = {}): Socket =>
    connectTo(url, { ...options, engine });
  return clientHarness(`${nameOf(engine)} over TLS`, dial, () => listenTls(localhost), "wss");
});

const harnesses = [
  memoryHarness("client"),
  memoryHarness("server"),
  ...servers,
  ...ENGINES.map((engine) => clientHarness(nameOf(engine), connectBy(engine), listen)),
  ...secure,
];

for (const harness of harnesses) {
  for (const [title, rule] of Object.entries(rules)) {
    if (!applies(rule, harness)) continue;
    // Sockets do not see TLS: only failures may be reported in another way, and those are clients'.
    if (secure.includes(harness) && ![rule.only].flat().some((need) => CLIENT.test(need ?? ""))) {
      continue;
    }
    const reason = deviations[harness.name]?.[title];
    const suffix = reason === undefined ? "" : " (deviates)";
    test(`${harness.name}: ${title}${suffix}`, async () => {
      await hold(rule, harness, reason, reason === undefined ? 20_000 : 2_000);
    });
  }
}
