// The contract, on every ground that this runtime has: memory, its servers, its clients.

import { connect, type ConnectOptions, type Socket } from "@isosocket/isosocket";
import { after, test } from "node:test";
import { applies, hold, rules } from "../../src/testing/contract.ts";
import { listen, TcpWire } from "../far/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { clientGround } from "./client_ground.ts";
import { deviations } from "./deviations.ts";
import { memoryGround } from "./memory_ground.ts";
import { serverGround } from "./server_ground.ts";

const servers = [serverGround(runtime)];
if (!runtime.startsWith("node")) servers.push(serverGround(runtime, "ws")); // Node has no other
after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server[Symbol.asyncDispose]();
});

function connectByWs(url: string, options: ConnectOptions = {}): Socket {
  return connect(url, { ...options, engine: "ws" });
}

const grounds = [
  memoryGround("client"),
  memoryGround("server"),
  ...servers,
  clientGround(`${runtime} client`, connect, listen),
  clientGround(`${runtime} ws client`, connectByWs, listen),
];

for (const ground of grounds) {
  for (const [title, rule] of Object.entries(rules)) {
    if (!applies(rule, ground)) continue;
    const reason = deviations[ground.name]?.[title];
    const suffix = reason === undefined ? "" : " (deviates)";
    test(`${ground.name}: ${title}${suffix}`, async () => {
      await hold(rule, ground, reason, reason === undefined ? 20_000 : 2_000);
    });
  }
}
