/** The command `isosocket connect`: a WebSocket by hand, or in a pipe. @module */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { Prompt } from "./prompt.ts";
import { type Data, feed, type Form, FORMS } from "./feed.ts";
import { type ClientCommand, COMMANDS_HELP, readCommand } from "./orders.ts";
import { BINARY_FORMS, Screen } from "./screen.ts";
import { type Rules, Session } from "./session.ts";
import {
  closest,
  print,
  readArguments,
  readNumber,
  UsageError,
  type Values,
} from "../shared/command_line.ts";
import { EXIT_CODES } from "../shared/exit_code.ts";
import { onInterrupt } from "../shared/interrupt.ts";
import { paintFor } from "../shared/paint.ts";
import { readTarget, TARGET_HELP, TARGET_OPTIONS, whyNoFile } from "../shared/target.ts";
import { VERSION } from "../shared/version.ts";

const USAGE = "Usage: isosocket connect <ws://host:port/path> [options]";

const HELP = `A WebSocket by hand, or in a pipe.

${USAGE}

${TARGET_HELP}\
      --reconnect          connects again when the connection is lost, until
                           the server closes with 1000
      --ping <seconds>     sends a Ping that often; a connection is lost if no
                           Pong has come by the next one
  -x, --send <text>        a message to begin with; may be repeated
  -1, --once               ends after one message
      --count <number>     ends after so many
  -w, --wait <seconds>     ends when nothing has come for so long, after the
                           end of the input (1; with --once or --count: stays)
  -i, --input <form>       what comes in a pipe: "lines" of text, a message
                           each; "hex", lines of bytes; "text" or "binary",
                           all of it one message                       (lines)
  -n, --no-input           reads nothing, and stays
      --binary <form>      prints binary as "dump", "hex" or "raw" (a dump on a
                           terminal, lines of hex elsewhere)
      --history <file>     keeps what was typed
  -q, --quiet              only messages, and what went wrong
  -h, --help               this text
  -V, --version            the version

On a terminal, a line is a message, and /help lists commands: bytes, files,
pings, close codes. In a pipe, messages go to stdout and all else to stderr.

Examples:
  isosocket connect ws://127.0.0.1:8080/
  isosocket connect wss://api.example/feed -H "Authorization: Bearer abc"
  echo hi | isosocket connect ws://127.0.0.1:8080/ --once
  isosocket connect ws://127.0.0.1:8080/ -x hi --once    the same
  isosocket connect wss://feed.example/ --no-input --reconnect >> feed.log
  isosocket connect ws://127.0.0.1:8080/ -i binary --binary raw < in > out

${EXIT_CODES}`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  reconnect: { type: "boolean" },
  ping: { type: "string" },
  send: { type: "string", short: "x", multiple: true },
  once: { type: "boolean", short: "1" },
  count: { type: "string" },
  wait: { type: "string", short: "w" },
  input: { type: "string", short: "i" },
  "no-input": { type: "boolean", short: "n" },
  binary: { type: "string" },
  history: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** ms: how long to stay when a pipe has ended. */
const WAIT = 1000;

/** s: the longest time that timers take. */
const LONGEST = 1_000_000;

/**
 * Runs the command until the connection has ended.
 *
 * @param args What follows `connect`.
 * @returns The exit code.
 * @throws {UsageError} If the arguments make no sense.
 */
export async function connect(args: readonly string[]): Promise<number> {
  const { values, words } = readArguments(args, OPTIONS, USAGE, 1);
  if (values.help) return print(HELP);
  if (values.version) return print(`${VERSION}\n`);
  const target = await readTarget(words, values, USAGE);
  const input = choose("--input", values.input ?? "lines", FORMS);
  const form = values.binary === undefined
    ? undefined
    : choose("--binary", values.binary, BINARY_FORMS);
  const rules = readRules(values);
  const isInteractive = !values["no-input"] && isTerminal();
  const screen = new Screen(values.quiet ?? false, form);
  const session = new Session(target, rules, screen);
  process.stdout.on("error", () => session.leave()); // nobody reads any more
  onInterrupt(() => session.leave(), ["SIGINT", "SIGTERM", "SIGHUP"]);
  const source = isInteractive ? undefined : values["no-input"] ? [] : read(input);
  const prompt = isInteractive ? takeTerminal(session, screen, values.history) : undefined;
  talk(session, values.send ?? [], source, prompt)
    .catch((error: Error) => session.fail(error.message));
  const code = await session.run();
  prompt?.close();
  return code;
}

function isTerminal(): boolean {
  return process.stdin.isTTY === true && (process.stdout.isTTY || process.stderr.isTTY) === true;
}

function choose<T extends string>(option: string, word: string, words: readonly T[]): T {
  const found = words.find((known) => known === word);
  if (found !== undefined) return found;
  const near = closest(word, words);
  const hint = near === undefined ? "" : `. Did you mean ${near}?`;
  throw new UsageError(`Cannot use ${option} ${word}: it must be ${list(words)}${hint}`, USAGE);
}

function list(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function readRules(values: Values<typeof OPTIONS>): Rules {
  const { reconnect = false, ping, once, count, wait } = values;
  if (once && count !== undefined) {
    throw new UsageError("Cannot use --once with --count: they contradict each other", USAGE);
  }
  const seconds = (option: string, text: string, least: number): number =>
    1000 * readNumber(option, text, { least, most: LONGEST, fraction: true }, USAGE);
  const number = count === undefined
    ? once && 1
    : readNumber("--count", count, { least: 1 }, USAGE);
  const stays = number !== undefined || values["no-input"];
  return {
    reconnect,
    ping: ping === undefined ? undefined : seconds("--ping", ping, 0.1),
    count: number,
    wait: wait === undefined ? stays ? Infinity : WAIT : seconds("--wait", wait, 0),
  };
}

function read(form: Form): AsyncIterable<Data> {
  return feed(process.stdin, form);
}

/** Sends what there is to send, as soon as there is a connection. */
async function talk(
  session: Session,
  first: readonly string[],
  source: Iterable<Data> | AsyncIterable<Data> | undefined,
  prompt: Prompt | undefined,
): Promise<void> {
  try {
    await session.opened;
  } catch {
    return; // the end of the session tells
  }
  prompt?.show();
  for (const text of first) await session.send(text);
  if (source === undefined) return;
  for await (const data of source) await session.send(data);
  session.fed();
}

function takeTerminal(
  session: Session,
  screen: Screen,
  history: string | undefined,
): Prompt {
  const output = process.stdout.isTTY ? process.stdout : process.stderr;
  const obey = async (line: string): Promise<void> =>
    await follow(readCommand(line), session, screen);
  const onLine = (line: string): void => {
    obey(line).catch((error: Error) => screen.complain(error.message));
  };
  const mark = `${paintFor(output)("magenta", ">")} `;
  try {
    screen.prompt = new Prompt(output, mark, history, onLine, () => session.leave());
  } catch (error) {
    throw new UsageError((error as Error).message, USAGE);
  }
  return screen.prompt;
}

async function follow(order: ClientCommand, session: Session, screen: Screen): Promise<void> {
  switch (order.kind) {
    case "send":
      return await session.send(order.data);
    case "file":
      return await session.send(await readWhole(order.path, order.form));
    case "ping":
      return session.ping();
    case "close":
      screen.prompt?.close();
      return session.leave(order.code, order.reason);
    case "help":
      return screen.answer(COMMANDS_HELP);
  }
}

async function readWhole(path: string, form: "text" | "binary"): Promise<Data> {
  try {
    return form === "text" ? await readFile(path, "utf8") : new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${whyNoFile(error)}`);
  }
}
