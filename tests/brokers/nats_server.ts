/** A `nats-server` behind a proxy, with a password. @module */

import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { nats, type NatsSource } from "@isosocket/isosocket/nats";
import type { BrokerEngine } from "../../src/testing/contract/broker/mod.ts";
import { EngineProcess } from "./engine_process.ts";
import { Proxy } from "./proxy.ts";
import { Servers } from "./servers.ts";

/** Where Debian puts it, unless the environment says otherwise. */
export const NATS_SERVER: string = process.env.NATS_SERVER ?? "/usr/sbin/nats-server";

/** Maximum size of a message, in bytes: less than by default, so that it is tried. */
export const MAX_MESSAGE = 80_000;

/** Password of the user, and another one. */
const PASSWORD = "right";
const OTHER = "another";

/** What is given to `nats()`, and how it ends. */
export interface GivenSource {
  readonly source: NatsSource;
  /** Ends it. */
  end?(): unknown;
}

/** Writes the settings that allow one password. */
async function configure(folder: string, password: string): Promise<void> {
  const settings = [
    'host: "127.0.0.1"',
    "port: -1",
    `max_payload: ${MAX_MESSAGE}`,
    `ports_file_dir: ${JSON.stringify(folder)}`,
    `authorization: { user: "tester", password: "${password}" }`,
  ];
  await writeFile(join(folder, "nats.conf"), settings.join("\n"));
}

/** Returns the port that a process has chosen, once it has written it down. */
function portOf(folder: string, pid: number): number | undefined {
  const file = join(folder, `nats-server_${pid}.ports`);
  if (!existsSync(file)) return undefined;
  const [, port] = /:(\d+)"/.exec(readFileSync(file, "utf8")) ?? [];
  return port === undefined ? undefined : Number(port);
}

/**
 * Starts `nats-server`.
 *
 * @param sourceOf Returns what is given to `nats()`, for a URL.
 */
export async function startNats(
  sourceOf: (url: URL) => GivenSource | Promise<GivenSource>,
): Promise<BrokerEngine> {
  const engine = await EngineProcess.start(
    NATS_SERVER,
    (folder) => ["-c", join(folder, "nats.conf")],
    portOf,
    (folder) => configure(folder, PASSWORD),
  );
  const servers = new Servers();
  const proxy = await Proxy.start(() => engine.address);
  const given = await sourceOf(new URL(`nats://tester:${PASSWORD}@127.0.0.1:${proxy.port}`));
  return {
    broker: (prefix) => nats(given.source, { prefix }),
    serve: servers.serve,
    connections: () => Promise.resolve(proxy.connections),
    kill: () => engine.kill(),
    restart: () => engine.restart(),
    stall: () => proxy.stall(),
    resume: () => proxy.resume(),
    cut: () => proxy.cut(),
    takePassword: async (takes) => {
      await engine.kill();
      await configure(engine.folder, takes ? PASSWORD : OTHER);
      await engine.restart();
    },
    async end() {
      await servers.close();
      await given.end?.();
      await proxy.end();
      await engine.end();
    },
  };
}
