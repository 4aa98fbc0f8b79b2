// The configuration that docs/deploying.md shows, run as it stands there, and what a server gets then.

import { type RequestInfo, type ServerSocket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { connectTls } from "../server/places.ts";
import { type Answer, askUpgrade } from "../server/raw_client.ts";
import { plainEntryPoints } from "../server/entry_points.ts";
import type { Kind } from "./kinds.ts";

/** Headers that a client may make up. */
const FORGED = {
  "X-Forwarded-For": "192.0.2.9",
  "X-Forwarded-Host": "evil.example",
  "X-Forwarded-Proto": "gopher",
};

/** Asks for an upgrade over TLS, as the host that the certificate does not have to name. */
export function askSecurely(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return askUpgrade(
    () => TcpWire.through(connectTls({ port }, ["http/1.1"]), "secureConnect"),
    "/a?b=c",
    { Host: `app.example:${port}`, ...headers },
  );
}

/** Tries the configuration that the page has for a proxy, with each entry point. */
export function tryDocumented(kind: Kind): void {
  for (const entry of plainEntryPoints) {
    test(`the configuration of ${kind.name} in docs/deploying.md is enough for ${entry.name}`, async () => {
      const infos: RequestInfo[] = [];
      const sockets: ServerSocket[] = [];
      for (const trustProxy of [0, 1, 2]) {
        await using backend = await entry.open((request, info) => {
          const { socket, response } = upgrade(request);
          infos.push(info);
          sockets.push(socket);
          socket.onmessage = ({ data }) => socket.send(data);
          return response;
        }, { trustProxy });
        await using proxy = await kind.startDocumented(`127.0.0.1:${backend.port}`);
        const host = `app.example:${proxy.port}`;
        const { status, peer } = await askSecurely(proxy.port, {
          ...FORGED,
          Origin: `https://${host}`,
        });
        assert.equal(status, 101);
        await peer.send("hello");
        assert.deepEqual(await peer.next(), { kind: "text", data: "hello" });
        await peer.wire.end();
        const scheme = trustProxy === 0 ? "ws" : "wss";
        assert.equal(sockets.at(-1)!.url, `${scheme}://${host}/a?b=c`);
        // The proxy adds one entry. What stands before it is made up, or another proxy's.
        assert.equal(infos.at(-1)!.remoteAddress, trustProxy === 2 ? "192.0.2.9" : "127.0.0.1");
        const foreign = ["https://app.example", "https://evil.example"];
        if (trustProxy > 0) foreign.push(`http://${host}`); // else its scheme is not known
        for (const origin of foreign) {
          const refused = await askSecurely(proxy.port, { ...FORGED, Origin: origin });
          assert.equal(refused.status, 403, origin);
          await refused.body();
        }
      }
    });
  }
}
