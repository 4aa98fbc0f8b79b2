/**
 * Plays the Autobahn test suite and the judge against the same subjects, and prints every case on
 * which they disagree.
 *
 * ```sh
 * node scripts/autobahn.ts                           # a server and a client, on this runtime
 * node scripts/autobahn.ts --cases '1.*,7.*' --only server
 * node scripts/autobahn.ts --url ws://127.0.0.1:8080 # a server that runs already
 * node scripts/autobahn.ts --client 'deno run -A echo.ts {url} {agent}'
 * ```
 *
 * It needs a Docker engine (or Podman) that lets containers use the network of the host. Exit code:
 * 0 if they agree, 1 if they disagree, 2 if they could not be compared.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { judgeClients } from "../src/conformance/judge_clients.ts";
import { judgeServer } from "../src/conformance/judge_server.ts";
import {
  disagreements,
  isPinned,
  matters,
  narrow,
  patternsOf,
  report,
  type Theirs,
} from "./autobahn_compare.ts";

/** Image of the Autobahn test suite 25.10.1. */
const IMAGE = "docker.io/crossbario/autobahn-testsuite@sha256:" +
  "519915fb568b04c9383f70a1c405ae3ff44ab9e35835b085239c258b6fac3074";

const PORT = 9001;
const AGENT = "subject";
const HOUR = 3_600_000;

/** Error thrown when the two cannot be compared: exit code 2. */
class Untried extends Error {}

const OPTIONS = {
  image: { type: "string", default: IMAGE },
  engine: { type: "string" },
  cases: { type: "string", default: "*" },
  only: { type: "string" },
  url: { type: "string" },
  client: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Parses the arguments. Invalid ones are no disagreement. */
function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const USAGE = `Usage: autobahn.ts [options]
  --image NAME@sha256:…   the suite, pinned by digest (${IMAGE.split("@")[0]}, 25.10.1)
  --engine COMMAND        docker or podman (whichever answers)
  --cases 1.*,7.3.6       what to play (*)
  --only server|client    one of the two (both)
  --url ws://…            a server that runs already (a bare one on this runtime)
  --client 'COMMAND'      a client that drives itself; {url} and {agent} are filled in
Exit code: 0 they agree, 1 they do not, 2 it could not be tried.`;

const values = readOptions();

/** Returns the command that runs a file on this runtime. */
function self(file: string, ...args: string[]): string[] {
  const path = fileURLToPath(
    new URL(`../tests/conformance/${file}`, import.meta.url),
  );
  return [
    process.execPath,
    ...("Deno" in globalThis ? ["run", "-A"] : []),
    path,
    ...args,
  ];
}

/** Returns the container engine that is available. */
function findEngine(): string {
  const wanted = values.engine === undefined ? ["docker", "podman"] : [values.engine];
  for (const engine of wanted) {
    // Without its engine, a client only prints its own version, and fails.
    const { status } = spawnSync(engine, ["info"], {
      stdio: "ignore",
      timeout: 20_000,
    });
    if (status === 0) return engine;
  }
  throw new Untried(`No container engine answers (tried ${wanted.join(", ")})`);
}

/** Starts the suite in a container with `directory` mounted at /work. */
function startSuite(
  engine: string,
  directory: string,
  mode: string,
  name: string,
): ChildProcess {
  const { getuid, getgid } = process;
  const user = getuid && getgid && engine === "docker"
    ? ["--user", `${getuid.call(process)}:${getgid.call(process)}`]
    : [];
  // "-u 0": without it, the suite's server also has a page on port 8080, on all interfaces.
  const command = ["wstest", "-m", mode, "-u", "0", "-s", `/work/${mode}.json`];
  const box = [
    "--rm",
    "--name",
    name,
    // The suite's server listens on all interfaces of its container: only ours may reach it.
    ...mode === "fuzzingserver"
      ? ["--publish", `127.0.0.1:${PORT}:${PORT}`]
      : ["--network", "host"],
    "-v",
    `${directory}:/work`,
    ...user,
  ];
  return spawn(engine, ["run", ...box, values.image, ...command], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Waits for the end of a process; returns its exit code. */
function ended(child: ChildProcess, within = HOUR): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Untried(`Nothing ended in ${within} ms`)),
      within,
    );
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      resolve(code);
    };
    child.once("error", () => finish(127));
    child.once("exit", finish);
    if (child.exitCode !== null || child.signalCode !== null) finish(child.exitCode);
  });
}

/** Waits until a server listens on the port, or `child` has ended. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Untried(`The suite does not listen on port ${port}`);
}

async function indexIn(
  directory: string,
): Promise<Readonly<Record<string, Theirs>>> {
  try {
    const index = JSON.parse(
      await readFile(join(directory, "reports", "index.json"), "utf8"),
    );
    return index[AGENT] ?? {};
  } catch (cause) {
    throw new Untried("The suite left no report", { cause });
  }
}

const cases = values.cases.split(",").map((one) => one.trim()).filter(Boolean);
const patterns = patternsOf(cases);

/** Patterns of the judge. Default: the cases that Autobahn has, too. */
const selected = patterns.length > 0 ? patterns : ["autobahn:"];

