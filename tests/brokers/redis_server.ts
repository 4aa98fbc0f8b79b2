/** A `redis-server` behind a proxy, with a password. @module */

import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import type { BrokerEngine } from "../../src/testing/contract/broker/mod.ts";
import { redis, type RedisClient, type RedisOptions } from "@isosocket/isosocket/redis";
import { EngineProcess } from "./engine_process.ts";
import { Proxy } from "./proxy.ts";
import { Servers } from "./servers.ts";

/** Where Debian puts it, unless the environment says otherwise. */
export const REDIS_SERVER: string = process.env.REDIS_SERVER ?? "/usr/bin/redis-server";

/** Password of the default user, and another one. */
const PASSWORD = "right";
const OTHER = "another";

function argsIn(folder: string): string[] {
  const place = ["--port", "0", "--unixsocket", join(folder, "redis.sock"), "--dir", folder];
  return [...place, "--save", "", "--appendonly", "no", "--requirepass", PASSWORD];
}

/** Sends commands, and waits for their answers. */
async function command(path: string, ...lines: string[]): Promise<string> {
  const socket = connect(path);
  socket.write(lines.map((line) => `${line}\r\n`).join(""));
  let text = "";
  while (text.split("\r\n").length <= lines.length) {
    const [chunk] = await once(socket, "data");
    text += chunk;
  }
  socket.destroy();
  return text;
}

/** A client that tests have made, and how it ends. */
export interface GivenClient {
  /** What is given to `redis()`. */
  readonly client: RedisClient | string;
  /** Ends it. */
  end?(): unknown;
}

/**
 * Starts an engine.
 *
 * @param clientOf Makes a client of a URL.
 */
export async function startRedis(
  clientOf: (url: string) => GivenClient,
  options?: RedisOptions,
): Promise<BrokerEngine> {
  const path = (folder: string): string => join(folder, "redis.sock");
  const engine = await EngineProcess.start(REDIS_SERVER, argsIn, path);
  const servers = new Servers();
  const proxy = await Proxy.start(() => engine.address);
  const given = clientOf(`redis://:${PASSWORD}@127.0.0.1:${proxy.port}`);
  return {
    broker: (prefix) => redis(given.client, { ...options, prefix }),
    serve: servers.serve,
    connections: () => Promise.resolve(proxy.connections),
    kill: () => engine.kill(),
    restart: () => engine.restart(),
    stall: () => proxy.stall(),
    resume: () => proxy.resume(),
    cut: () => proxy.cut(),
    forget: async () => {
      await command(path(engine.folder), `AUTH ${PASSWORD}`, "FLUSHALL");
    },
    takePassword: async (takes) => {
      const [now, then] = takes ? [OTHER, PASSWORD] : [PASSWORD, OTHER];
      await command(path(engine.folder), `AUTH ${now}`, `CONFIG SET requirepass ${then}`);
    },
    async end() {
      await servers.close();
      await given.end?.();
      await proxy.end();
      await engine.end();
    },
  };
}
