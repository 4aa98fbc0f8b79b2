/**
 * Runs the command, and a server to judge.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { watch } from "../../../scripts/processes/unhandled.ts";
import { Endpoint } from "../../conformance/endpoint.ts";

const CLI = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

/** The command that runs a file on this runtime. */
export const RUNTIME: readonly string[] = process.versions.deno
  ? [process.execPath, "run", "-A", "--no-check"]
  : [process.execPath];

/** Result of a process. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `isosocket judge`. */
export function judge(...args: string[]): Promise<Ended> {
  const [file, ...rest] = [...RUNTIME, CLI, "judge", ...args];
  const child = watch(spawn(file!, rest, { stdio: ["ignore", "pipe", "pipe"] }));
  let [out, err] = ["", ""];
  child.stdout.on("data", (octets) => out += octets);
  child.stderr.on("data", (octets) => err += octets);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

/** Starts an echo server that takes a Close of one byte for a right one. */
export async function withServer(use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    const endpoint = new Endpoint(true, { ignores: ["close-length"] });
    endpoint.listen({ data: (octets) => void socket.write(octets), end: () => void socket.end() });
    socket.on("data", (octets) => void endpoint.write(octets));
    socket.on("end", () => endpoint.end());
    socket.on("error", () => {});
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  try {
    await use(`ws://127.0.0.1:${port}/`);
  } finally {
    server.close();
  }
}
