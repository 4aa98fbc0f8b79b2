// The ways of `isosocket connect` to a server: through proxies, and over unix sockets.

import { serve, type Server, type Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { openStreamOn } from "../../../src/cli/connect/stream.ts";
import { parseProxy } from "../../../src/cli/connect/proxy.ts";
import { connect, dialerBy } from "../../../src/portable/connect.ts";
import { DIAL } from "../../../src/client/platform.ts";
import type { WebSocketClass } from "../../../src/adapters/web/dial.ts";
import { failureReason } from "../../../src/cli/shared/failure_reason.ts";
import { authority, localhost, otherAuthority } from "../../client/certificates.ts";
import { httpProxy, type ProxyServer, socksProxy, talker } from "./proxy_server.ts";

const servers: Server[] = [];
const proxies: ProxyServer[] = [];
let plain: Server, secure: Server;

async function echoing(options: object): Promise<Server> {
  const server = await serve({ engine: "tcp", ...options }, (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  servers.push(server);
  return server;
}

before(async () => {
  const at = { port: 0, hostname: "127.0.0.1" };
  plain = await echoing(at);
  secure = await echoing({ ...at, tls: localhost });
});
after(async () => {
  for (const proxy of proxies) proxy.close();
  await Promise.all(servers.map((server) => server.close({ deadline: 0 })));
});

/** Begins to connect through a proxy, or over a unix socket. */
function dial(url: string, proxy: string | undefined, unix?: string, ca = authority): Socket {
  const route = {
    unix,
    proxyFor: () => proxy === undefined ? undefined : parseProxy(proxy, "--proxy"),
  };
  const { dial } = dialerBy({ engine: "tcp", tls: { ca } }, openStreamOn(route));
  const WebSocket = class {
    static readonly [DIAL] = dial;
  } as unknown as WebSocketClass;
  return connect(url, { WebSocket });
}

/** Sends a message, and closes once it has come back. */
async function echoed(socket: Socket): Promise<void> {
  await socket.opened;
  socket.send("x".repeat(100_000));
  for await (const data of socket) {
    assert.equal(`${data}`.length, 100_000);
    socket.close(1000);
  }
  const { code, wasClean } = await socket.closed;
  assert.deepEqual([code, wasClean], [1000, true]);
}

/** Returns why there is no connection. */
async function failure(socket: Socket): Promise<string> {
  const { error } = await new Promise<ErrorEvent>((resolve) => {
    socket.addEventListener("error", resolve as EventListener);
  });
  return failureReason(error);
}

async function started(proxy: Promise<ProxyServer>): Promise<ProxyServer> {
  proxies.push(await proxy);
  return proxy;
}

test("a connection goes through CONNECT of HTTP, over TLS or not, with a password or not", async () => {
  const proxy = await started(httpProxy());
  const at = `127.0.0.1:${proxy.port}`;
  await echoed(dial(`ws://far.example:${plain.port}/`, `http://${at}`));
  await echoed(dial(`wss://localhost:${secure.port}/`, `us%20er:p%40ss@${at}`));
  await echoed(dial(`ws://[2001:db8::1]:${plain.port}/`, at));
  const [first = "", second = "", third = ""] = proxy.requests;
  const host = `far.example:${plain.port}`;
  assert.equal(first, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.match(second, /^CONNECT localhost:\d+ HTTP/);
  const basic = /^Proxy-Authorization: Basic (.+)\r$/m.exec(second)?.[1] ?? "";
  assert.equal(atob(basic), "us er:p@ss");
  assert.match(third, /^CONNECT \[2001:db8::1\]:\d+ HTTP/);
});

test("a connection goes through a proxy that is reached over TLS", async () => {
  const proxy = await started(httpProxy(undefined, localhost));
  const at = `https://localhost:${proxy.port}`;
  await echoed(dial(`ws://far.example:${plain.port}/`, at));
  await echoed(dial(`wss://localhost:${secure.port}/`, at));
  const untrusted = dial("ws://far.example/", at, undefined, otherAuthority);
  assert.match(
    await failure(untrusted),
    /^the proxy https:\/\/localhost:\d+ cannot be reached: its certificate is not to be trusted/,
  );
});

test("a connection goes through SOCKS5, which looks the name up", async () => {
  const open = await started(socksProxy());
  const closed = await started(socksProxy(["user", "s3cret"]));
  await echoed(dial(`ws://far.example:${plain.port}/`, `socks5://127.0.0.1:${open.port}`));
  await echoed(dial(`wss://localhost:${secure.port}/`, `socks5h://127.0.0.1:${open.port}`));
  await echoed(
    dial(`ws://127.0.0.1:${plain.port}/`, `socks5://user:s3cret@127.0.0.1:${closed.port}`),
  );
  await echoed(dial(`ws://[2001:db8::1]:${plain.port}/`, `socks5://127.0.0.1:${open.port}`));
  assert.deepEqual(open.requests, [
    `far.example ${plain.port}`,
    `localhost ${secure.port}`,
    `32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1 ${plain.port}`,
  ]);
  assert.deepEqual(closed.requests, [`127.0.0.1 ${plain.port}`]);
});

test("what a proxy refuses is said in words, without its password", async () => {
  const refusing = (answer: string): Promise<ProxyServer> => started(httpProxy(() => answer));
  const login = await started(socksProxy(["user", "other"]));
  const [http407, http502, silent, other, nobody, long] = [
    await refusing("HTTP/1.1 407 Who?\r\n\r\n"),
    await refusing("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad\r\n\r\n"),
    await refusing(""),
    await started(talker("SSH-2.0-OpenSSH\r\n")),
    await started(socksProxy(undefined, 5)),
    await refusing(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(4000)}`),
  ];
  const cases: [proxy: string, says: string][] = [
    [
      `http://127.0.0.1:${http407.port}`,
      "answered 407 Proxy Authentication Required: it wants a user and a password",
    ],
    [
      `http://user:s3cret@127.0.0.1:${http407.port}`,
      "answered 407 Proxy Authentication Required: the user or the password is wrong",
    ],
    [`http://127.0.0.1:${http502.port}`, "answered 502 Bad Gateway"],
    [`http://127.0.0.1:${silent.port}`, "ended the connection without an answer"],
    [`http://127.0.0.1:${other.port}`, "does not speak HTTP"],
    [`http://127.0.0.1:${long.port}`, "gave an answer that is too long"],
    [`socks5://127.0.0.1:${nobody.port}`, "found nobody who listens there"],
    [`socks5://127.0.0.1:${other.port}`, "does not speak SOCKS5"],
    [`socks5://user:s3cret@127.0.0.1:${login.port}`, "does not take that user and password"],
    [
      `socks5://127.0.0.1:${login.port}`,
      "wants another proof than a user and a password, or one of them",
    ],
    ["http://127.0.0.1:1", "cannot be reached: nobody listens there (ECONNREFUSED)"],
  ];
  await Promise.all(cases.map(async ([proxy, says]) => {
    const shown = proxy.replace("s3cret", "***");
    assert.equal(await failure(dial("ws://far.example/", proxy)), `the proxy ${shown} ${says}`);
  }));
});

test("a connection that is given up closes the one to its proxy", async () => {
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => ended = resolve);
  const proxy = await started(httpProxy(() => {
    socket.close();
    ended();
    return ""; // as late as the close
  }));
  const socket = dial("ws://far.example/", `http://127.0.0.1:${proxy.port}`);
  assert.match(await failure(socket), /closed before the connection was established/);
  await end;
});

test("a connection goes over a unix socket, over TLS or not", {
  skip: process.platform === "win32" ? "Windows has other paths" : false,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "unix-"));
  const unix = join(folder, "a.sock");
  const server = await echoing({ unix });
  await echoed(dial("ws://localhost/chat", undefined, unix));
  await server.close();
  assert.equal(
    await failure(dial("ws://localhost/", undefined, unix)),
    "there is no such file (ENOENT)",
  );
  await rmdir(folder);
});
