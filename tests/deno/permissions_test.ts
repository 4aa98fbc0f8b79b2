// What Deno asks for: the network, and with engine ws an environment too.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("dialling.ts", import.meta.url));

function run(permissions: readonly string[], ...args: readonly string[]): Promise<string> {
  const command = ["run", "--no-check", "--no-prompt", "--quiet", ...permissions, script, ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => output += chunk);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output.trim()));
  });
}

test("connect() asks for the network alone; engine ws for two variables of the environment", async () => {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    socket.onopen = () => socket.close();
    return response;
  });
  const net = `--allow-net=127.0.0.1:${server.port}`;
  const env = "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE";
  try {
    assert.equal(await run([net], server.url), "open");
    assert.equal(await run([net], server.url, "native"), "open");
    assert.equal(await run([net], server.url, "ws"), "NotCapable");
    assert.equal(await run([net, env], server.url, "ws"), "open");
    assert.equal(await run([env], server.url, "ws"), "NotCapable");
  } finally {
    await server.close();
  }
});
