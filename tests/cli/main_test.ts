// The command as a whole: what it says without arguments, its help, and outputs that nobody reads.

import { connect, serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { watch } from "../../scripts/processes/unhandled.ts";
import { here, run, skip, start } from "./command.ts";

const options = { skip };

test(
  "isosocket alone teaches: what there is, three examples, and where to go on",
  options,
  async () => {
    const { code, stdout, stderr } = await run();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout.match(/^ {2}isosocket \w+/gm)?.length, 3);
    assert.match(stdout, /"isosocket --help"/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  },
);

test("isosocket help knows each command", options, async () => {
  const { code, stdout } = await run("help", "connect");
  assert.equal(code, 0);
  assert.match(stdout, /^A WebSocket by hand, or in a pipe\.\n\nUsage: isosocket connect /);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});

test("commands end when nobody reads what they print, without a stack", options, async () => {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  const [file, before] = here;
  const script = 'url=$1; shift; "$@" judge list | true; "$@" judge $url 5.5 | true; echo over';
  const shell = start(["-c", script, "sh", server.url, file, ...before], ["sh", []]);
  try {
    assert.deepEqual(await shell.ended, { code: 0, stdout: "over\n", stderr: "" });
  } finally {
    await server.close();
  }
});

test("serve ends, and closes its sockets, when nobody reads its log", options, async () => {
  const [file, before] = here;
  const child = watch(spawn(file, [...before, "serve", "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  }));
  let printed = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    printed += chunk;
    if (printed.includes("Ctrl-C")) break; // which closes the pipe
  }
  const url = /ws:\S+/.exec(printed)![0];
  const ended = once(child, "close");
  assert.equal((await connect(url).closed).code, 1001);
  assert.deepEqual(await ended, [0, null]);
});
