// Compression: who gets it, in which order what is compressed leaves, and what limits count.

import { serve, type Server, type ServerSocket, Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, text } from "../../src/testing/contract/frame.ts";
import { EventLog } from "../../src/testing/contract/event_log.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { runtime } from "../runtime.ts";
import { deflated, DeflatingPeer, noise, prose, type Received } from "./deflating_peer.ts";

type Options = Parameters<typeof serve>[0];

const MEBIBYTE = 1024 * 1024;
const WHERE = { port: 0, hostname: "127.0.0.1", onError() {} };

/** Engines that can compress here. */
const engines = runtime === "deno"
  ? ["tcp"] as const
  : runtime === "bun"
  ? ["native", "tcp"] as const
  : ["native"] as const;

const servers: Server[] = [];
after(async () => {
  TcpWire.dropAll();
  for (const server of servers) await server.close({ deadline: 0 });
});

/** A server, and the sockets that it makes. */
async function serving(
  options: Options,
): Promise<{ server: Server; next: () => Promise<[ServerSocket, EventLog]> }> {
  const made: [ServerSocket, EventLog][] = [];
  const server = await serve({ ...WHERE, ...options }, (request) => {
    const { socket, response } = upgrade(request, { binaryType: "arraybuffer" });
    made.push([socket, new EventLog(socket)]);
    return response;
  });
  servers.push(server);
  const next = async (): Promise<[ServerSocket, EventLog]> => {
    const opened = made.shift()!;
    await opened[1].next("open");
    return opened;
  };
  return { server, next };
}

function shown(come: Received): string {
  if (come.kind === "end" || come.kind === "close") return JSON.stringify(come);
  const { kind, compressed, data } = come;
  return `${kind} of ${data.length}${compressed ? ", compressed" : ""}`;
}

/** Compares without showing a hundred kilobytes. */
function same(come: Received, message: string | Uint8Array): void {
  const text = typeof message === "string" ? message : new TextDecoder("latin1").decode(message);
  assert.ok((come as { data?: string }).data === text, `${shown(come)}, not of ${text.length}`);
}

