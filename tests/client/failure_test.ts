// Errors of connections that were not established. The contract tests statuses; here are the codes of
// the system, as far as runtimes report them.

import {
  type ConnectFailure,
  type ConnectOptions,
  type Engine,
  reconnect,
} from "@isosocket/isosocket";
import assert from "node:assert/strict";
import net, { type AddressInfo } from "node:net";
import process from "node:process";
import { after, test } from "node:test";
import { readHead } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { listen, type Port, TcpWire } from "../raw_peer/tcp_wire.ts";
import { listenTls } from "../raw_peer/tls_wire.ts";
import { runtime } from "../runtime.ts";
import { localhost } from "./certificates.ts";
import { failureOf } from "./connect_failure.ts";
import { listenHttp } from "./http_server.ts";
import { connectTo, ENGINES } from "./trust.ts";

/** Unhandled errors: no failure may cause one. */
const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
process.on("uncaughtException", (error) => unhandled.push(error));

after(() => {
  TcpWire.dropAll();
  assert.deepEqual(unhandled, []);
});

/** Runtimes whose own WebSocket reports no codes. */
const SILENT = ["deno", "node 22", "node 24", "node 26"];

const SCHEMES = ["ws", "wss"] as const;
type Scheme = typeof SCHEMES[number];

/** Returns an address where nobody listens. */
async function nowhere(): Promise<string> {
  const { port, close } = await listenHttp();
  await close();
  return `127.0.0.1:${port}`;
}

/** Starts a server that accepts one connection: Deno and Node try again if the first has failed. */
async function answering(
  scheme: Scheme,
  answer: (wire: TcpWire, head: string) => unknown,
): Promise<string> {
  const { port, accepted, close }: Port = await (scheme === "ws" ? listen() : listenTls(localhost));
  accepted.then(async (wire) => {
    close();
    const request = await readHead(wire);
    if (request !== undefined) await answer(wire, request.head);
  });
  return `127.0.0.1:${port}`;
}

/** Returns a server that resets or ends the connection before it has answered. */
function endsBy(how: "reset" | "end"): (scheme: Scheme) => Promise<string> {
  return (scheme) => answering(scheme, (wire) => wire[how]());
}

