/** Real proxies before the servers of tests: how one is started, and how it ends. @module */

import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { watch } from "../../scripts/processes/unhandled.ts";

/** A program that is a proxy. */
export interface Program {
  /** Its file. */
  readonly path: string;
  /** Arguments that keep it in the foreground, as one process. */
  args(configuration: string, folder: string): string[];
}

/** A proxy at work. */
export interface Proxy extends AsyncDisposable {
  /** The port on 127.0.0.1 on which it listens. */
  readonly port: number;
  /** Ends it at once: the system closes all of its connections. */
  kill(): Promise<void>;
}

/** Folder of each proxy that has not been ended. */
const running: Map<ChildProcess, string> = new Map();

/** Ends what is left of a run that is cut short. */
process.on("exit", () => {
  for (const [child, folder] of running) {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Time in ms in which a proxy must listen. */
const START = 10_000;

/** Number of ports that are tried: another process may take one between the look and the start. */
const ATTEMPTS = 3;

/**
 * Starts a proxy.
 *
 * @param configure Returns the configuration, for a port.
 * @param files Further files of its folder, by their names.
 */
export async function start(
  program: Program,
  configure: (port: number) => string,
  files: Readonly<Record<string, string>> = {},
): Promise<Proxy> {
  let printed = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "isosocket-proxy-"));
    const configuration = join(folder, "proxy.conf");
    writeFileSync(configuration, configure(port));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const child = watch(spawn(program.path, program.args(configuration, folder), {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    }));
    running.set(child, folder);
    const ended = new Promise<void>((resolve) => {
      child.on("error", (error) => {
        printed += error.message;
        resolve();
      });
      child.on("close", () => resolve());
    }).then(() => {
      running.delete(child);
      rmSync(folder, { recursive: true, force: true });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => void (printed += chunk));
    }
    const kill = (): Promise<void> => {
      child.kill("SIGKILL");
      return ended;
    };
    if (await isListening(port, child)) return { port, kill, [Symbol.asyncDispose]: kill };
    await kill();
  }
  throw new Error(`Cannot start ${program.path}: it does not listen\n${printed}`);
}

/** Returns a port on which nobody listens now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until somebody listens, or the process has ended. HAProxy does not say when it does. */
async function isListening(port: number, child: ChildProcess): Promise<boolean> {
  const end = Date.now() + START;
  while (child.exitCode === null && child.pid !== undefined && Date.now() < end) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = net.connect({ port, host: "127.0.0.1" });
      socket.on("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (connected) return child.exitCode === null;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}
