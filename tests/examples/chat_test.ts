// The chat room of examples/, as its users start it: two processes, on the runtime of this test.

import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const started: ChildProcessWithoutNullStreams[] = [];
after(() => started.forEach((child) => child.kill("SIGKILL")));

/** Starts an example, and reads what it prints, line by line. */
function start(file: string, ...args: string[]): {
  child: ChildProcessWithoutNullStreams;
  line(): Promise<string>;
} {
  const how = "Deno" in globalThis ? ["run", "-A"] : [];
  const env = { ...process.env, PORT: "0", NO_COLOR: "1" };
  const command = [...how, join(root, file), ...args];
  const child = watch(spawn(process.execPath, command, { cwd: root, env }));
  started.push(child);
  let text = "";
  let wake: (() => void) | undefined;
  const hear = (chunk: Uint8Array): void => {
    text += chunk;
    wake?.();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const line = async (): Promise<string> => {
    while (!text.includes("\n")) await new Promise<void>((resolve) => wake = resolve);
    const end = text.indexOf("\n");
    const first = text.slice(0, end);
    text = text.slice(end + 1);
    return first;
  };
  return { child, line };
}

test("two processes talk, and SIGTERM ends both in good order", async () => {
  const server = start("examples/chat_server.ts");
  const url = await server.line();
  assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/room\?name=you$/);
  const client = start("examples/chat_client.ts", url, "hello");
  assert.equal(await client.line(), "you came in");
  assert.equal(await client.line(), "you: hello");
  const exited = new Promise((resolve) => server.child.on("exit", resolve));
  process.kill(server.child.pid!, "SIGTERM"); // Deno takes kill() for the end, whatever the code
  assert.equal(await client.line(), "closed: 1001 closing time");
  assert.equal(await server.line(), "1 closed, 0 terminated");
  assert.equal(await exited, 0);
});
