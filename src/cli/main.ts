#!/usr/bin/env node
/**
 * The command `isosocket`: `serve`, `connect`, `bench` and `judge`. It parses the arguments, calls the
 * library, and sets the exit code.
 *
 * ```sh
 * deno run -A jsr:@isosocket/isosocket/cli serve
 * ```
 *
 * @module
 */

import process from "node:process";
import { complain, didYouMean, FailedError, print, UsageError } from "./shared/command_line.ts";
import { EXIT_CODES, FAILED, UNUSABLE } from "./shared/exit_code.ts";
import { watchReaders } from "./shared/reader_gone.ts";
import { VERSION } from "./shared/version.ts";

const USAGE = "Usage: isosocket <serve | connect | bench | judge> [options]";

/** What the command prints without arguments. */
const WELCOME = `isosocket: WebSockets on the command line

Serve one, speak with one, measure one, judge one:

  isosocket serve                       an echo server, with a page that shows
                                        a WebSocket at work: open its address
  isosocket connect ws://127.0.0.1:8080/
                                        a WebSocket by hand: each line you type
                                        is a message
  isosocket judge ws://127.0.0.1:8080/  does a server keep RFC 6455?

Try the first in one terminal, and the others in a second one. Go on with
"isosocket --help" for all commands, and "isosocket connect --help" for all
that one of them can do.
`;

const HELP = `One WebSocket on every runtime.

${USAGE}

  serve     an echo server, with a page that shows a WebSocket at work
  connect   a WebSocket by hand, or in a pipe
  bench     how many messages a server echoes, and how long that takes
  judge     tests a WebSocket server or client against the standard

  -h, --help      this text; "isosocket serve --help" or "isosocket help serve"
                  for one command
  -V, --version   the version

Examples:
  isosocket serve                       then open http://127.0.0.1:8080/
  isosocket connect ws://127.0.0.1:8080/
  echo hi | isosocket connect ws://127.0.0.1:8080/ --once
  isosocket bench ws://127.0.0.1:8080/ --connections 100
  isosocket judge ws://127.0.0.1:8080/

${EXIT_CODES}`;

const commands: Record<string, (args: string[]) => Promise<number>> = {
  serve: async (args) => await (await import("./serve/serve.ts")).serve(args),
  connect: async (args) => await (await import("./connect/connect.ts")).connect(args),
  bench: async (args) => await (await import("./bench/bench.ts")).bench(args),
  judge: async (args) => await (await import("./judge/judge.ts")).judge(args),
};

async function main([name, ...args]: string[]): Promise<number> {
  if (name === "help" && args.length > 0) {
    return Object.hasOwn(commands, args[0]!) ? await main([args[0]!, "--help"]) : refuse(args[0]!);
  }
  if (name === "--help" || name === "-h" || name === "help") return print(HELP);
  if (name === "--version" || name === "-V") return print(`${VERSION}\n`);
  if (name === undefined) return print(WELCOME);
  return Object.hasOwn(commands, name) ? await commands[name]!(args) : refuse(name);
}

/** Refuses a word that is no command. */
function refuse(name: string): never {
  const known = [...Object.keys(commands), "help", "--help", "--version"];
  const hint = didYouMean(name, known, (it) => `"${it}"`);
  throw new UsageError(`Cannot run "${name}": there is no such command${hint}`, USAGE);
}

/** Whether an error is the system's, and no bug: for instance, a report cannot be written. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

watchReaders();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    complain(`${error.message}\n${error.usage}`);
    process.exitCode = UNUSABLE;
  } else if (error instanceof FailedError) {
    complain(error.message);
    process.exitCode = FAILED;
  } else if (isSystemError(error)) {
    complain(`Cannot go on: ${error.message}`);
    process.exitCode = FAILED;
  } else throw error;
}
// Deno keeps a process alive for 15 seconds after it has lost a socket.
process.stdout.write("", () => process.exit());
