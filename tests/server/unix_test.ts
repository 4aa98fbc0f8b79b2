// serve() on a unix socket: what it is called, its file, and what is in the way.

import {
  connect,
  type ListenOptions,
  type RequestInfo,
  serve,
  type Server,
  type ServerSocket,
  upgrade,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { platform } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { close, text, utf8 } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { by, engines, newPath, removePaths, SECURE, to } from "./places.ts";
import { ask, askUpgrade } from "./raw_client.ts";

after(() => {
  TcpWire.dropAll();
  removePaths();
});

function page(): Response {
  return new Response("a page");
}

/** Asks a server for its page. */
async function pageOf(server: Server): Promise<string> {
  return await (await ask(to(server), utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))).body();
}

/** Leaves a socket's file behind, as a process does that is killed. */
async function leave(path: string): Promise<void> {
  const listener = net.createServer();
  const elsewhere = `${path}.moved`;
  await new Promise<void>((resolve) => listener.listen(elsewhere, resolve));
  // What is renamed is not found, and so not removed, by the one who made it.
  renameSync(elsewhere, path);
  await new Promise((resolve) => listener.close(resolve));
  assert.ok(lstatSync(path).isSocket());
}

const elsewhere = platform() !== "linux" && "other systems have other limits";

for (const engine of engines) {
  test(`a server on a unix socket has a path, and neither hostname nor port${by(engine)}`, async () => {
    const unix = newPath();
    const server = await serve({ engine, unix }, page);
    assert.deepEqual([server.unix, server.hostname, server.port], [unix, "", 0]);
    assert.equal(server.url, `http+unix://${encodeURIComponent(unix)}/`);
    assert.equal(decodeURIComponent(new URL(server.url).hostname), unix);
    assert.throws(() => connect(server.url), { name: "SyntaxError" });
    assert.equal(await pageOf(server), "a page");
    await server.close();
  });

  test(`over a unix socket messages come back, and addresses are those of HTTP${by(engine)}`, async () => {
    let made!: { request: Request; info: RequestInfo; socket: ServerSocket; log: EventLog };
    const server = await serve({ engine, unix: newPath() }, (request, info) => {
      const { socket, response } = upgrade(request);
      made = { request, info, socket, log: new EventLog(socket) };
      socket.onmessage = (event) => socket.send(event.data);
      return response;
    });
    for (const byPeer of [true, false]) {
      const headers = { Host: "app.example:8080" };
      const { status, peer } = await askUpgrade(to(server), "/chat?a=1", headers);
      assert.equal(status, 101);
      const { request, info, socket, log } = made;
      assert.equal(request.url, "http://app.example:8080/chat?a=1");
      assert.equal(socket.url, "ws://app.example:8080/chat?a=1");
      assert.equal(info.remoteAddress, undefined);
      await peer.send(text("hello"));
      assert.deepEqual(await peer.next(), { kind: "text", data: "hello" });
      if (byPeer) await peer.send(close(4001, "bye"));
      else socket.close(4001, "bye");
      assert.deepEqual(await peer.part(), { kind: "close", code: 4001, reason: "bye" });
      assert.equal((await log.next("close")).code, 4001);
    }
    await server.close();
  });

  test(`a request without a Host is one to localhost${by(engine)}`, async () => {
    const server = await serve(
      { engine, unix: newPath() },
      ({ url }) => new Response(new URL(url).href),
    );
    for (const path of ["/", "/a/b?c=/d", "//e"]) {
      const answer = await ask(to(server), utf8(`GET ${path} HTTP/1.0\r\n\r\n`));
      assert.equal(await answer.body(), `http://localhost${path}`);
    }
    await server.close();
  });

  test(`close() removes the file, also if it has to drop somebody${by(engine)}`, async () => {
    for (const deadline of [10_000, 0]) {
      const unix = newPath();
      const server = await serve({ engine, unix }, () => new Promise(() => {})); // never answers
      assert.ok(lstatSync(unix).isSocket());
      if (deadline === 0) {
        await (await to(server)()).write(utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
      }
      await server.close({ deadline });
      assert.equal(existsSync(unix), false);
    }
  });

  test(`where somebody answers, serve() says that the path is in use, and disturbs nobody${by(engine)}`, async () => {
    const unix = newPath();
    const server = await serve({ engine, unix }, page);
    await assert.rejects(serve({ engine, unix }, page), {
      message: `Cannot listen on ${unix}: the path is in use`,
    });
    assert.equal(await pageOf(server), "a page");
    await server.close();
  });

  test(`a file that nobody listens on any more is replaced${by(engine)}`, async () => {
    const unix = newPath();
    await leave(unix);
    const server = await serve({ engine, unix }, page);
    assert.equal(await pageOf(server), "a page");
    await server.close();
    assert.equal(existsSync(unix), false);
  });

  test(`of two that replace it at once, one listens, and is not robbed of its file${by(engine)}`, async () => {
    const unix = newPath();
    await leave(unix);
    const both = await Promise.allSettled([
      serve({ engine, unix }, page),
      serve({ engine, unix }, page),
    ]);
    const servers = both.flatMap((it) => it.status === "fulfilled" ? [it.value] : []);
    assert.equal(servers.length, 1);
    const { reason } = both.find((it) => it.status === "rejected") as PromiseRejectedResult;
    assert.equal(reason.message, `Cannot listen on ${unix}: the path is in use`);
    assert.equal(await pageOf(servers[0]!), "a page");
    await servers[0]!.close();
  });

  test(`a file that is no socket stays as it is${by(engine)}`, async () => {
    const unix = newPath();
    writeFileSync(unix, "precious");
    await assert.rejects(serve({ engine, unix }, page), {
      message: `Cannot listen on ${unix}: the path is in use`,
    });
    assert.equal(readFileSync(unix, "utf8"), "precious");
    rmSync(unix);
  });

  test(`serve() says in words what is wrong with a path${by(engine)}`, async () => {
    const missing = join(dirname(newPath()), "missing", "a.sock");
    await assert.rejects(serve({ engine, unix: missing }, page), (error: Error) => {
      assert.match(error.message, /^Cannot listen on .*a\.sock: .*folder/);
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });

  test(`a path may have 107 bytes, and no more${by(engine)}`, { skip: elsewhere }, async () => {
    const path = newPath();
    const longest = path + "é".repeat((107 - path.length) >> 1) +
      "x".repeat((107 - path.length) % 2);
    const server = await serve({ engine, unix: longest }, page);
    assert.ok(existsSync(longest));
    assert.equal(await pageOf(server), "a page");
    await server.close();
    await assert.rejects(serve({ engine, unix: `${longest}x` }, page), {
      name: "RangeError",
      message: `Cannot listen on unix "${longest}x": it must have at most 107 bytes`,
    });
  });

  test(`a certificate on a unix socket is used, or refused where the runtime would not${by(engine)}`, async () => {
    const unix = newPath();
    const serving = serve({ engine, unix, tls: SECURE.tls! }, page);
    if ("Deno" in globalThis && engine === "native") {
      await assert.rejects(serving, {
        name: "NotSupportedError",
        message:
          "Cannot listen with unix and tls: Deno's own server does not use the certificate there",
      });
      return assert.equal(existsSync(unix), false);
    }
    const server = await serving;
    assert.equal(server.url, `https+unix://${encodeURIComponent(unix)}/`);
    assert.equal(await pageOf(server), "a page");
    await server.close();
  });
}

test("for a certificate on a unix socket, an engine is taken that uses it", async () => {
  const server = await serve({ unix: newPath(), tls: SECURE.tls! }, page);
  assert.equal(await pageOf(server), "a page");
  await server.close();
});

test("serve() refuses what is no path, and a path beside a port", async () => {
  for (const unix of ["", "\0abstract", 8080, null]) {
    await assert.rejects(serve({ unix: unix as string }, page), {
      name: "TypeError",
      message: `Cannot listen on unix ${JSON.stringify(unix)}: it must be a path`,
    });
  }
  const unix = newPath();
  const beside: ListenOptions[] = [{ port: 0 }, { hostname: "127.0.0.1" }, { reusePort: true }];
  for (const other of beside) {
    await assert.rejects(serve({ unix, ...other }, page), {
      name: "TypeError",
      message: `Cannot listen on unix "${unix}" with ${
        Object.keys(other)
      }: it must be one or the other`,
    });
  }
  assert.equal(existsSync(unix), false);
});
