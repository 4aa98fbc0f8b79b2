// A server behind proxies: the client's address, scheme and host, and what forged headers change.

import {
  type RequestInfo,
  serve,
  type Server,
  type ServerSocket,
  type SocketOptions,
  upgrade,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { type Answer, askUpgrade } from "./raw_client.ts";

const servers: Server[] = [];

after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

/** A server, and the arguments of its handler. */
async function start(
  options: SocketOptions,
): Promise<{ server: Server; infos: RequestInfo[]; sockets: ServerSocket[] }> {
  const infos: RequestInfo[] = [];
  const sockets: ServerSocket[] = [];
  const server = await serve(
    { port: 0, hostname: "127.0.0.1", onRefuse: false, ...options },
    (request, info) => {
      infos.push(info);
      const { socket, response } = upgrade(request);
      sockets.push(socket);
      return response;
    },
  );
  servers.push(server);
  return { server, infos, sockets };
}

const FORGED = {
  "X-Forwarded-For": "192.0.2.9",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "app.example",
  "Forwarded": 'for=192.0.2.8;host="other.example";proto=https',
  "X-Real-IP": "192.0.2.7",
};

function ask(server: Server, headers: Record<string, string>, path = "/a?b=c"): Promise<Answer> {
  return askUpgrade(server.port, path, headers);
}

async function status(asked: Promise<Answer>): Promise<number> {
  const answer = await asked;
  await answer.peer.wire.end();
  return answer.status;
}

test("without trustProxy, a client's headers change nothing", async () => {
  for (const trustProxy of [undefined, false, 0]) {
    const options = trustProxy === undefined ? {} : { trustProxy };
    const { server, infos, sockets } = await start({ ...options, maxConnectionsPerAddress: 2 });
    const first = await ask(server, FORGED);
    const second = await ask(server, { ...FORGED, "X-Forwarded-For": "192.0.2.10" });
    assert.deepEqual([first.status, second.status], [101, 101]);
    assert.deepEqual(infos.map((info) => info.remoteAddress), ["127.0.0.1", "127.0.0.1"]);
    assert.equal(sockets[0]!.url, "ws://127.0.0.1/a?b=c");
    assert.equal(await status(ask(server, { ...FORGED, "X-Forwarded-For": "192.0.2.11" })), 503);
    await first.peer.wire.end();
    await second.peer.wire.end();
  }
  const { server } = await start({});
  assert.equal(await status(ask(server, { ...FORGED, Origin: "https://app.example" })), 403);
  assert.equal(await status(ask(server, { ...FORGED, Origin: "http://127.0.0.1" })), 101);
});

test("with trustProxy, handlers and sockets get what the proxy says", async () => {
  for (const trustProxy of [true, 1]) {
    const { server, infos, sockets } = await start({ trustProxy });
    const headers = { ...FORGED, "X-Forwarded-For": "198.51.100.1, 192.0.2.9:4711" };
    assert.equal(await status(ask(server, headers)), 101);
    assert.equal(infos[0]!.remoteAddress, "192.0.2.9");
    assert.equal(sockets[0]!.url, "wss://app.example/a?b=c");
  }
});

test("with trustProxy 2, the outer proxy's word counts", async () => {
  const { server, infos } = await start({ trustProxy: 2 });
  const headers = { "X-Forwarded-For": "forged, 2001:DB8::1\r\nX-Forwarded-For: 10.0.0.2" };
  assert.equal(await status(ask(server, headers)), 101);
  assert.equal(infos[0]!.remoteAddress, "2001:db8::1");
});

test("with trustProxy, headers that make no sense, or none, leave what is known", async () => {
  const { server, infos, sockets } = await start({ trustProxy: true });
  const wrong = {
    "X-Forwarded-For": "192.0.2.9, unknown",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Host": "a b",
  };
  for (const headers of [wrong, {}, { Forwarded: FORGED.Forwarded, "X-Real-IP": "192.0.2.7" }]) {
    assert.equal(await status(ask(server, headers)), 101);
    assert.equal(infos.at(-1)!.remoteAddress, "127.0.0.1");
    assert.equal(sockets.at(-1)!.url, "ws://127.0.0.1/a?b=c");
  }
});

test("with trustProxy, the server's own pages are those of the host and scheme outside", async () => {
  const { server } = await start({ trustProxy: true });
  const outside = { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example" };
  const cases: [Record<string, string>, string, number][] = [
    [outside, "https://app.example", 101],
    [outside, "http://app.example", 403],
    [outside, "https://127.0.0.1", 403],
    [{ "X-Forwarded-Host": "app.example" }, "http://app.example", 101],
    [{ "X-Forwarded-Proto": "https" }, "https://127.0.0.1", 101],
    [{ "X-Forwarded-Proto": "https" }, "http://127.0.0.1", 403],
    [{}, "http://127.0.0.1", 101],
  ];
  for (const [headers, origin, expected] of cases) {
    const asked = ask(server, { ...headers, Origin: origin });
    assert.equal(await status(asked), expected, `${origin} at ${JSON.stringify(headers)}`);
  }
  const refused = await ask(server, { ...outside, Origin: "http://app.example" });
  assert.match(await refused.body(), /this server, "https:\/\/app\.example"/);
});

test("serve() refuses a trustProxy that makes no sense", async () => {
  await assert.rejects(start({ trustProxy: -1 }), { name: "RangeError" });
  await assert.rejects(start({ trustProxy: "yes" as unknown as boolean }), { name: "TypeError" });
});
