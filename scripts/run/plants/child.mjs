import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { watch } from "../../processes/unhandled.ts";

test("a process that the test starts does not handle a rejection", async () => {
  const folder = mkdtempSync(join(tmpdir(), "planted-"));
  const file = join(folder, "program.mjs");
  writeFileSync(file, 'setTimeout(() => {}, 60_000); Promise.reject(new Error("planted"));');
  const args = "Deno" in globalThis ? ["run", file] : [file];
  const child = watch(spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] }));
  await new Promise((resolve) => child.on("close", resolve));
  rmSync(folder, { recursive: true });
});
