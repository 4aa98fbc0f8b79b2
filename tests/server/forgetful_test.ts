// A program that forgets that its peers may be lost lives, and prints nothing, whatever they do.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readHead, request } from "../../src/testing/contract/raw_peer.ts";
import { close, encode, type Frame, join, text, utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { by, engines } from "./places.ts";
import { killAll, run } from "./programs/program.ts";

after(() => {
  TcpWire.dropAll();
  killAll();
});

function milliseconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count));
}

function write(wire: TcpWire, ...frames: readonly Frame[]): Promise<void> {
  return wire.write(join(frames.map((frame) => encode(frame, true))));
}

/** Ways in which peers end. */
const ENDS: Readonly<Record<string, (wire: TcpWire) => Promise<void>>> = {
  reset: (wire) => wire.reset(),
  end: (wire) => wire.end(),
  async close(wire) {
    await write(wire, close(4000));
    await wire.end();
  },
  "break the protocol": (wire) => write(wire, { opcode: 3, payload: utf8("reserved") }),
  "read nothing, and reset": async (wire) => {
    await wire.pause();
    void write(wire, ...Array.from({ length: 20 }, () => text("x".repeat(60_000)))); // may wait
    await milliseconds(20);
    await wire.reset();
  },
};

/** When they do. */
const MOMENTS: Readonly<Record<string, (wire: TcpWire) => Promise<unknown>>> = {
  "before the answer": () => Promise.resolve(),
  "with the answer": (wire) => readHead(wire),
  async later(wire) {
    await readHead(wire);
    await write(wire, text("hello"));
    await milliseconds(10);
  },
};

/** ms: time for the consequences of an end. */
const AFTERMATH = 300;

/** Lets all kinds of peers come and go for each path; then checks that the program lives. */
async function haunt(port: number, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const clients = Object.values(ENDS).flatMap((end) =>
      Object.values(MOMENTS).map(async (moment) => {
        const wire = await TcpWire.connect(port);
        await wire.write(request(`/${path}`));
        await moment(wire);
        await end(wire);
      })
    );
    await Promise.all(clients);
  }
  await milliseconds(AFTERMATH);
  const wire = await TcpWire.connect(port);
  await wire.write(utf8("GET /alive HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  assert.match((await readHead(wire))?.head ?? "it does not live", /^HTTP\/1.1 200/);
}

for (const engine of engines) {
  test(`a program that forgets that peers may be lost lives${by(engine)}`, async () => {
    const program = run("forgetful.ts", [engine]);
    const line = await program.printed(/.* listen on \d+/);
    const [names, port] = line.split(" listen on ") as [string, string];
    const died = program.ended.then(({ stderr }) => assert.fail(`It died: ${stderr}`));
    await Promise.race([haunt(Number(port), names.split(" ")), died]);
    died.catch(() => {}); // from here on it is meant to end
    program.kill("SIGKILL");
    const { stdout, stderr } = await program.ended;
    assert.deepEqual([stdout.trimEnd(), stderr], [line, ""]);
  });
}
