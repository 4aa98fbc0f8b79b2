// Data that a client sends while the handler of its handshake waits is kept, up to a bound.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type EntryPoint, entryPointsAndApps, type Open } from "./entry_points.ts";

const servers: Open[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close();
});

/**
 * Number of bytes that no server and no system in front of it keeps. A system may let its buffers of
 * one connection grow to tens of MiB: net.ipv4.tcp_rmem and tcp_wmem of Linux, at both ends.
 */
const MOST = 64 * 1024 * 1024;

/** Bytes that are sent at once. */
const PIECE = new Uint8Array(1024 * 1024);

/** Time in ms without progress after which a server has stopped to read: less than upgradeTimeout. */
const STALLED = 2_000;

/** Reaction to such clients: the server stops reading, reads on, or refuses. */
type Outcome = "stops" | "reads on" | 400;

/** Servers that do not stop, by reader and scheme. Each must do as it stands here. */
const DEVIATIONS: Readonly<Record<string, readonly [outcome: Outcome, reason: string]>> = {
  "deno http": [
    "reads on",
    "Deno reads on till the handler has answered: upgradeTimeout bounds it",
  ],
  "deno https": [
    "reads on",
    "Deno reads on till the handler has answered: upgradeTimeout bounds it",
  ],
  "node:http of deno https": ["reads on", "Deno's node:tls reads on while its stream is paused"],
  "bun http": [400, "Bun takes it for another request"],
  "bun https": [400, "Bun takes it for another request"],
};

/** Sends until nothing more is taken, or too much is. */
async function flood(wire: TcpWire): Promise<Outcome> {
  for (let sent = 0; sent < MOST; sent += PIECE.length) {
    const written = wire.write(PIECE).then(() => true, () => false);
    const stalled = new Promise<undefined>((resolve) => setTimeout(resolve, STALLED, undefined));
    const isTaken = await Promise.race([written, stalled]);
    if (isTaken === undefined) return "stops";
    if (!isTaken) break; // it has hung up
  }
  return "reads on";
}

function outcomeOf({ reader, isSecure }: EntryPoint): readonly [outcome: Outcome, reason?: string] {
  return DEVIATIONS[`${reader} ${isSecure ? "https" : "http"}`] ?? ["stops"];
}

for (const entryPoint of entryPointsAndApps) {
  const [outcome, reason] = outcomeOf(entryPoint);
  const suffix = reason === undefined ? "" : " (deviates)";
  test(`${entryPoint.name}: what comes while a handler waits is bounded${suffix}`, async () => {
    const server = await entryPoint.open(() => new Promise(() => {}), { upgradeTimeout: 3_000 });
    servers.push(server);
    const wire = await server.connect();
    await wire.write(request("/"));
    const head = readHead(wire).then((it) => it?.head, () => undefined);
    if (outcome !== 400) assert.equal(await flood(wire), outcome, reason);
    else await flood(wire);
    assert.match(await head ?? "", outcome === 400 ? / 400 / : / 503 /, reason);
    await wire.drop();
  });
}
