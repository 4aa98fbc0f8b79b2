// A program's onError may itself fail, at once or later: the console shows that, once, and the
// server lives.

import type { Handler, SocketOptions } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import process from "node:process";
import { after, before, test } from "node:test";
import { request } from "../../src/testing/contract/raw_peer.ts";
import { TcpWire } from "../raw_peer/tcp_wire.ts";
import { entryPoints } from "./entry_points.ts";
import { ask } from "./raw_client.ts";

const handled = new Error("of the handler");
const failure = new Error("of onError");

/** An error that the console of this test cannot show: for instance, to ask for its stack throws. */
const hidden = new Error("hidden");

/** Behaviours of `onError`, and what the console shows then. */
const WAYS: Readonly<Record<string, readonly [(error: unknown) => unknown, unknown]>> = {
  "throws": [
    () => {
      throw failure;
    },
    failure,
  ],
  "rejects at once": [() => Promise.reject(failure), failure],
  "rejects later": [
    async () => {
      await new Promise((resolve) => setTimeout(resolve));
      throw failure;
    },
    failure,
  ],
  "returns what rejects when it is waited for": [
    () => ({
      then: (_: unknown, reject: (error: unknown) => void) => setTimeout(() => reject(failure)),
    }),
    failure,
  ],
  "returns what throws when it is waited for": [
    () => ({
      get then() {
        throw failure;
      },
    }),
    failure,
  ],
};

const unowned: unknown[] = [];
const note = (error: unknown): void => void unowned.push(error);
const { error: write } = console;
let shown: unknown[] = [];
let heard: (() => void) | undefined;

before(() => {
  process.on("unhandledRejection", note);
  console.error = (...words: unknown[]): void => {
    shown.push(words[0]);
    heard?.();
  };
});

after(() => {
  TcpWire.dropAll();
  console.error = write;
  process.off("unhandledRejection", note);
  assert.deepEqual(unowned, []);
});

/** Waits for the console to show something, and then for whatever might follow. */
async function toldOnce(): Promise<unknown> {
  if (shown.length === 0) await new Promise<void>((resolve) => heard = resolve);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(shown.length, 1);
  return shown[0];
}

for (const entryPoint of entryPoints) {
  for (const [what, [onError, error]] of Object.entries(WAYS)) {
    test(`${entryPoint.name}: an onError that ${what} is shown by the console, once`, async () => {
      shown = [];
      let isBad = true;
      const handler: Handler = () => {
        if (isBad) throw handled;
        return new Response("alive");
      };
      const options = { onError } as SocketOptions;
      const open = await entryPoint.open(handler, options);
      assert.equal((await ask(open.connect, request("/"))).status, 500);
      assert.equal(await toldOnce(), error);
      isBad = false;
      assert.equal((await ask(open.connect, request("/"))).status, 200);
      await open.close();
    });
  }
}

test("an error that no console can show does not end the server", async () => {
  shown = [];
  console.error = (...words: unknown[]): void => {
    shown.push(words[0]);
    if (words[0] === hidden) throw failure;
  };
  const open = await entryPoints[0]!.open(() => {
    throw hidden;
  });
  assert.equal((await ask(open.connect, request("/"))).status, 500);
  assert.equal(shown[0], hidden);
  assert.equal((await ask(open.connect, request("/"))).status, 500);
  await open.close();
});
