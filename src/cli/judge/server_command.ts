/** Runs the server that is judged, and starts it again after a crash. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import type { ServerProcess } from "../../conformance/server_process.ts";
import { dial } from "../../conformance/wire/transport.ts";
import { UsageError } from "../shared/command_line.ts";
import { fileErrorReason } from "../shared/file.ts";

/** Milliseconds that a server has to end by itself. */
const GRACE = 2000;

/** Returns how a process ended, in words. A shell reports the signal of its command as 128 + n. */
export function endInWords(code: number | null, signal: string | null): string {
  const number = (code ?? 0) - 128;
  const name = signal ??
    Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? `it ended with code ${code}` : `it ended with ${name}`;
}

/** The process of a command. */
export class ServerCommand implements ServerProcess {
  readonly #file: string;
  readonly #args: readonly string[];
  readonly #url: string;
  readonly #isQuiet: boolean;
  #child: ChildProcess | undefined;
  #ended: string | undefined = "it has not been started";

  /**
   * @param command The command and its arguments; `{url}` and `{port}` are filled in.
   * @param url Address at which it listens, in its environment as JUDGE_URL.
   * @param isQuiet Whether its output is discarded. Else it goes to stderr.
   */
  constructor(command: readonly string[], url: URL, isQuiet: boolean) {
    const port = url.port || (url.protocol === "wss:" ? "443" : "80");
    const [file, ...args] = command.map((word) =>
      word.replaceAll("{url}", url.href).replaceAll("{port}", port)
    );
    this.#file = file!;
    this.#args = args;
    this.#url = url.href;
    this.#isQuiet = isQuiet;
    // A second Ctrl-C ends the judge at once.
    process.once("exit", () => this.#kill("SIGKILL"));
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  async restart(): Promise<void> {
    await this.stop();
    const output = this.#isQuiet ? "ignore" : 2;
    const child = spawn(this.#file, [...this.#args], {
      stdio: ["ignore", output, output],
      env: { ...process.env, JUDGE_URL: this.#url },
      // A group of its own, so that what the command starts ends with it.
      detached: process.platform !== "win32",
    });
    this.#child = child;
    this.#ended = undefined;
    child.once("exit", (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#ended = endInWords(code, signal);
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        this.#child = undefined;
        this.#ended = `${this.#file} cannot be run: ${fileErrorReason(error)}`;
        reject(new Error(this.#ended));
      });
    });
  }

  /** Ends the process, and what it has started. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), GRACE);
    await exit;
    clearTimeout(timer);
  }

  #kill(signal: "SIGTERM" | "SIGKILL"): void {
    const child = this.#child;
    if (child?.pid === undefined) return;
    try {
      if (process.platform !== "win32") return void process.kill(-child.pid, signal);
    } catch {
      // It has no group of its own.
    }
    child.kill(signal);
  }
}

/** Milliseconds that a server has to listen. */
const START = 30_000;

/**
 * Starts a server, and waits until it listens.
 *
 * @param http2 Whether it has to offer HTTP/2 over TLS. Default: false.
 * @throws {UsageError} If it does not, or another listens there.
 */
export async function startServer(
  server: ServerCommand,
  url: URL,
  { signal, http2 = false }: { signal: AbortSignal; http2?: boolean },
  usage: string,
): Promise<void> {
  const dialing = { timeout: 1000, insecure: true, ...(http2 && { alpn: "h2" } as const) };
  const isThere = async (): Promise<boolean> => {
    const transport = await dial(url, dialing).catch(() => null);
    transport?.drop();
    return transport !== null;
  };
  if (await isThere()) {
    throw new UsageError(`Cannot start the server: another listens on ${url.host}`, usage);
  }
  await server.restart().catch(({ message }: Error) => {
    throw new UsageError(`Cannot start the server: ${message}`, usage);
  });
  const begun = performance.now();
  while (!signal.aborted && !(await isThere())) {
    const why = server.ended ??
      (performance.now() - begun > START ? `it does not listen on ${url.host}` : undefined);
    if (why !== undefined) throw new UsageError(`Cannot judge the server: ${why}`, usage);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
