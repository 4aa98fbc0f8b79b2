// npm run pack: what it prints can be done as it stands, and it refuses what it does not know.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import deno from "../../deno.json" with { type: "json" };
import { ROOT, run, runtimes, tarball } from "./consumer.ts";

// Plain JavaScript, for a machine that has only Node.
const { instructions }: { instructions(tarball: string, version: string): string } = await import(
  pathToFileURL(join(ROOT, "scripts/run/pack.mjs")).href
);

const folder = await mkdtemp(join(tmpdir(), "isosocket-"));
after(() => rm(folder, { recursive: true }));

const said = instructions(tarball, deno.version);

test("npm run pack says what it made, and how to install it on each runtime", () => {
  assert.match(said, /^isosocket \d+\.\d+\.\d+, \d{3,4} kB: \S+\.tgz$/m);
  for (
    const [runtime, command] of [["Node", "npm install"], ["Bun", "bun add"], [
      "Deno",
      "npm install",
    ]]
  ) {
    assert.ok(said.includes(`  ${runtime!.padEnd(7)}${command} ${tarball}\n`), runtime);
  }
});

test("Deno runs the unpacked folder with the deno.json that is printed", async () => {
  const { status, output } = await run(["tar", "-xzf", tarball], folder);
  assert.equal(status, 0, output);
  await writeFile(join(folder, "deno.json"), /^ *(\{ "nodeModulesDir"[^]*\})$/m.exec(said)![1]!);
  await writeFile(
    join(folder, "program.ts"),
    `
import { connect, serve, upgrade } from "isosocket";
const server = await serve({ port: 0, hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = upgrade(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
const socket = connect(server.url);
await socket.opened;
socket.send("hello");
for await (const data of socket) {
  console.log(data);
  socket.close();
}
await server.close();
`,
  );
  const [command] = runtimes["Deno"]!;
  const ran = await run([command!, "run", "-A", "--quiet", "--check", "program.ts"], folder);
  assert.deepEqual(ran, { status: 0, output: "hello\n" });
});

for (const words of [["--out", "x.tgz"], ["x.zip"], ["a.tgz", "b.tgz"]]) {
  test(`npm run pack -- ${words.join(" ")} is a mistake`, async () => {
    const command = [...runtimes["Node 24"]!, "scripts/run.mjs", "pack", ...words];
    const { status, output } = await run(command, ROOT);
    assert.match(output, /^Cannot pack into .*: usage: npm run pack \[-- file\.tgz\]$/m);
    assert.equal(status, 2);
  });
}
