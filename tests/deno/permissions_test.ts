// Permissions on Deno: the network, and for servers with engine ws two environment variables too.

import { serve, upgrade } from "@isosocket/isosocket";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { watch } from "../../scripts/processes/unhandled.ts";

const ENV = "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE";

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
    assert.equal(await run([], "dialling.ts", server.url, "tcp"), "NotCapable");
  } finally {
    await server.close();
  }
});

test("serve() asks for the network alone; engine ws, and so compression, for two variables", async () => {
  const net = "--allow-net=127.0.0.1";
  const cases = [
    ["{}", "served"],
    ['{"engine":"ws"}', "NotCapable"],
    ['{"compression":true}', "NotCapable"],
  ] as const;
  for (const [options, without] of cases) {
    assert.equal(await run([net], "serving.ts", options), without, options);
    assert.equal(await run([net, ENV], "serving.ts", options), "served", options);
  }
});