/** Starts a server without TLS: it ends TCP, or resets it, or answers in plain text. */
async function plain(how: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => how(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const CODES: Readonly<
  Record<string, readonly [code: RegExp, where: (scheme: Scheme) => Promise<string>]>
> = {
  "nobody listens": [/^ECONNREFUSED$/, nowhere],
  "a name is not known": [/^(ENOTFOUND|EAI_AGAIN)$/, () => Promise.resolve("nowhere.invalid")],
  "the server resets": [/^ECONNRESET$/, endsBy("reset")],
  "the server ends": [/^ECONNRESET$/, endsBy("end")],
};

/** Connects to a server in vain, and returns the cause. The socket's promises are not awaited. */
async function failure(url: string, options?: ConnectOptions): Promise<ConnectFailure | undefined> {
  const socket = connectTo(url, options);
  void socket.opened;
  void socket.closed;
  void socket.readable;
  void socket.writable;
  return await failureOf(socket);
}

for (const scheme of SCHEMES) {
  for (const [what, [code, where]] of Object.entries(CODES)) {
    test(`engine tcp reports the code if ${what}: ${scheme}`, async () => {
      const url = `${scheme}://${await where(scheme)}/`;
      assert.match((await failure(url, { engine: "tcp" }))!.code!, code);
    });

    const isSilent = SILENT.includes(runtime);
    const skip = runtime === "node 20" && "Node 20 has no WebSocket";
    const title = `the runtime's own reports ${isSilent ? "no" : "the"} code if ${what}: ${scheme}`;
    test(title, { skip }, async () => {
      const cause = await failure(`${scheme}://${await where(scheme)}/`, { engine: "native" });
      const reported = cause?.code;
      if (runtime.startsWith("node")) assert.match(cause!.message, /^Node hides why, .* "tcp"/);
      if (isSilent) assert.equal(reported, undefined);
      else assert.match(reported!, code);
    });
  }

  test(`engine tcp says what is wrong with an answer: ${scheme}`, async () => {
    const answers = {
      "Sec-WebSocket-Accept": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\nSec-WebSocket-Accept: nonsense\r\n\r\n",
      "Upgrade header": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n" +
        "Connection: Upgrade\r\n\r\n",
      "Parse Error": "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    };
    for (const [what, answer] of Object.entries(answers)) {
      const where = await answering(scheme, async (wire) => {
        await wire.write(utf8(answer));
        await wire.end();
      });
      const { message, status } = (await failure(`${scheme}://${where}/`, { engine: "tcp" }))!;
      assert.match(message, new RegExp(what));
      assert.equal(status, undefined);
    }
  });

  test(`engine tcp reports status and Retry-After of a refusal: ${scheme}`, async () => {
    for (
      const [header, expected] of [["7", 7000], ["9".repeat(5000), Infinity], ["-1", undefined]]
    ) {
      const where = await answering(
        scheme,
        (wire) =>
          wire.write(
            utf8(`HTTP/1.1 429 No\r\nRetry-After: ${header}\r\nContent-Length: 0\r\n\r\n`),
          ),
      );
      const { status, retryAfter } = (await failure(`${scheme}://${where}/`, { engine: "tcp" }))!;
      assert.deepEqual([status, retryAfter], [429, expected]);
    }
  });

  for (const engine of ENGINES) endless(scheme, engine);
}

/** Number of bytes that no client keeps, nor a system, whose buffers may grow to tens of MiB. */
const MOST = 64 * 1024 * 1024;

/** Sends a beginning, then pieces without end. Returns the number of bytes sent until the client left. */
async function flood(
  wire: TcpWire,
  begin: string,
  piece: string,
  most = MOST,
): Promise<number> {
  const bytes = utf8(piece);
  let sent = 0;
  let isOver = false;
  const over = (async () => {
    while (await wire.read() !== undefined);
    isOver = true;
  })();
  await wire.write(utf8(begin));
  while (!isOver && sent < most) {
    await Promise.race([wire.write(bytes), over]);
    sent += bytes.length;
    await new Promise<void>((resolve) => setImmediate(resolve)); // for a client in this process
  }
  await over;
  return sent;
}

/** Tests that an answer without end costs a client neither memory nor more than its time limit. */
function endless(scheme: Scheme, engine: Engine): void {
  const line = `X-More: ${"x".repeat(8000)}\r\n`;
  const floods: Readonly<Record<string, readonly [begin: string, piece: string]>> = {
    "an answer whose head does not end": ["HTTP/1.1 101 Switching Protocols\r\n", line.repeat(8)],
    "a refusal whose body does not end": [
      "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n",
      `10000\r\n${"x".repeat(65536)}\r\n`,
    ],
    "a refusal that is longer than it says": [
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 1\r\n\r\n",
      "x".repeat(65536),
    ],
  };
  for (const [what, [begin, piece]] of Object.entries(floods)) {
    test(`${what} is cut: engine ${engine}, ${scheme}`, async () => {
      let sent!: Promise<number>;
      const where = await answering(scheme, (wire) => sent = flood(wire, begin, piece));
      await failure(`${scheme}://${where}/`, { engine });
      const bytes = await sent;
      assert.ok(bytes < MOST, `${bytes} bytes`);
    });
  }

  // Node's own accepts both, and keeps nothing of them.
  const tolerated: Readonly<Record<string, readonly [begin: string, piece: string]>> = {
    "a first line": ["HTTP/1.1 101 ", "x".repeat(8192)],
    "interim answers": ["", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100)],
  };
  for (const [what, [begin, piece]] of Object.entries(tolerated)) {
    test(`${what} without end: no longer than timeout: engine ${engine}, ${scheme}`, async () => {
      const where = await answering(scheme, (wire) => flood(wire, begin, piece, Infinity));
      const begun = performance.now();
      await failure(`${scheme}://${where}/`, { engine, timeout: 500 });
      const took = performance.now() - begun;
      assert.ok(took < 5000, `${took} ms`);
    });
  }
}

test("a server that speaks no TLS is a failure of wss:", async () => {
  const ways: ((socket: net.Socket) => void)[] = [
    (socket) => socket.end(),
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"),
    (socket) => socket.end(Uint8Array.of(22, 3, 3, 255, 255)), // a record that is too long
  ];
  for (const how of ways) {
    for (const engine of ENGINES) await failure(`wss://${await plain(how)}/`, { engine });
  }
});

test("a server that does not speak at all is given up after timeout: ws, wss", async () => {
  for (const scheme of SCHEMES) {
    for (const engine of ENGINES) {
      const socket = connectTo(`${scheme}://${await plain(() => {})}/`, { engine, timeout: 200 });
      const log = new EventLog(socket);
      assert.equal((await log.next("close")).code, 1006);
      assert.equal((log.errors[0] as Error).name, "TimeoutError");
    }
  }
});

test("a redirect is a failure, and nobody else gets the credentials: ws, wss", async () => {
  let came = 0;
  const { port, server, close } = await listenHttp((_, response) => {
    came++;
    response.end();
  });
  server.on("upgrade", (_, socket) => {
    came++;
    socket.destroy();
  });
  for (const scheme of SCHEMES) {
    for (const engine of ENGINES) {
      const where = await answering(scheme, (wire) =>
        wire.write(
          utf8(
            `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${port}/\r\nContent-Length: 0\r\n\r\n`,
          ),
        ));
      await failure(`${scheme}://user:pass@${where}/`, { engine });
    }
  }
  await close();
  assert.equal(came, 0);
});

test("reconnect() reports the same, so that a program can give up", async () => {
  const { port, close } = await listenHttp((_, response) => response.writeHead(401).end());
  const socket = reconnect(`ws://127.0.0.1:${port}/`, { engine: "tcp" });
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
  await close();
});
