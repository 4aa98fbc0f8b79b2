/**
 * Judges servers and clients of others, runtimes, browsers and isosocket; writes what was found into
 * tests/conformance/foreign/judgements.json, and the public matrix that follows.
 *
 * ```sh
 * apt-get install golang-go golang-github-gorilla-websocket-dev gjs gir1.2-soup-3.0 libmojolicious-perl \
 *   python3-aiohttp python3-tornado python3-websockets
 * npm ci --prefix tests/conformance/foreign
 * node scripts/foreign.ts [NAME …]
 * ```
 *
 * A subject that is not installed keeps what was found before.
 *
 * @module
 */

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname } from "node:path";
import process from "node:process";
import { ServerCommand, startServer } from "../src/cli/judge/server_command.ts";
import { judgeClients } from "../src/conformance/judge_clients.ts";
import { judgeServer } from "../src/conformance/judge_server.ts";
import { inWords, tally } from "../src/conformance/report/mod.ts";
import type { Run } from "../src/conformance/result.ts";
import { type Foreign, foreign, versionOf } from "../tests/conformance/foreign/subjects.ts";
import {
  compressing,
  isThere,
  type Judged,
  judged,
  subjects,
} from "../tests/conformance/subjects.ts";
import { type Judgement, judgementOf } from "./matrix/judgement.ts";
import { JUDGEMENTS, readJudgements, writeMatrix } from "./matrix/write.ts";
import { titleOf, versionOfSubject } from "./written.ts";

/** Milliseconds of silence after which an expectation fails. */
const TIMEOUT = 5000;

/** Returns a port on which nobody listens now: the servers print none of their own. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function judgedForeign({ name, kind, command, build }: Foreign): Promise<Run> {
  const [file, ...args] = build ?? [];
  if (file !== undefined) {
    const env = { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode" };
    mkdirSync(dirname(command[0]!), { recursive: true });
    execFileSync(file, args, { env, stdio: "inherit" });
  }
  if (kind === "client") {
    const judge = await judgeClients({ port: 0, timeout: TIMEOUT });
    const child = spawn(command[0]!, [...command.slice(1), judge.url, name], { stdio: "ignore" });
    await new Promise((resolve) => child.once("exit", resolve));
    const [run] = await judge.close();
    if (run === undefined) throw new Error(`Cannot judge ${name}: it never came`);
    return run;
  }
  const url = new URL(`ws://127.0.0.1:${await freePort()}/`);
  const server = new ServerCommand([...command, "{port}"], url, true);
  try {
    await startServer(server, url, { signal: new AbortController().signal }, "");
    return await judgeServer(url.href, { server, agent: name, timeout: TIMEOUT });
  } finally {
    await server.stop();
  }
}

/** Servers whose programs compress if they are told to, as those of ours that compress are. */
const TOLD = ["bun-server", "ws-server"];

/** Compression is on wherever a subject has it. */
function withCompression(subject: Judged): Judged {
  const ours = compressing.find(({ name }) => name === subject.name);
  const isTold = TOLD.includes(subject.name);
  return ours ?? (isTold ? { ...subject, command: [...subject.command, "deflate"] } : subject);
}

// A run that is cut short ends its servers: they end with the process.
process.once("SIGTERM", () => process.exit(1));

const names = process.argv.slice(2);
const isChosen = (name: string): boolean =>
  names.length === 0 || names.some((part) => name.includes(part));

const found = new Map(readJudgements().map((one) => [one.name, one]));

async function keep(
  about: Pick<Judgement, "kind" | "name" | "title" | "version">,
  judge: () => Promise<Run>,
): Promise<void> {
  const run = await judge();
  found.set(about.name, judgementOf(about, run));
  const order = [...subjects, ...foreign].map(({ name }) => name);
  const all = order.flatMap((name) => found.get(name) ?? []);
  const lines = all.map((one) => JSON.stringify(one));
  writeFileSync(JUDGEMENTS, `[\n${lines.join(",\n")}\n]\n`);
  console.error(`${about.name}: ${inWords(tally(run.results))} in ${(run.ms / 1000).toFixed(1)} s`);
}

for (const subject of foreign.filter(({ name }) => isChosen(name))) {
  const { name, kind, title } = subject;
  const version = versionOf(subject);
  if (version === undefined) console.error(`${name}: it is not installed`);
  else await keep({ name, kind, title, version }, () => judgedForeign(subject));
}
for (const subject of subjects.filter(({ name }) => isChosen(name))) {
  const { name, kind } = subject;
  const about = { name, kind, title: titleOf(subject), version: versionOfSubject(subject) };
  if (!isThere(subject)) console.error(`${name}: it is not installed`);
  else await keep(about, () => judged(withCompression(subject), { timeout: TIMEOUT }));
}
writeMatrix();
