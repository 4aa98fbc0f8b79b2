/** A PostgreSQL behind a proxy, with a password. @module */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { postgres, type PostgresSource } from "@isosocket/isosocket/postgres";
import type { BrokerEngine } from "../../src/testing/contract/broker/mod.ts";
import { EngineProcess } from "./engine_process.ts";
import { Proxy } from "./proxy.ts";
import { Servers } from "./servers.ts";

/** Where Debian puts each version. */
const VERSIONS = "/usr/lib/postgresql";

/** The newest that is installed, unless the environment names its folder. */
const BIN = process.env.POSTGRES_BIN ??
  join(VERSIONS, existsSync(VERSIONS) ? readdirSync(VERSIONS).sort().at(-1)! : "15", "bin");

/** The server. */
export const POSTGRES: string = join(BIN, "postgres");

const PASSWORD = "right";
const OTHER = "another";

/** Command and arguments that run a program as somebody who may: PostgreSQL refuses root. */
function asServer(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const user = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"];
  return ["setpriv", [...user, program, ...args]];
}

function run([program, args]: [string, string[]], input = ""): void {
  const { status, stderr } = spawnSync(program, args, { input, encoding: "utf8", cwd: "/" });
  if (status !== 0) throw new Error(`Cannot run ${program} ${args.join(" ")}: ${stderr}`);
}

function handOver(folder: string): void {
  if (process.getuid?.() === 0) run(["chown", ["-R", "postgres:postgres", folder]]);
}

/** Folder with a database that each engine gets a copy of: to make one takes a second. */
let template: string | undefined;

/** Deletes it: for `after()` of each file of tests that starts engines. */
export function removeTemplate(): void {
  if (template !== undefined) rmSync(template, { recursive: true });
  template = undefined;
}
process.on("exit", removeTemplate); // after tests that end early

function templateFolder(): string {
  if (template !== undefined) return template;
  template = mkdtempSync(join(tmpdir(), "postgres-"));
  handOver(template);
  const data = join(template, "data");
  const settings = ["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"];
  run(asServer(join(BIN, "initdb"), ["-D", data, ...settings]));
  const rights = "local all postgres trust\nlocal all tester scram-sha-256\n";
  writeFileSync(join(data, "pg_hba.conf"), rights);
  run(
    asServer(POSTGRES, ["--single", "-D", data, "postgres"]),
    `create role tester login password '${PASSWORD}'\n` +
      "grant create on schema public to tester\n",
  );
  return template;
}

function argsIn(folder: string): string[] {
  const place = ["-D", join(folder, "data"), "-k", folder, "-c", "listen_addresses="];
  return [...place, "-c", "fsync=off", "-c", "shared_buffers=16MB"];
}

/** What PostgreSQL answers while it starts. */
const STARTING = "57P03";

/** Runs statements as the database's owner. */
export async function command(folder: string, statements: string): Promise<unknown[]> {
  const { default: { Client } } = await import("pg" as string);
  for (;;) {
    const client = new Client({ host: folder, user: "postgres", database: "postgres" });
    try {
      await client.connect();
      return (await client.query(statements)).rows;
    } catch (error) {
      if ((error as { code?: string }).code !== STARTING) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end();
    }
  }
}

/** A running engine, and its folder. */
export interface PostgresEngine extends BrokerEngine {
  readonly folder: string;
}

/**
 * Starts PostgreSQL.
 *
 * @param sourceOf Returns what is given to `postgres()`, for a URL.
 */
export async function startPostgres(
  sourceOf: (url: string) => PostgresSource,
): Promise<PostgresEngine> {
  const [program, user] = asServer(POSTGRES, []);
  const engine = await EngineProcess.start(
    program,
    (folder) => [...user, ...argsIn(folder)],
    (folder) => join(folder, ".s.PGSQL.5432"),
    (folder) => {
      handOver(folder);
      run(asServer("cp", ["-a", join(templateFolder(), "data"), folder]));
      return Promise.resolve();
    },
  );
  await command(engine.folder, "select 1"); // it listens before it has started
  const servers = new Servers();
  const proxy = await Proxy.start(() => engine.address);
  const source = sourceOf(`postgres://tester:${PASSWORD}@127.0.0.1:${proxy.port}/postgres`);
  return {
    folder: engine.folder,
    broker: (prefix) => postgres(source, { prefix }),
    serve: servers.serve,
    connections: () => Promise.resolve(proxy.connections),
    kill: () => engine.kill(),
    restart: () => engine.restart(),
    stall: () => proxy.stall(),
    resume: () => proxy.resume(),
    cut: () => proxy.cut(),
    takePassword: async (takes) => {
      const statement = `alter role tester password '${takes ? PASSWORD : OTHER}'`;
      await command(engine.folder, statement);
    },
    async end() {
      await servers.close();
      await proxy.end();
      await engine.end();
    },
  };
}
