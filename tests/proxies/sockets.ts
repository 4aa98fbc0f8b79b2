// Sockets through a proxy: handshakes, messages and Close codes, refusals, and other upgrades.

import { connect, type ServerSocket, type Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, join, utf8 } from "../../src/testing/contract/frame.ts";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { ask, askUpgrade } from "../server/raw_client.ts";
import { plainEntryPoints } from "../server/entry_points.ts";
import type { Kind } from "./kinds.ts";

/** The end of a socket. */
interface End {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

function endOf(socket: Socket | ServerSocket): Promise<End> {
  return new Promise((resolve) => {
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      resolve({ code, reason, wasClean });
    });
  });
}

/** The next message of a socket. */
function messageOf(socket: Socket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => resolve(data), { once: true });
    socket.addEventListener("close", ({ code }) => reject(new Error(`It closed with ${code}`)));
  });
}

/** Readers that do not answer other upgrades as ordinary requests, and why. */
const deviations: Readonly<Record<string, string>> = {
  deno: "Deno answers 400 by itself to an Upgrade that it does not know",
};

/** Tries a proxy with each entry point. */
export function trySockets(kind: Kind): void {
  for (const entry of plainEntryPoints) {
    const place = `through ${kind.name} to ${entry.name}`;

    test(`messages go ${place} and back, up to maxPayload`, async () => {
      await using backend = await entry.open((request) => {
        const { socket, response } = upgrade(request, {
          protocols: ["chat"],
          binaryType: "arraybuffer",
        });
        socket.onmessage = ({ data }) => socket.send(data);
        return response;
      });
      await using proxy = await kind.start({ backend: backend.port });
      const socket = connect(`ws://127.0.0.1:${proxy.port}/a?b=c`, {
        protocols: ["chat"],
        binaryType: "arraybuffer",
      });
      await socket.opened;
      assert.equal(socket.protocol, "chat");
      const long = "x".repeat(1024 * 1024);
      for (const text of ["a", "\u{1f600}", "", long]) {
        socket.send(text);
        assert.equal(await messageOf(socket), text);
      }
      const bytes = Uint8Array.from({ length: 1024 * 1024 }, (_, i) => i % 251);
      socket.send(bytes);
      assert.deepEqual(new Uint8Array(await messageOf(socket) as ArrayBuffer), bytes);
      const ended = endOf(socket);
      socket.close();
      await ended;
    });

    test(`Close codes and reasons go ${place} and back`, async () => {
      const ends: Promise<End>[] = [];
      await using backend = await entry.open((request) => {
        const { socket, response } = upgrade(request);
        ends.push(endOf(socket));
        socket.onmessage = ({ data }) => socket.close(4002, `${data}`);
        return response;
      });
      await using proxy = await kind.start({ backend: backend.port });
      const first = connect(`ws://127.0.0.1:${proxy.port}/`);
      const firstEnd = endOf(first);
      await first.opened;
      first.close(4001, "of the client");
      const ofClient = { code: 4001, reason: "of the client", wasClean: true };
      assert.deepEqual([await firstEnd, await ends[0]], [ofClient, ofClient]);
      const second = connect(`ws://127.0.0.1:${proxy.port}/`);
      const secondEnd = endOf(second);
      await second.opened;
      second.send("of the server");
      assert.deepEqual(await secondEnd, { code: 4002, reason: "of the server", wasClean: true });
      const { code, wasClean } = (await ends[1])!; // the reason is the client's, who may give none
      assert.deepEqual({ code, wasClean }, { code: 4002, wasClean: true });
    });

    test(`refusals go ${place} and back as they are`, async () => {
      await using backend = await entry.open((request) => upgrade(request).response, {
        maxConnections: 1,
      });
      await using proxy = await kind.start({ backend: backend.port });
      const foreign = await askUpgrade(proxy.port, "/", { Origin: "https://evil.example" });
      assert.equal(foreign.status, 403);
      assert.match(await foreign.body(), /the origin "https:\/\/evil\.example" is not that of/);
      const old = await askUpgrade(proxy.port, "/", { "Sec-WebSocket-Version": "8" });
      assert.equal(old.status, 426);
      assert.equal(old.header("sec-websocket-version"), "13");
      assert.match(await old.body(), /version/i);
      // HAProxy looks at the key itself, but not at this.
      const malformed = await askUpgrade(proxy.port, "/", { "Sec-WebSocket-Protocol": "a b" });
      assert.equal(malformed.status, 400);
      assert.match(await malformed.body(), /Sec-WebSocket-Protocol/);
      const open = await askUpgrade(proxy.port);
      assert.equal(open.status, 101);
      const refused = await askUpgrade(proxy.port);
      assert.equal(refused.status, 503);
      assert.match(refused.header("retry-after") ?? "", /^\d+$/);
      await refused.body();
      await open.peer.send(close(1000, ""));
      await open.peer.next();
      await open.peer.wire.end();
    });

    test(`an upgrade to another protocol goes ${place} as an ordinary request`, async () => {
      await using backend = await entry.open(async (request) => {
        const { method } = request;
        return new Response(`a ${method} of ${(await request.text()).length} bytes`);
      });
      await using proxy = await kind.start({ backend: backend.port, idle: 10_000 });
      const body = "x".repeat(100_000);
      const head = request("/", {
        Upgrade: "h2c",
        Connection: "Upgrade, HTTP2-Settings",
        "HTTP2-Settings": "AAMAAABkAAQAAP__",
        "Sec-WebSocket-Key": null,
        "Sec-WebSocket-Version": null,
        "Content-Length": `${body.length}`,
      }, "POST / HTTP/1.1");
      const answer = await ask(proxy.port, join([head, utf8(body)]));
      const deviation = kind.passesOtherUpgrades ? deviations[entry.reader] : undefined;
      if (deviation === undefined) {
        assert.equal(answer.status, 200, answer.head);
        const said = entry.hasPages ? "a POST of 100000 bytes" : "a page of its own";
        assert.equal(await answer.body(), said);
      } else {
        // It ends the connection at once: to a proxy that still sends the body, that is a bad gateway.
        assert.ok([400, 502].includes(answer.status), `${answer.head}: ${deviation}`);
        await answer.peer.wire.end();
      }
    });

    test(`pages and then a handshake go ${place} on one connection`, async () => {
      await using backend = await entry.open((request) => {
        if (request.headers.get("upgrade") === null) return new Response("a page of its own");
        const { socket, response } = upgrade(request);
        socket.onmessage = ({ data }) => socket.send(data);
        return response;
      });
      await using proxy = await kind.start({ backend: backend.port });
      const wire = await TcpWire.connect(proxy.port);
      const page = { Upgrade: null, Connection: null, "Sec-WebSocket-Key": null };
      for (let i = 0; i < 3; i++) {
        const answer = await ask(wire, request(`/${i}`, page));
        assert.equal(answer.status, 200);
        assert.notEqual(answer.header("connection"), "close");
        assert.match(await answer.body(true), /a page of its own/);
      }
      const { status, peer } = await askUpgrade(wire, "/socket");
      assert.equal(status, 101);
      await peer.send("in step");
      assert.deepEqual(await peer.next(), { kind: "text", data: "in step" });
      await wire.end();
    });
  }
}
