// The programs of docs/migrating.md: those before and after behave alike to a client or a server.

import { connect, serve, type Socket, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtime } from "../runtime.ts";
import { type Block, blocksOf, read } from "./page.ts";
import { freePort, start } from "./program.ts";

const blocks = blocksOf("docs/migrating.md");

/** Returns the title of a program, from its first line. */
function titleOf({ code }: Block): string {
  return /^\/\/ ((?:Before|After): .*)\n/.exec(code)?.[1] ?? "";
}

const servers = blocks.filter(({ code }) => code.includes("401"));
const clients = blocks.filter(({ code }) => code.includes("ws://"));

/** The other packages are tested on Node only, which most of them are made for. */
function isTested(block: Block): boolean {
  return titleOf(block).startsWith("After") || runtime === "node 24";
}

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve(socket));
    socket.addEventListener("error", ({ error }) => reject(error));
  });
}

function nextOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => resolve(data), { once: true });
  });
}

test("each program is a server or a client, before or after", () => {
  assert.deepEqual(blocks.filter((block) => titleOf(block) === ""), []);
  assert.equal(servers.length + clients.length, blocks.length);
  const sides = [servers, clients].flatMap((some) => some.map((it) => titleOf(it).split(":")[0]));
  assert.deepEqual(sides.sort(), ["After", "After", "After", ...Array(5).fill("Before")]);
});

test("the versions compared are those that run", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const installed: Record<string, string> = { ...dependencies, ...devDependencies };
  for (const page of ["README.md", "docs/migrating.md"]) {
    const text = read(page);
    let found = 0;
    for (const [, name, version] of text.matchAll(/([\w@/-]+)\s(\d+\.\d+\.\d+)\b/g)) {
      if (!(name! in installed)) continue;
      found++;
      assert.equal(version, installed[name!], `${page}: ${name}`);
    }
    assert.ok(found >= 5, `${page} names ${found}`);
  }
});

for (const block of servers.filter(isTested)) {
  test(`${titleOf(block)}: a page, a refusal, a room, a close`, async () => {
    const port = await freePort();
    const program = await start(block, port);
    try {
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "Hello");

      const url = `ws://127.0.0.1:${port}/?token=`;
      const refused = await opened(connect(`${url}wrong`, { engine: "tcp" })).catch((error) =>
        error
      );
      assert.equal(refused.cause.status, 401);

      const one = await opened(connect(`${url}secret`));
      const heard: string[] = [];
      one.addEventListener("message", ({ data }) => heard.push(data));
      const other = await opened(connect(`${url}secret`));
      const [toOne, toOther] = [nextOf(one), nextOf(other)];
      other.send("is anybody here?");
      assert.equal(await toOne, "is anybody here?");
      one.send("yes");
      assert.equal(await toOther, "yes");
      assert.deepEqual(heard, ["is anybody here?"]);

      one.close(4001, "bye");
      const { code, reason, wasClean } = await one.closed;
      assert.deepEqual([code, reason, wasClean], [4001, "bye", true]);
      assert.equal(await program.line(), "4001 bye");
    } finally {
      program.end();
    }
  });
}

for (const block of clients.filter(isTested)) {
  test(`${titleOf(block)}: says hello, and comes back when the server fails`, async () => {
    const queries: string[] = [];
    const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
      const { socket, response } = upgrade(request);
      queries.push(new URL(request.url).search);
      if (queries.length > 1) socket.onopen = () => socket.send("welcome back");
      socket.onmessage = ({ data }) => {
        socket.send(`${data} to you`);
        socket.close(1011);
      };
      return response;
    });
    const program = await start(block, server.port);
    try {
      assert.equal(await program.line(), "hello to you");
      assert.equal(await program.line(), "welcome back");
      assert.deepEqual(queries, ["?token=secret", "?token=secret"]);
    } finally {
      program.end();
      await server.close();
    }
  });
}
