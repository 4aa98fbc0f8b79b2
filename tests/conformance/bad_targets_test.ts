// Targets that are no WebSocket server, or a bad one, give a verdict and a reason, and never hang.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { exitCode } from "../../src/conformance/report/mod.ts";
import type { Run } from "../../src/conformance/result.ts";
import { judgeServer } from "../../src/conformance/judge_server.ts";

const TIMEOUT = 150;

/** Judges a TCP server with any behaviour. */
async function judged(onSocket: (socket: Socket) => void, patterns = ["5.5.3"]): Promise<Run> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  try {
    return await judgeServer(`ws://127.0.0.1:${port}/`, {
      timeout: TIMEOUT,
      budget: 3000,
      patterns,
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Performs a correct handshake, then calls `then`. */
function opened(then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let head = "";
    socket.on("data", function read(octets: Buffer) {
      head += octets.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", read);
      const key = /sec-websocket-key: (.*)\r/i.exec(head)?.[1] ?? "";
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`,
      );
      socket.resume();
      then(socket);
    });
  };
}

/** Writes for ever, as fast as the octets are read. */
function pour(socket: Socket, octets: Buffer): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(octets));
    if (!socket.destroyed) socket.once("drain", write);
  };
  write();
}

const notJudged: Record<string, [(socket: Socket) => void, RegExp]> = {
  "a server that sends nothing": [() => {}, /no answer in 150 ms/],
  "a server that hangs up": [(socket) => socket.end(), /ended the connection/],
  "a server that resets": [(socket) => socket.resetAndDestroy(), /ended the connection|ECONN/],
  "a web server": [
    (socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    /answered HTTP\/1.1 404 Not Found/,
  ],
  "a server that speaks TLS": [
    (socket) => socket.end(Buffer.from("15030100020246", "hex")),
    /TLS/,
  ],
  "a server that speaks HTTP/2": [
    (socket) => socket.write(Buffer.from("000000040000000000", "hex")),
    /HTTP\/2/,
  ],
  "a mail server": [(socket) => socket.write("220 mail.example ESMTP\r\n"), /HTTP\/1\.1/],
  "a server whose headers never end": [
    (socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\n");
      pour(socket, Buffer.from(`X-More: ${"x".repeat(1000)}\r\n`));
    },
    /larger than 65536 bytes/,
  ],
  "a server that writes NULs for ever": [
    (socket) => pour(socket, Buffer.alloc(65536)),
    /octets that are not HTTP/,
  ],
  "a server that never echoes": [opened(() => {}), /does not echo/],
};

for (const [name, [onSocket, reason]] of Object.entries(notJudged)) {
  test(`judgeServer() reports why ${name} cannot be judged`, { timeout: 10_000 }, async () => {
    const run = await judged(onSocket);
    assert.match(run.stopped ?? "", reason);
    assert.deepEqual(run.results, []);
    assert.equal(exitCode(run), 2);
  });
}

test("judgeServer() reports that nothing listens", async () => {
  const run = await judgeServer("ws://127.0.0.1:1/", { timeout: 500 });
  assert.match(
    run.stopped ?? "",
    /Cannot connect to 127.0.0.1:1: nobody listens there \(ECONNREFUSED\)/,
  );
  assert.equal(exitCode(run), 2);
});

const failing: Record<string, (socket: Socket) => void> = {
  "floods with messages": (socket) => pour(socket, Buffer.from("82023031".repeat(10_000), "hex")),
  "floods with pings": (socket) => pour(socket, Buffer.from("8900".repeat(10_000), "hex")),
  "sends a message without end": (socket) => {
    socket.write(Buffer.from("0100", "hex"));
    const fragment = Buffer.alloc(4 + 65535);
    fragment.writeUInt32BE(0x007effff);
    pour(socket, fragment);
  },
  "announces more than there is memory": (socket) => {
    socket.write(Buffer.from("827f00ffffffffffffff", "hex"));
  },
  "stops in the middle of a frame": (socket) => void socket.write(Buffer.from("8205aa", "hex")),
  "ends in the middle of a frame": (socket) => void socket.end(Buffer.from("8205aa", "hex")),
  "masks its frames": (socket) => void socket.write(Buffer.from("828100000000aa", "hex")),
  "reads nothing": (socket) => void socket.pause(),
};

for (const [name, then] of Object.entries(failing)) {
  test(`judgeServer() fails a server that ${name}`, { timeout: 30_000 }, async () => {
    let connections = 0;
    // The first connection is the probe of the judge, which succeeds.
    const run = await judged(opened((socket) => {
      if (connections++ > 0) return then(socket);
      socket.end(Buffer.from("810568656c6c6f", "hex"));
    }));
    assert.equal(run.stopped, null);
    assert.ok(run.results.length > 3);
    for (const { verdict, id, notes } of run.results) {
      assert.ok(["fail", "timeout", "warn"].includes(verdict), `${verdict} ${id}`);
      assert.ok(notes.length > 0);
    }
    assert.equal(exitCode(run), 1);
    const megabytes = process.memoryUsage().rss / 2 ** 20;
    assert.ok(megabytes < 1500, `${megabytes} MB`);
  });
}

test(
  "judgeServer() stops when the server disappears, and reports when",
  { timeout: 20_000 },
  async () => {
    let connections = 0;
    const run = await judged(function (this: unknown, socket) {
      if (++connections > 1) return void socket.resetAndDestroy();
      opened((socket) => socket.end(Buffer.from("810568656c6c6f", "hex")))(socket);
    });
    assert.ok(run.results.every(({ verdict }) => verdict !== "pass"));
    assert.notEqual(exitCode(run), 0);
  },
);
