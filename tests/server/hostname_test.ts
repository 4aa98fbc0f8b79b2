// serve() on addresses and names: what it says of them, and that clients get there.

import { connect, type ListenOptions, serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";

function echo(request: Request): Response {
  if (!request.headers.has("upgrade")) return new Response("a page");
  const { socket, response } = upgrade(request);
  socket.onmessage = (event) => socket.send(event.data);
  return response;
}

const PLACES: [hostname: string | undefined, called: string, host: string, version: 4 | 6][] = [
  ["127.0.0.1", "127.0.0.1", "127.0.0.1", 4],
  ["localhost", "localhost", "localhost", 4],
  ["0.0.0.0", "0.0.0.0", "127.0.0.1", 4],
  [undefined, "0.0.0.0", "127.0.0.1", 4],
  ["::1", "::1", "[::1]", 6],
  ["[::1]", "::1", "[::1]", 6],
  ["::", "::", "[::1]", 6],
];

const addresses = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
const noIPv6 = !addresses.some(({ address }) => address === "::1") && "this machine has no IPv6";

for (const [hostname, called, host, version] of PLACES) {
  const skip = version === 6 && noIPv6;
  test(`a server on hostname ${hostname} is reached at its url, ${host}`, { skip }, async () => {
    const server = await serve({ port: 0, ...(hostname !== undefined && { hostname }) }, echo);
    assert.equal(server.hostname, called);
    assert.equal(server.unix, undefined);
    assert.equal(server.url, `http://${host}:${server.port}/`);
    assert.ok(server.port > 0);
    assert.equal(await (await fetch(server.url)).text(), "a page");
    const socket = connect(server.url);
    assert.equal(socket.url, `ws://${host}:${server.port}/`);
    socket.onopen = () => socket.send("hello");
    const { data } = await new Promise<MessageEvent>((resolve, reject) => {
      socket.onmessage = resolve;
      socket.onerror = reject;
    });
    assert.equal(data, "hello");
    await server.close();
  });
}

const WRONG: [ListenOptions, string, string][] = [
  [
    { hostname: "" },
    "TypeError",
    "Cannot listen on hostname: it must be an address or a name, and is empty",
  ],
  [
    { hostname: 7 as unknown as string },
    "TypeError",
    "Cannot listen on hostname: it must be an address or a name, and is a number",
  ],
  [
    { reusePort: "yes" as unknown as boolean },
    "TypeError",
    "Cannot listen with reusePort yes: it must be true or false",
  ],
  // Of a network that is for examples only (RFC 5737).
  [
    { hostname: "192.0.2.1" },
    "Error",
    "Cannot listen on 192.0.2.1:0: this machine has no such address",
  ],
  [
    { hostname: "2001:db8::1" },
    "Error",
    "Cannot listen on [2001:db8::1]:0: this machine has no such address",
  ],
  // A name that nobody will ever have (RFC 6761).
  [
    { hostname: "nobody.invalid" },
    "Error",
    "Cannot listen on nobody.invalid:0: there is no such name",
  ],
];

for (const [options, name, message] of WRONG) {
  const skip = options.hostname === "2001:db8::1" && noIPv6;
  test(`serve() refuses ${JSON.stringify(options)}`, { skip }, async () => {
    await assert.rejects(serve({ port: 0, ...options }, echo), { name, message });
  });
}
