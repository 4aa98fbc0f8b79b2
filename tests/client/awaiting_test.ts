// Programs that await one event after another hear all of them. Not each platform's own class lets them:
// Node's fires `close` in the same turn as `error`.

import assert from "node:assert/strict";
import net from "node:net";
import { after, test } from "node:test";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { encode, join, text, utf8 } from "../../src/testing/contract/frame.ts";
import { acceptFor, headerOf, readHead, WirePeer } from "../../src/testing/contract/raw_peer.ts";

import { start } from "../cli/command.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";

const PRINTED = `greeted: one two three
greeted once: one two three
logged in: welcome
unhandled: a bug in a listener
reconnecting: one two three
lost: 1006
lost at last: 1006
waiting: 2
`;

/** The class of the main entry point, by the default engine, and that of `./client`. */
const CLASSES = ["portable", "client"];

after(() => TcpWire.dropAll());

/** Greets in the packet of the answer, or waits for a login, or refuses. */
async function serveOne(wire: TcpWire): Promise<void> {
  const request = await readHead(wire);
  if (request === undefined) return;
  const [, path] = request.head.split(" ");
  if (path === "/refuse") {
    await wire.write(utf8("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    return wire.end();
  }
  const accept = await acceptFor(headerOf(request.head, "sec-websocket-key")!);
  const head = utf8(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const greeting = ["one", "two", "three"].map((data) => encode(text(data), false));
  await wire.write(path === "/greet" ? join([head, ...greeting]) : head);
  const peer = new WirePeer(wire, false, request.rest);
  const heard = await peer.next();
  if (heard.kind !== "text") return wire.end();
  await (path === "/burst" ? wire.write(join(greeting)) : peer.send("welcome"));
  await peer.part();
}

for (const name of CLASSES) {
  test(`what a program awaits is heard, and so is what comes behind it: ${name}`, async () => {
    const server = net.createServer((socket) => {
      serveOne(new TcpWire(socket)).catch((error) => console.error(error));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const file = fileURLToPath(new URL("programs/awaiting.ts", import.meta.url));
    const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
    const program = start([name, `ws://127.0.0.1:${port}/`], [process.execPath, [...flags, file]]);
    const { stdout, stderr } = await program.ended;
    server.close();
    assert.equal(stdout, PRINTED, stderr);
  });
}