/** Starts a bare server on this runtime. */
async function startServer(): Promise<{ url: string; stop: () => void }> {
  const { bun, deno } = process.versions;
  const file = deno ? "servers/deno.mjs" : bun ? "servers/bun.mjs" : "servers/node_ws.mjs";
  const [command, ...args] = self(file, "deflate");
  const child = spawn(command!, args, { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (line) => resolve(`${line}`.trim()));
    child.once("exit", () => reject(new Untried(`Cannot start ${file}`)));
  });
  return { url: `ws://127.0.0.1:${port}/`, stop: () => void child.kill() };
}

/** Compares the two on a server. Returns whether they agree. */
async function compareServer(
  engine: string,
  directory: string,
): Promise<boolean> {
  const server = values.url === undefined
    ? await startServer()
    : { url: values.url, stop: (): void => {} };
  try {
    const spec = {
      outdir: "/work/reports",
      servers: [{ agent: AGENT, url: server.url }],
      cases,
      "exclude-cases": [],
      "exclude-agent-cases": {},
    };
    await writeFile(
      join(directory, "fuzzingclient.json"),
      JSON.stringify(spec),
    );
    const code = await ended(
      startSuite(engine, directory, "fuzzingclient", nameOf("client")),
    );
    if (code !== 0) throw new Untried(`The suite ended with code ${code}`);
    const theirs = await indexIn(directory);
    const { results, stopped } = await judgeServer(server.url, {
      agent: AGENT,
      patterns: selected,
      full: true,
    });
    if (stopped !== null) throw new Untried(`The judge stopped: ${stopped}`);
    return conclude(`Server ${server.url}`, theirs, results);
  } finally {
    server.stop();
  }
}

/** Runs the client against a URL until it ends. */
async function runClient(url: string): Promise<void> {
  const words = values.client?.split(/\s+/) ??
    self("clients/global.mjs", "{url}", "{agent}");
  const [command, ...args] = words.map((word) =>
    word.replaceAll("{url}", url).replaceAll("{agent}", AGENT)
  );
  const code = await ended(
    spawn(command!, args, { stdio: ["ignore", "ignore", "inherit"] }),
  );
  if (code !== 0) throw new Untried(`The client ended with code ${code}`);
}

/** Compares the two on a client. Returns whether they agree. */
async function compareClient(
  engine: string,
  directory: string,
): Promise<boolean> {
  const spec = {
    url: `ws://127.0.0.1:${PORT}`,
    outdir: "/work/reports",
    cases,
    "exclude-cases": [],
    "exclude-agent-cases": {},
  };
  await writeFile(join(directory, "fuzzingserver.json"), JSON.stringify(spec));
  const name = nameOf("server");
  const suite = startSuite(engine, directory, "fuzzingserver", name);
  try {
    await listening(PORT, suite);
    await runClient(`ws://127.0.0.1:${PORT}`);
  } finally {
    spawnSync(engine, ["rm", "-f", name], { stdio: "ignore", timeout: 60_000 });
    await ended(suite, 60_000);
  }
  const theirs = await indexIn(directory);
  const judge = await judgeClients({
    port: 0,
    agent: AGENT,
    patterns: selected,
    full: true,
  });
  try {
    await runClient(judge.url);
  } catch (error) {
    await judge.close();
    throw error;
  }
  const [run] = await judge.close();
  if (run === undefined) throw new Untried("The judge saw no client");
  if (run.stopped !== null) throw new Untried(`The judge stopped: ${run.stopped}`);
  return conclude("Client", theirs, run.results);
}

function conclude(
  title: string,
  theirs: Readonly<Record<string, Theirs>>,
  ours: Parameters<typeof disagreements>[1],
): boolean {
  const found = disagreements(theirs, narrow(ours, cases));
  console.log(report(title, found, Object.keys(theirs).length));
  return !found.some(matters);
}

function nameOf(part: string): string {
  return `isosocket-autobahn-${part}-${process.pid}`;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (!isPinned(values.image)) {
    throw new Untried(
      `Cannot use ${values.image}: give it by digest, name@sha256:…`,
    );
  }
  if (
    values.only !== undefined && !["server", "client"].includes(values.only)
  ) {
    throw new Untried(
      `Cannot compare only ${values.only}: it is server or client`,
    );
  }
  const engine = findEngine();
  const root = await mkdtemp(join(tmpdir(), "autobahn-"));
  try {
    let agree = true;
    for (
      const [side, compare] of [["server", compareServer], [
        "client",
        compareClient,
      ]] as const
    ) {
      if (values.only !== undefined && values.only !== side) continue;
      const directory = join(root, side);
      await mkdir(directory);
      agree = await compare(engine, directory) && agree;
    }
    return agree ? 0 : 1;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  // Whatever goes wrong here is no disagreement, which is 1.
  console.error(error instanceof Untried ? error.message : error);
  process.exitCode = 2;
}
