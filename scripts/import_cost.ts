// Measures a process that imports an entry point, beside one that imports nothing: the time from its
// start to its end, and its resident memory after the import.
//
//   node scripts/import_cost.ts               each runtime, 15 starts of each entry point
//   node scripts/import_cost.ts 5 deno bun    5 starts, on two of them
//
// Prints medians. Bun and Node import the npm package, which is packed for this, and Deno the source,
// as from JSR: it strips the types once, and caches the result. All entry points take turns, so that
// other load on the machine affects all of them.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packedPackage } from "./packed_package.ts";
import { command, type Runtime } from "./processes/runtime.ts";

/** Cost of one start. */
interface Start {
  readonly milliseconds: number;
  /** Resident memory, in bytes. */
  readonly rss: number;
}

const program = new URL("processes/importing.mjs", import.meta.url);
const config = JSON.parse(readFileSync(new URL("../deno.json", import.meta.url), "utf8"));

const root = fileURLToPath(new URL("..", import.meta.url));

/** Entry points, by name, without the command, which would run. */
const entryPoints = Object.entries<string>(config.exports).filter(([name]) => name !== "./cli");

/** Returns the modules that a runtime imports: first none, then each entry point. */
function modulesOf(runtime: Runtime, folder: string): (string | undefined)[] {
  const paths = entryPoints.map(([, path]) =>
    runtime.startsWith("deno") ? join(root, path) : join(folder, "esm", path.replace(/ts$/, "js"))
  );
  return [undefined, ...paths.map((path) => pathToFileURL(path).href)];
}

/** Starts one process. Returns `undefined` if it fails: the entry point may be another runtime's. */
function start(runtime: Runtime, module: string | undefined): Start | undefined {
  const [file, ...args] = command(runtime, program, ...module === undefined ? [] : [module]);
  const began = performance.now();
  const { status, stdout } = spawnSync(file!, args, { encoding: "utf8" });
  const milliseconds = performance.now() - began;
  return status === 0 ? { milliseconds, rss: JSON.parse(stdout).rss } : undefined;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** Returns the medians of all entry points, without the first start of each, which fills caches. */
function measure(runtime: Runtime, folder: string, times: number): (Start | undefined)[] {
  const modules = modulesOf(runtime, folder);
  const starts: Start[][] = modules.map(() => []);
  for (let turn = 0; turn <= times; turn++) {
    for (const [i, module] of modules.entries()) {
      const one = start(runtime, module);
      if (one !== undefined && turn > 0) starts[i]!.push(one);
    }
  }
  return starts.map((all) =>
    all.length < times ? undefined : {
      milliseconds: median(all.map(({ milliseconds }) => milliseconds)),
      rss: median(all.map(({ rss }) => rss)),
    }
  );
}

const [times = "15", ...chosen] = process.argv.slice(2);
const runtimes = chosen.length > 0 ? chosen : ["deno", "bun", "node22", "node24", "node26"];
const folder = packedPackage();
const columns = runtimes.map((runtime) => measure(runtime as Runtime, folder, Number(times)));

console.log(`| import | ${runtimes.join(" | ")} |\n|---|${"--:|".repeat(runtimes.length)}`);
for (const [i, name] of ["nothing", ...entryPoints.map(([name]) => name)].entries()) {
  const cells = columns.map((column) => {
    const [one, none] = [column[i], column[0]];
    if (one === undefined || none === undefined) return "–";
    const base = i === 0 ? { milliseconds: 0, rss: 0 } : none;
    const sign = i === 0 ? "" : "+";
    const megabytes = (one.rss - base.rss) / 1e6;
    return `${sign}${(one.milliseconds - base.milliseconds).toFixed(0)} ms, ` +
      `${sign}${megabytes.toFixed(1)} MB`.replace("+-", "−");
  });
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}