for (const engine of engines) {
  const title = (what: string): string => `${engine} engine: ${what}`;

  test(title("messages of threshold bytes or more are compressed"), async () => {
    const cases: [NonNullable<Options["compression"]>, number][] = [
      [true, 1024],
      [{}, 1024],
      [{ threshold: 3000 }, 3000],
      [{ threshold: 100 }, 100],
    ];
    for (const [compression, threshold] of cases) {
      const { server, next } = await serving({ engine, compression });
      const peer = await DeflatingPeer.connect(server.port);
      const [socket] = await next();
      const isKnown = runtime !== "bun" || engine === "tcp"; // Bun's own server does not report it
      assert.match(peer.extensions ?? "", /^permessage-deflate;/);
      assert.equal(socket.extensions, isKnown ? peer.extensions : "");
      const messages = [
        prose(threshold - 1),
        prose(threshold),
        "é".repeat(threshold / 2 - 1),
        "é".repeat(threshold / 2),
        prose(threshold * 9),
        "",
      ];
      for (const message of messages) socket.send(message);
      socket.send(new TextEncoder().encode(prose(threshold)));
      socket.close();
      const come = await peer.rest();
      for (const [i, message] of messages.entries()) same(come[i]!, message);
      assert.deepEqual(come.map(shown), [
        `text of ${threshold - 1}`,
        `text of ${threshold}, compressed`,
        `text of ${threshold / 2 - 1}`,
        `text of ${threshold / 2}, compressed`,
        `text of ${threshold * 9}, compressed`,
        "text of 0",
        `binary of ${threshold}, compressed`,
        '{"kind":"close"}',
      ]);
    }
  });

  test(title("a peer that offers nothing gets plain frames"), async () => {
    const { server, next } = await serving({ engine, compression: true });
    const peer = await DeflatingPeer.connect(server.port, null);
    const [socket] = await next();
    assert.deepEqual([peer.extensions, socket.extensions], [undefined, ""]);
    socket.send(prose(5000));
    socket.send(prose(50_000));
    socket.close();
    assert.deepEqual((await peer.rest()).slice(0, 2).map(shown), ["text of 5000", "text of 50000"]);
  });

  test(
    title("an offer that cannot be kept is passed over, and the handshake goes on"),
    async () => {
      const { server, next } = await serving({ engine, compression: true });
      const good = "permessage-deflate";
      const bad = [
        "permessage-deflate; mode=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits=8",
        "x-webkit-deflate-frame",
        "permessage-bzip2; level=9",
      ];
      for (const offer of bad) {
        for (const [offers, agrees] of [[offer, false], [`${offer}, ${good}`, true]] as const) {
          const peer = await DeflatingPeer.connect(server.port, offers);
          const [socket] = await next();
          assert.equal(peer.extensions?.startsWith(good) ?? false, agrees, offers);
          socket.send(prose(2000));
          assert.equal(
            shown(await peer.next()),
            `text of 2000${agrees ? ", compressed" : ""}`,
            offers,
          );
          socket.terminate();
        }
      }
    },
  );

  test(title("messages leave in the order of send(), and Close behind them"), async () => {
    for (const offers of ["permessage-deflate", "permessage-deflate; server_max_window_bits=15"]) {
      const { server, next } = await serving({ engine, compression: true });
      const peer = await DeflatingPeer.connect(server.port, offers);
      const [socket] = await next();
      const seed = Math.floor(Math.random() * 2 ** 31);
      console.log(`seed ${seed}`);
      const sizes = Array.from(
        noise(120, seed),
        (byte) => byte < 128 ? byte : (byte - 120) ** 2 * 9,
      );
      sizes.forEach((size, i) => socket.send(`${i} ${prose(size)}`));
      socket.close(4000, "done");
      const come = await peer.rest();
      for (const [i, size] of sizes.entries()) same(come[i]!, `${i} ${prose(size)}`);
      assert.deepEqual(come.slice(sizes.length), [{ kind: "close", code: 4000 }]);
    }
  });

  test(title("what is published is compressed for those who agreed, in its place"), async () => {
    const { server, next } = await serving({ engine, compression: true });
    const offers = [null, "permessage-deflate", "permessage-deflate; server_max_window_bits=10"];
    const fars: DeflatingPeer[] = [];
    for (const offer of [...offers, ...offers]) {
      fars.push(await DeflatingPeer.connect(server.port, offer));
      const [socket] = await next();
      socket.subscribe("news");
    }
    const half = noise(3000, 9); // what comes again is not in a window of 10 bits
    const twice = new Uint8Array([...half, ...half]);
    const shared = [prose(100_000), "short", prose(2000), noise(40_000, 7), twice];
    for (const message of shared) assert.equal(server.publish("news", message), fars.length);
    for (const socket of server.sockets) socket.send(prose(200_000)); // it takes its time
    for (const message of shared) server.publish("news", message);
    for (const socket of server.sockets) {
      socket.send("last");
      socket.close();
    }
    for (const peer of fars) {
      const come = await peer.rest();
      const wanted = [...shared, prose(200_000), ...shared, "last"];
      for (const [i, message] of wanted.entries()) same(come[i]!, message);
      assert.deepEqual(come.slice(wanted.length).map(shown), ['{"kind":"close"}']);
      const agreed = peer.extensions !== undefined;
      const flags = come.slice(0, 3).map((it) => (it as { compressed: boolean }).compressed);
      assert.deepEqual(flags, [agreed, false, agreed]);
    }
  });

  test(title("bufferedAmount counts what is not compressed yet, and falls to 0"), async () => {
    const { server, next } = await serving({ engine, compression: true });
    const peer = await DeflatingPeer.connect(server.port);
    const [socket, log] = await next();
    await peer.wire.pause();
    let count = 0;
    while (socket.bufferedAmount < 2 * MEBIBYTE && count < 100) {
      socket.send(noise(256 * 1024, ++count));
      assert.equal(socket.readyState, Socket.OPEN);
    }
    assert.ok(socket.bufferedAmount >= 2 * MEBIBYTE, `${socket.bufferedAmount} bytes`);
    await peer.wire.resume();
    for (let i = 1; i <= count; i++) same(await peer.next(), noise(256 * 1024, i));
    await log.next("drain");
    while (socket.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.close();
    await peer.rest();
    assert.deepEqual(log.errors, []);
  });

  test(
    title("a peer that does not read is closed at maxBuffered"),
    async () => {
      const { server, next } = await serving({ engine, compression: true, maxBuffered: MEBIBYTE });
      const peer = await DeflatingPeer.connect(server.port);
      const [socket, log] = await next();
      await peer.wire.pause();
      let sent = 0;
      for (; socket.readyState === Socket.OPEN && sent < 400; sent++) {
        socket.send(noise(256 * 1024, sent + 1));
        assert.ok(socket.bufferedAmount < 2 * MEBIBYTE, `${socket.bufferedAmount} bytes`);
      }
      assert.ok(sent < 400, "nothing was too much");
      assert.equal(((await log.next("error")).error as DOMException).name, "QuotaExceededError");
      await peer.wire.resume();
      const come = await peer.rest();
      assert.equal((await log.next("close")).code, 1013);
      for (const [i, it] of come.entries()) {
        if (it.kind === "binary") same(it, noise(256 * 1024, i + 1));
      }
      if (runtime === "bun" && engine === "native") return; // now and then it loses what waits
      assert.equal(come.length, sent); // the last one was too much, and Close came instead
      assert.deepEqual(come.at(-1), { kind: "close", code: 1013 });
    },
  );

  test(title("what a peer compresses is read, between what it does not"), async () => {
    const { server, next } = await serving({ engine, compression: true });
    const peer = await DeflatingPeer.connect(server.port);
    const [, log] = await next();
    const bytes = noise(3000, 5);
    await peer.send(deflated("short"), deflated(prose(90_000)), text("plain"), deflated(bytes));
    await peer.send(deflated(""));
    for (let i = 0; i < 5; i++) await log.next("message");
    assert.deepEqual(log.data, ["short", prose(90_000), "plain", bytes.buffer, ""]);
    await peer.send(close());
    await peer.rest();
    await log.next("close");
  });

  test(title("maxPayload counts what a message is inflated to"), async () => {
    const { server, next } = await serving({ engine, compression: true, maxPayload: 100_000 });
    const tooLong = [prose(100_001), "x".repeat(64 * MEBIBYTE), "é".repeat(50_001)];
    for (const message of tooLong) {
      const peer = await DeflatingPeer.connect(server.port);
      const [, log] = await next();
      await peer.send(deflated(prose(100_000)), deflated("é".repeat(50_000)));
      assert.equal((await log.next("message")).data.length, 100_000);
      assert.equal((await log.next("message")).data.length, 50_000);
      await peer.send(deflated(message));
      assert.deepEqual((await peer.rest()).at(-1), { kind: "close", code: 1009 });
      assert.equal((await log.next("close")).code, 1006);
      assert.deepEqual(log.types, ["open", "message", "message", "error", "close"]);
    }
  });

  test(title("what cannot be inflated never reaches a listener"), async () => {
    const { server, next } = await serving({ engine, compression: true });
    const broken = [
      Uint8Array.of(0x07), // a block of the reserved type
      Uint8Array.of(0x01, 0x05, 0x00, 0x00, 0x00), // lengths that disagree
      noise(200, 3),
      deflated(Uint8Array.of(0xff, 0xfe)).payload, // no UTF-8
    ];
    for (const payload of broken) {
      const peer = await DeflatingPeer.connect(server.port);
      const [, log] = await next();
      await peer.send(deflated("whole"), { opcode: 0x41, payload });
      assert.equal((await log.next("close")).code, 1006);
      assert.deepEqual(log.types, ["open", "message", "error", "close"]);
      await peer.wire.end();
    }
  });

  test(title("a socket may end while its messages are compressed"), async () => {
    const { server, next } = await serving({ engine, compression: true });
    for (const end of ["terminate", "reset", "leave"]) {
      const peer = await DeflatingPeer.connect(server.port);
      const [socket, log] = await next();
      for (let i = 0; i < 10; i++) socket.send(prose(MEBIBYTE));
      if (end === "terminate") socket.terminate();
      else if (end === "reset") await peer.wire.reset();
      else await peer.wire.drop();
      assert.equal((await log.next("close")).code, 1006, end);
      const types = log.types.filter((type) => type !== "drain"); // the system takes some of it
      assert.deepEqual(types, ["open", "error", "close"], end);
    }
    const peer = await DeflatingPeer.connect(server.port);
    const [socket] = await next();
    socket.send(prose(2000));
    assert.equal(shown(await peer.next()), "text of 2000, compressed"); // the server lives
    socket.terminate();
  });
}

test("nothing is compressed without the option", async () => {
  const { server, next } = await serving({});
  const peer = await DeflatingPeer.connect(server.port);
  const [socket] = await next();
  assert.deepEqual([peer.extensions, socket.extensions], [undefined, ""]);
  socket.send(prose(5000));
  assert.equal(shown(await peer.next()), "text of 5000");
  socket.close();
  await peer.rest();
});

test("serve() takes the engine that can compress, and refuses one that cannot", async () => {
  const { server, next } = await serving({ compression: true });
  const peer = await DeflatingPeer.connect(server.port);
  await next();
  assert.match(peer.extensions ?? "", /^permessage-deflate;/);
  await peer.wire.end();
  if (engines.includes("native" as never)) return;
  await assert.rejects(serving({ compression: true, engine: "native" }), {
    name: "NotSupportedError",
  });
});

test("serve() refuses engines and compression that make no sense", async () => {
  for (const engine of ["deno", "", 1, null]) {
    await assert.rejects(serving({ engine: engine as "tcp" }), {
      name: "TypeError",
      message: `Cannot serve with engine "${engine}": it must be "native" or "tcp"`,
    });
  }
  for (const compression of ["yes", 1, null]) {
    await assert.rejects(serving({ compression: compression as unknown as true }), {
      name: "TypeError",
      message: `Cannot use compression ${JSON.stringify(compression)}: ` +
        "it must be true, false or an object",
    });
  }
  for (const threshold of [-1, NaN]) {
    await assert.rejects(serving({ compression: { threshold } }), RangeError);
  }
});
