// The command as a program that needs no runtime, as .github/workflows/release.yml builds it, for this
// system: it serves, judges and connects, with nothing on its path.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { watch } from "../../scripts/processes/unhandled.ts";
import deno from "../../deno.json" with { type: "json" };
import { ROOT, run, runtimes } from "./consumer.ts";

const folder = await mkdtemp(join(tmpdir(), "binaries-"));
after(() => rm(folder, { recursive: true }));

const ALONE = { PATH: "/nonexistent", HOME: folder };

/** Builds the program; returns its path. */
async function built(): Promise<string> {
  const text = await readFile(join(ROOT, ".github/workflows/release.yml"), "utf8");
  const [, script] = /run: node (scripts\/binaries\.ts) --all binaries$/m.exec(text)!;
  const { status, output } = await run([...runtimes["Node 24"]!, script!, folder], ROOT);
  assert.equal(status, 0, output);
  const sums = await readFile(join(folder, "SHA256SUMS"), "utf8");
  const [, sum, name] = /^([\da-f]{64}) {2}(isosocket-[\w.-]+)\n$/.exec(sums)!;
  const file = join(folder, name!);
  assert.equal(createHash("sha256").update(await readFile(file)).digest("hex"), sum);
  return file;
}

test(
  "the program serves, judges and connects, without a runtime",
  { timeout: 120_000 },
  async () => {
    const file = await built();
    const version = await run([file, "--version"], folder, ALONE);
    assert.deepEqual([version.status, version.output], [0, `${deno.version}\n`]);
    const server = watch(
      spawn(file, ["serve", "--port", "0"], { env: ALONE, stdio: ["ignore", "pipe", "pipe"] }),
      true,
    );
    try {
      let printed = "";
      const url = await new Promise<string>((resolve, reject) => {
        server.once("exit", () => reject(new Error(printed)));
        server.stdout.on("data", (octets) => {
          printed += octets;
          const found = /ws:\/\/\S+/.exec(printed);
          if (found !== null) resolve(found[0]);
        });
      });
      const judged = await run([file, "judge", url, "5.5", "--quiet"], folder, ALONE);
      assert.match(judged.output, /\d+ passed, 0 failed/);
      assert.equal(judged.status, 0);
      const id = "5.5/refuses-a-ping-of-126-bytes";
      const program = await run([file, "judge", "repro", id, "--python"], folder, ALONE);
      assert.match(program.output, /^# 5\.5\/refuses-a-ping-of-126-bytes\n/);
      const refused = await run([file, "connect", "ws://127.0.0.1:1/"], folder, ALONE);
      assert.equal(refused.status, 1, refused.output);
      const connected = await run(
        ["/bin/sh", "-c", 'echo hi | "$0" connect "$1" --once', file, url],
        folder,
        ALONE,
      );
      assert.match(connected.output, /^hi$/m);
      assert.equal(connected.status, 0);
    } finally {
      server.kill("SIGKILL");
    }
  },
);
