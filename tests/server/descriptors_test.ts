// Servers that may open few descriptors: clients cannot use them up for ever, nor end the server.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import net from "node:net";
import { after, test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import type { Ended, Running } from "../cli/command.ts";
import { runtime } from "../runtime.ts";
import { by, connectTls, engines, newPath, removePaths } from "./places.ts";
import { killAll, run } from "./programs/program.ts";
import { ask, askUpgrade, type To } from "./raw_client.ts";

after(() => {
  TcpWire.dropAll();
  killAll();
  removePaths();
});

/** Descriptors that a server may open here: it needs about 40 itself. */
const DESCRIPTORS = 256;

/** Clients that come one after the other, and leave. */
const CLIENTS = 500;

/** ms: how long a server may take to be itself again, on a slow machine. */
const SOON = 10_000;

const skip = !existsSync("/proc/self/fd");

async function start(
  engine: string,
  ...place: string[]
): Promise<{ program: Running; port: number }> {
  const program = run("few_descriptors.ts", [engine, ...place], { descriptors: DESCRIPTORS });
  const port = Number(/\d+/.exec(await program.printed(/listens on \d+/))![0]);
  return { program, port };
}

const GET = utf8("GET /descriptors HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

/** Asks how many descriptors are open, until few are: a server may rest for a while. */
async function descriptors(to: To, few: number): Promise<number> {
  const end = performance.now() + SOON;
  for (;;) {
    const open = await Promise.race([
      ask(to, GET).then((it) => it.body()).then(Number, () => Infinity),
      new Promise<number>((resolve) => setTimeout(resolve, 2_000, Infinity)),
    ]);
    if (open <= few || performance.now() > end) return open;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Servers that do not accept again, and why. It must be true. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  "deno tcp TCP": "node:net on Deno accepts no more, and reports nothing",
  "deno tcp a unix socket": "The same, and with nothing left to wait for, Deno ends the process",
};

/** Servers that accept again at most times, and why not always: either way, the process lives. */
const UNCERTAIN: Readonly<Record<string, string>> = {
  "deno tcp TLS":
    "node:net on Deno accepts no more if accepting itself fails: in 8 of 14 runs on a busy machine",
};

for (const engine of engines) {
  for (const place of ["TCP", "TLS", "a unix socket"] as const) {
    const deviation = DEVIATIONS[`${runtime} ${engine} ${place}`];
    const suffix = deviation === undefined ? "" : " (deviates)";
    const title = `a server on ${place} outlives clients that take all descriptors`;
    test(`${title}${by(engine)}${suffix}`, { skip }, async () => {
      const path = place === "a unix socket" ? newPath() : undefined;
      const scheme = place === "TLS" ? "https" : "http";
      const { program, port } = await start(engine, scheme, ...(path === undefined ? [] : [path]));
      const bare = (): Promise<TcpWire> =>
        path === undefined ? TcpWire.connect(port) : TcpWire.through(net.connect({ path }));
      const to = scheme === "http"
        ? bare
        : () => TcpWire.through(connectTls({ port }, ["http/1.1"]), "secureConnect");
      let end: Ended | undefined;
      program.ended.then((it) => end = it);
      const before = await descriptors(to, DESCRIPTORS);
      const wires = await Promise.all(Array.from({ length: 2 * DESCRIPTORS }, async () => {
        const wire = await bare().catch(() => undefined);
        await wire?.write(utf8("GET / HTTP/1.1\r\n"));
        return wire;
      }));
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const wire of wires) await wire?.drop();
      const now = await descriptors(to, before + 20);
      if (deviation === undefined) assert.equal(end, undefined, "The server has ended");
      if (`${runtime} ${engine} ${place}` in UNCERTAIN && now === Infinity) {
        return program.kill("SIGKILL");
      }
      if (deviation !== undefined) {
        program.kill("SIGKILL");
        return assert.equal(now, Infinity, `It accepts again, so delete: ${deviation}`);
      }
      assert.ok(now <= before + 20, `${now} descriptors are open, and ${before} were before`);
      assert.equal((await askUpgrade(to)).status, 101);
      program.kill("SIGKILL");
    });
  }

  for (const path of ["/later", "/"]) {
    const when = path === "/" ? "at once" : "while their handler waits";
    test(`clients that leave ${when} leave no descriptors${by(engine)}`, { skip }, async () => {
      const { program, port } = await start(engine);
      const before = await descriptors(port, DESCRIPTORS);
      for (const how of ["drop", "reset"] as const) {
        for (let i = 0; i < CLIENTS / 2; i++) {
          const wire = await TcpWire.connect(port);
          await wire.write(request(path));
          await wire[how]();
          if (i % 50 === 49) await descriptors(port, before + 20); // not more than it can have at once
        }
      }
      // Deno keeps the connection of a client that resets it in the instant of the upgrade.
      const now = await descriptors(port, before + 5);
      assert.ok(now <= before + 20, `${now} descriptors are open, and ${before} were before`);
      program.kill("SIGKILL");
      assert.equal((await program.ended).stderr, "");
    });
  }
}
