// The step of the release that builds the npm package, exactly as the workflow says, from a clean checkout.
// In place of JSR there is a server that has a stand-in for dnt. What comes out is what pack_npm.ts packs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import deno from "../../deno.json" with { type: "json" };
import { consumer, ROOT, run, runtimes, tool } from "./consumer.ts";

const PROGRAM = "esm/src/cli/main.js";

/** The step of the workflow. */
const [, LINE] = /run: (deno run -A scripts\/build_npm\.ts .*)/.exec(
  await readFile(join(ROOT, ".github/workflows/ci.yml"), "utf8"),
)!;

const away = await mkdtemp(join(tmpdir(), "isosocket-"));
const checkout = join(away, "checkout");
const options = join(away, "options.json");
const standIn = await readFile(join(ROOT, "tests/package/stand_in_dnt.ts"));

/** JSR, with one package in one version: `/broken/` has one that cannot be loaded. */
const jsr = createServer(({ url = "" }, response) => {
  const module = url.startsWith("/broken/") ? Buffer.from("throw new Error('too old');") : standIn;
  const checksum = `sha256-${createHash("sha256").update(module).digest("hex")}`;
  const answers: Readonly<Record<string, string | Buffer>> = {
    "meta.json": JSON.stringify({
      scope: "deno",
      name: "dnt",
      latest: "0.43.2",
      versions: { "0.43.2": {} },
    }),
    "0.43.2_meta.json": JSON.stringify({
      manifest: { "/mod.ts": { size: module.length, checksum } },
      exports: { ".": "./mod.ts" },
    }),
    "0.43.2/mod.ts": module,
  };
  const answer = answers[url.replace(/^.*\/@deno\/dnt\//, "")];
  response.writeHead(answer === undefined ? 404 : 200).end(answer);
});

before(async () => {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const paths = ["*.json", "*.md", "LICENSE", "deno.lock", "mod.ts", "src", "scripts"];
  const files = execFileSync("git", [...args, ...paths], { cwd: ROOT, encoding: "utf8" });
  for (const file of files.split("\0").slice(0, -1)) {
    await mkdir(dirname(join(checkout, file)), { recursive: true });
    await cp(join(ROOT, file), join(checkout, file));
  }
  for (const folder of ["node_modules", "scripts/node_modules"]) { // npm ci
    await symlink(join(ROOT, folder), join(checkout, folder), "junction");
  }
  await mkdir(join(away, "bin"));
  await symlink(runtimes["Deno"]![0]!, join(away, "bin/deno"));
  await new Promise<void>((resolve) => void jsr.listen(0, "127.0.0.1", resolve));
});

after(async () => {
  jsr.close();
  await rm(away, { recursive: true });
});

/** Runs the step for a tag, with JSR at an address. Deno locks what it gets, beside scripts/package.json. */
async function release(tag: string, url: string): Promise<{ status: number; output: string }> {
  await rm(join(checkout, "scripts/deno.lock"), { force: true });
  const env = {
    PATH: `${join(away, "bin")}${delimiter}${process.env["PATH"]}`,
    VERSION: tag,
    JSR_URL: url,
    DENO_DIR: join(away, "cache"),
    STAND_IN_TOOLS: tool(""),
    STAND_IN_MODULES: join(ROOT, "node_modules"),
    STAND_IN_OPTIONS: options,
  };
  return await run(["sh", "-c", LINE!], checkout, env, 190_000);
}

function address(path: string): string {
  const { port } = jsr.address() as { port: number };
  return `http://127.0.0.1:${port}${path}`;
}

test("without JSR, build_npm.ts says why it cannot build, and what can", async () => {
  const { status, output } = await release(`v${deno.version}`, "http://127.0.0.1:9/");
  assert.match(output, /^Cannot build with dnt: it could not be loaded: .*127\.0\.0\.1:9/m);
  assert.match(output, /scripts\/pack_npm\.ts packs the same/);
  assert.equal(status, 1);
});

test("when dnt fails by itself, build_npm.ts says so", async () => {
  const { status, output } = await release(`v${deno.version}`, address("/broken/"));
  assert.match(output, /^Cannot build with dnt: it could not be loaded: too old$/m);
  assert.equal(status, 1);
});

test("build_npm.ts builds no other version than that of deno.json", async () => {
  const { status, output } = await release("v999.0.0", address("/"));
  assert.match(
    output,
    new RegExp(`^Cannot build v999.0.0: deno.json says .* ${deno.version}$`, "m"),
  );
  assert.equal(status, 2);
});

/** Returns the files of a folder, and what is in those that match. */
async function filesIn(folder: string, kind: RegExp): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name))
    .sort();
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => {
      return [file.slice(folder.length + 1), kind.test(file) ? await readFile(file, "utf8") : ""];
    })),
  );
}

test("the step of the release makes the package that pack_npm.ts packs", {
  timeout: 200_000,
  skip: process.platform === "win32" && "The step is run by sh",
}, async () => {
  const { status, output } = await release(`v${deno.version}`, address("/"));
  assert.equal(status, 0, output);
  const unpacked = join(away, "unpacked");
  await mkdir(unpacked);
  await run(["tar", "-xzf", join(checkout, "npm/isosocket.tgz"), "-C", unpacked], away);
  const made = join(unpacked, "package");
  // The forms of CommonJS differ, as they come from two compilers.
  const same = /\.(?:d\.ts|json|md)$|[/\\]esm[/\\].*\.js$/;
  assert.deepEqual(
    await filesIn(made, same),
    await filesIn(join(consumer, "node_modules/isosocket"), same),
  );
  assert.match(await readFile(join(made, PROGRAM), "utf8"), /^#!\/usr\/bin\/env node\n(?!#!)/);
  await symlink(join(ROOT, "node_modules"), join(unpacked, "node_modules"), "junction");
  const modules = Object.entries(deno.exports).filter(([path]) => path !== "./cli")
    .map(([, source]) => source.replace("./", "./script/").replace(/\.ts$/, ".js"));
  const script = `for (const path of ${JSON.stringify(modules)}) require(path);`;
  const command = [...runtimes["Node 24"]!, "-e", script];
  assert.deepEqual(await run(command, made), { status: 0, output: "" });
});

/** A declaration in the output of `deno doc --json`. */
interface Declared {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly def: { readonly properties?: readonly { readonly name: string }[] };
  }[];
}

test("scripts/dnt declares what build_npm.ts uses of dnt, and nothing else", async () => {
  const command = [runtimes["Deno"]![0]!, "doc", "--json", "scripts/dnt/mod.ts"];
  const { output } = await run(command, ROOT);
  const { nodes }: { nodes: Record<string, { symbols: Declared[] }> } = JSON.parse(output);
  const symbols = Object.values(nodes)[0]!.symbols;
  const declared = new Map(symbols.map(({ name, declarations }) => {
    const [{ kind, def }] = declarations as [Declared["declarations"][number]];
    return [name, kind === "interface" ? def.properties!.map(({ name }) => name).sort() : kind];
  }));
  const used = JSON.parse(await readFile(options, "utf8"));
  const keys = (...objects: object[]): string[] =>
    [...new Set(objects.flatMap(Object.keys))].sort();
  assert.deepEqual(Object.fromEntries(declared), {
    BuildOptions: keys(used),
    CompilerOptions: keys(used.compilerOptions),
    EntryPoint: keys(...used.entryPoints),
    PolyfillOptions: keys(used.polyfills),
    build: "function",
    emptyDir: "function",
  });
});
