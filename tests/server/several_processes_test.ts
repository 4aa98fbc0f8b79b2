// Several processes on one port.

import assert from "node:assert/strict";
import { platform } from "node:os";
import { after, test } from "node:test";
import { utf8 } from "../../src/testing/contract/frame.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { killAll, run } from "./programs/program.ts";
import { ask } from "./raw_client.ts";

after(() => {
  TcpWire.dropAll();
  killAll();
});

const skip = platform() !== "linux" && "only Linux spreads connections";

/** Starts two processes on a port, and waits until both have answered. */
async function bothAnswer(engine: string[], denoFlags: string[]): Promise<void> {
  const share = async (port: number): Promise<number> => {
    const program = run("sharing.ts", [String(port), ...engine], { denoFlags });
    return Number(/\d+/.exec(await program.printed(/listens on \d+/))![0]);
  };
  const port = await share(0);
  assert.equal(await share(port), port);
  const seen = new Set<string>();
  for (let i = 0; i < 200 && seen.size < 2; i++) { // each goes to either, as by a coin
    const answer = await ask(port, utf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    seen.add(await answer.body());
  }
  assert.equal(seen.size, 2, [...seen].join());
}

test(
  "two processes with reusePort share a port, and connections reach both",
  { skip },
  async () => {
    await bothAnswer([], []);
  },
);

if ("Deno" in globalThis) {
  test("so do Deno's own servers, with its flag", { skip }, async () => {
    await bothAnswer(["native"], ["--unstable-net"]);
  });
}
