// What is told of a connection that was not established. The contract tries statuses; here are the
// codes of the system, as far as runtimes tell them.

import { connect, type ConnectFailure, type ConnectOptions, reconnect } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Record as Log } from "../../src/testing/record.ts";
import { listen, TcpWire } from "../far/tcp_wire.ts";
import { runtime } from "../runtime.ts";

after(() => TcpWire.dropAll());

/** Whose own WebSocket keeps codes to itself. */
const SILENT = ["deno", "node 22", "node 24", "node 26"];

/** A port where nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `ws://127.0.0.1:${port}/`;
}

/** A server that resets the connection, or ends it, before it has answered. */
async function rude(how: "reset" | "end"): Promise<string> {
  const { port, accepted } = await listen();
  accepted.then(async (wire) => {
    await wire.read();
    await wire[how]();
  });
  return `ws://127.0.0.1:${port}/`;
}

const CODES: Readonly<Record<string, readonly [code: RegExp, where: () => Promise<string>]>> = {
  "nobody listens": [/^ECONNREFUSED$/, nowhere],
  "a name is not known": [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    () => Promise.resolve("ws://nowhere.invalid/"),
  ],
  "the server resets": [/^ECONNRESET$/, () => rude("reset")],
  "the server ends": [/^ECONNRESET$/, () => rude("end")],
};

async function failure(url: string, options?: ConnectOptions): Promise<ConnectFailure | undefined> {
  const log = new Log(connect(url, options));
  assert.equal((await log.next("close")).code, 1006);
  assert.deepEqual(log.types, ["error", "close"]);
  const [error] = log.errors as Error[];
  assert.match(error!.message, /^The connection was not established/);
  return error!.cause as ConnectFailure | undefined;
}

for (const [what, [code, where]] of Object.entries(CODES)) {
  test(`engine ws tells the code if ${what}`, async () => {
    assert.match((await failure(await where(), { engine: "ws" }))!.code!, code);
  });

  const isSilent = SILENT.includes(runtime);
  test(`the runtime's own tells ${isSilent ? "no" : "the"} code if ${what}`, async () => {
    const told = (await failure(await where()))?.code;
    if (isSilent) assert.equal(told, undefined);
    else assert.match(told!, code);
  });
}

test("engine ws says what is wrong with an answer", async () => {
  const answers = {
    "Sec-WebSocket-Accept": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Accept: nonsense\r\n\r\n",
    "Upgrade header": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n" +
      "Connection: Upgrade\r\n\r\n",
    "Parse Error": "SSH-2.0-OpenSSH_9.6\r\n\r\n",
  };
  for (const [what, answer] of Object.entries(answers)) {
    const { port, accepted } = await listen();
    accepted.then(async (wire) => {
      await wire.read();
      await wire.write(new TextEncoder().encode(answer));
      await wire.end();
    });
    const { message, status } = (await failure(`ws://127.0.0.1:${port}/`, { engine: "ws" }))!;
    assert.match(message, new RegExp(what));
    assert.equal(status, undefined);
  }
});

test("reconnect() tells the same, so that it can give up", async () => {
  const server = createServer((_, response) => response.writeHead(401).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const socket = reconnect(`ws://127.0.0.1:${port}/`, { engine: "ws" });
  const failures: unknown[] = [];
  socket.onerror = ({ error }) => {
    const { status } = (error as Error).cause as ConnectFailure;
    failures.push(status);
    if (status === 401) socket.close(4401);
  };
  await new Promise<void>((resolve) => {
    socket.onclose = () => {
      if (socket.readyState === socket.CLOSED) resolve();
    };
  });
  assert.deepEqual(failures, [401]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
