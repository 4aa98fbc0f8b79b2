// Pings in numbers that nobody needs.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, join, ping, text } from "../../src/testing/contract/frame.ts";
import { askUpgrade } from "./raw_client.ts";

/** More Pongs than any system takes for a peer that does not read: 25 MB. */
const PINGS = 200_000;

/** ms: who has not read the Pings by then waits for the Pongs to be read. */
const PATIENCE = 3000;

test("a peer that pings very often, and reads late, is none the worse", async () => {
  let heard!: () => void;
  const message = new Promise<void>((resolve) => heard = resolve);
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = (event) => {
      heard();
      socket.send(event.data);
    };
    return response;
  });
  const { peer: { wire } } = await askUpgrade(server.port);
  await wire.pause();
  const one = encode(ping("p".repeat(125)), true);
  const bytes = new Uint8Array(PINGS * one.length);
  for (let i = 0; i < PINGS; i++) bytes.set(one, i * one.length);
  const written = wire.write(join([bytes, encode(text("alive"), true)]));
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([message, new Promise<void>((go) => timer = setTimeout(go, PATIENCE))]);
  clearTimeout(timer);
  await wire.resume();
  let pongs = 0;
  for (let end = ""; !end.includes("alive");) {
    const chunk = await wire.read();
    assert.ok(chunk !== undefined, `the connection ended after ${pongs} bytes of Pongs`);
    pongs += chunk.length;
    end = end.slice(-10) + new TextDecoder("latin1").decode(chunk);
  }
  assert.ok(pongs > 127, `${pongs} bytes`);
  await written;
  await wire.reset();
  await server.close({ deadline: 0 });
});
