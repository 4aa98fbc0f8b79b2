/** Runs the judge on both sides of a proxy, and the command that starts the proxy. @module */

import process from "node:process";
import { judgeProxy, type ProxyOptions } from "../../conformance/judge_proxy.ts";
import { readAddress } from "../../conformance/judge_server.ts";
import type { Run } from "../../conformance/result.ts";
import { UsageError } from "../shared/command_line.ts";
import { onInterrupt } from "../shared/interrupt.ts";
import { ServerCommand, startServer } from "./server_command.ts";

/** What {@linkcode judgeThrough} needs besides the options of a run. */
export interface ThroughOptions {
  /** The command that starts the proxy; empty if it runs already. */
  readonly command: readonly string[];

  /** Whether the output of the command is discarded. */
  readonly quiet: boolean;

  /** The usage of the command line. */
  readonly usage: string;
}

/**
 * Judges a proxy, which is started when the judge listens behind it.
 *
 * @throws {UsageError} If the port cannot be listened on, or the proxy cannot be started.
 */
export async function judgeThrough(
  address: string,
  options: ProxyOptions,
  { command, quiet, usage }: ThroughOptions,
): Promise<Run> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const release = onInterrupt(() => interrupt.abort());
  const { url } = readAddress(address);
  const proxy = command.length === 0 ? undefined : new ServerCommand(command, url, quiet);
  const onListen = async (port: number): Promise<void> => {
    if (options.port === 0) {
      process.stderr.write(`The server behind the proxy is 127.0.0.1:${port}\n`);
    }
    if (proxy !== undefined) await startServer(proxy, url, { signal }, usage);
  };
  try {
    return await judgeProxy(address, { ...options, signal, onListen });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    throw new UsageError(`Cannot listen on port ${options.port}: ${portReason(code)}`, usage);
  } finally {
    await proxy?.stop();
    release();
  }
}

/** Returns why a port cannot be listened on, in words. */
export function portReason(code: string): string {
  if (code === "EADDRINUSE") return "another program listens there";
  return code === "EACCES" ? "the system does not allow it" : code;
}
