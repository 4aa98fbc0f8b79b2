// What it costs to start a process that imports a door, beside one that imports nothing: from the
// start of the process to its end, and the memory that it holds when the import is done.
//
//   node scripts/import_cost.ts               each runtime, 15 starts of each door
//   node scripts/import_cost.ts 5 deno bun    5 starts, on two of them
//
// Medians. Bun and Node import the npm package, which is packed for it, and Deno the source, as from
// JSR: it takes the types away once, and keeps what is left. All doors take turns, so that what else
// the machine does hits all.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { command, type Runtime } from "./processes/runtime.ts";

/** One start. */
interface Start {
  readonly milliseconds: number;
  /** Bytes. */
  readonly rss: number;
}

const program = new URL("processes/importing.mjs", import.meta.url);
const config = JSON.parse(readFileSync(new URL("../deno.json", import.meta.url), "utf8"));

const root = fileURLToPath(new URL("..", import.meta.url));

/** Doors, as paths from the root; one that is a command would run. */
const doors = Object.entries<string>(config.exports).filter(([name]) => name !== "./cli");

/** Packs the package, and resolves with where it is: below the root, so that it finds others. */
function packed(): string {
  const folder = join(root, ".build/import_cost");
  mkdirSync(folder, { recursive: true });
  const tarball = join(folder, "package.tgz");
  const [deno] = command("deno", program);
  execFileSync(deno!, ["run", "-A", "--quiet", "scripts/pack_npm.ts", tarball], { cwd: root });
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  return join(folder, "package");
}

/** What a runtime imports: first nothing, then each door. */
function modulesOf(runtime: Runtime, folder: string): (string | undefined)[] {
  const paths = doors.map(([, path]) =>
    runtime.startsWith("deno") ? join(root, path) : join(folder, path.replace(/ts$/, "js"))
  );
  return [undefined, ...paths.map((path) => pathToFileURL(path).href)];
}

/** Starts one process; `undefined` if it fails: a door may be another runtime's. */
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

/** Medians of all doors; the first start of each, which fills caches, does not count. */
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

const [times = "15", ...asked] = process.argv.slice(2);
const runtimes = asked.length > 0 ? asked : ["deno", "bun", "node22", "node24", "node26"];
const folder = packed();
const columns = runtimes.map((runtime) => measure(runtime as Runtime, folder, Number(times)));

console.log(`| import | ${runtimes.join(" | ")} |\n|---|${"--:|".repeat(runtimes.length)}`);
for (const [i, name] of ["nothing", ...doors.map(([name]) => name)].entries()) {
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
