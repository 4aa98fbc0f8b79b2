// Permissions on Deno: the network, and nothing else.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";

/** Flag that permits nothing of use: without any, a process that Deno starts may do what Deno may. */
const NOTHING = "--allow-env=NOTHING";

function run(
  permissions: readonly string[],
  name: "dialling.ts" | "serving.ts",
  ...args: readonly string[]
): Promise<string> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const command = ["run", "--no-check", "--no-prompt", "--quiet", ...permissions, script, ...args];
  const child = watch(
    spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] }),
    true,
  );
  let output = "";
  child.stdout.on("data", (chunk) => output += chunk);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output.trim()));
  });
}

test("connect() asks for the network alone, by each engine", async () => {
  const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
    const { socket, response } = upgrade(request);
    socket.onopen = () => socket.close();
    return response;
  });
  const net = `--allow-net=127.0.0.1:${server.port}`;
  try {
    assert.equal(await run([net], "dialling.ts", server.url), "open");
    assert.equal(await run([net], "dialling.ts", server.url, "native"), "open");
    assert.equal(await run([net], "dialling.ts", server.url, "tcp"), "open");
    assert.equal(await run([NOTHING], "dialling.ts", server.url, "tcp"), "NotCapable");
  } finally {
    await server.close();
  }
});

test("serve() asks for the network alone, by each engine", async () => {
  for (const options of ["{}", '{"engine":"tcp"}', '{"compression":true}']) {
    assert.equal(await run(["--allow-net=127.0.0.1"], "serving.ts", options), "served", options);
  }
  assert.equal(await run([NOTHING], "serving.ts", "{}"), "Error");
});
