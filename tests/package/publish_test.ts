// The step of the release that publishes to npm, as the workflow says, against a registry that has nothing,
// the same, or something else.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import deno from "../../deno.json" with { type: "json" };
import { ROOT, run, runtimes, tarball } from "./consumer.ts";

/** The step of the workflow. */
const [, LINE] = /run: (node scripts\/publish_npm\.mjs .*)/.exec(
  await readFile(join(ROOT, ".github/workflows/release.yml"), "utf8"),
)!;

const SAME = `sha512-${createHash("sha512").update(await readFile(tarball)).digest("base64")}`;

let integrity: string | undefined;

/** A registry, of which only one version is asked for. */
const npm = createServer((_request, response) => {
  const manifest = {
    name: "isosocket",
    version: deno.version,
    dist: { integrity, tarball: "http://127.0.0.1:9/isosocket.tgz" },
  };
  response.writeHead(integrity === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({
    name: "isosocket",
    "dist-tags": { latest: deno.version },
    versions: { [deno.version]: manifest },
  }));
});

before(() => new Promise<void>((resolve) => void npm.listen(0, "127.0.0.1", resolve)));
after(() => void npm.close());

/** Runs the step. npm keeps no cache of what the registry said before. */
function publish(had: string | undefined): Promise<{ status: number; output: string }> {
  integrity = had;
  const { port } = npm.address() as { port: number };
  const words = LINE!.split(" ").slice(1).map((it) => it === "npm/isosocket.tgz" ? tarball : it);
  return run([...runtimes["Node 24"]!, ...words], ROOT, {
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_fetch_retries: "0",
    npm_config_prefer_online: "true",
  });
}

test("a version that npm has with the same bytes is as good as published", async () => {
  const { status, output } = await publish(SAME);
  assert.equal(output.trim(), `npm has isosocket@${deno.version} already, with these bytes`);
  assert.equal(status, 0);
});

test("a version that npm has with other bytes is an error", async () => {
  const { status, output } = await publish("sha512-AAAA");
  assert.match(output, /^Cannot publish isosocket@\S+: npm has other bytes under this version$/m);
  assert.equal(status, 1);
});

test("a version that npm has not is published; if that fails, the way out is named", async () => {
  const { status, output } = await publish(undefined);
  assert.match(output, /npm error/); // there are no rights here to publish
  assert.match(output, /^Cannot publish isosocket@.*by hand, as CONTRIBUTING\.md says/m);
  assert.notEqual(status, 0);
});
