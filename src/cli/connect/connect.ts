/** Command `isosocket connect`: sends and prints messages, on a terminal or in a pipe. @module */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { Prompt } from "./prompt.ts";
import { INPUT_FORMS, type InputForm, type MessageData, readMessages } from "./read_messages.ts";
import { type ClientCommand, COMMANDS_HELP, readCommand } from "./commands.ts";
import { BINARY_FORMS, Screen } from "./screen.ts";
import { queueTask } from "../../core/task.ts";
import { call, chooseRoute, splitUnix } from "./call.ts";
import { parseOrigins, parseWhere, waitForClient } from "./listen.ts";
import { type Line, Session, type SessionOptions } from "./session.ts";
import {
  didYouMean,
  print,
  readArguments,
  readNumber,
  UsageError,
  type Values,
} from "../shared/command_line.ts";
import { EXIT_CODES, FAILED } from "../shared/exit_code.ts";
import { fileErrorReason } from "../shared/file.ts";
import { onInterrupt } from "../shared/interrupt.ts";
import { paintFor } from "../shared/paint.ts";
import { readIdentity } from "../shared/private_key.ts";
import { onReaderGone } from "../shared/reader_gone.ts";
import { readTarget, readTerms, TARGET_HELP, TARGET_OPTIONS } from "../shared/target.ts";
import { VERSION } from "../shared/version.ts";

const USAGE = "Usage: isosocket connect <ws://host:port/path | --listen port> [options]";

const HELP = `A WebSocket by hand, or in a pipe.

${USAGE}

${TARGET_HELP}\
  -L, --location           follows redirects, at most 10: never from wss: to
                           ws:, and without passwords and cookies to another
                           origin
      --proxy <url>        goes through http://, https:// or socks5://, with
                           user:password@ if it wants that; without it, the
                           environment's HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and
                           NO_PROXY count
      --no-proxy           goes through none, whatever the environment says
      --unix-socket <path> connects there; so does ws+unix:/run/app.sock:/path
  -l, --listen <where>     waits for a client, and speaks with that: a port (of
                           127.0.0.1), host:port, or the path of a unix socket;
                           --cert and --key make it wss:, --header goes into
                           the answer
      --allow-origin <o>   lets pages of this origin in, with --listen; may be
                           repeated
      --reconnect          connects again when the connection is lost, until
                           the server closes with 1000
      --ping <seconds>     sends a Ping that often; a connection is lost if no
                           Pong has come by the next one
  -P, --show-pings         a line for each Ping and Pong that comes
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

An address may lack ws://, and the host if it is this machine: 8080 will do. On
a terminal, a line is a message, and /help lists commands: bytes, files, pings,
close codes. In a pipe, messages go to stdout and all else to stderr.

Examples:
  isosocket connect 127.0.0.1:8080
  isosocket connect wss://api.example/feed -H "Authorization: Bearer abc"
  echo hi | isosocket connect ws://127.0.0.1:8080/ --once
  isosocket connect ws://127.0.0.1:8080/ -x hi --once    the same
  isosocket connect wss://feed.example/ --no-input --reconnect >> feed.log
  isosocket connect ws://127.0.0.1:8080/ -i binary --binary raw < in > out
  isosocket connect wss://api.example/ --proxy http://proxy.example:3128
  isosocket connect --listen 9000                   for a client to be tried

${EXIT_CODES}`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  location: { type: "boolean", short: "L" },
  proxy: { type: "string" },
  "no-proxy": { type: "boolean" },
  "unix-socket": { type: "string" },
  listen: { type: "string", short: "l" },
  "allow-origin": { type: "string", multiple: true },
  reconnect: { type: "boolean" },
  ping: { type: "string" },
  "show-pings": { type: "boolean", short: "P" },
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

/** ms: default of `--wait` when a pipe has ended. */
const WAIT = 1000;

/** ms: time for which what comes in a pipe is sent before anything else has its turn. */
const TURN = 10;

/** s: upper bound of times, within what timers take. */
const LONGEST = 1_000_000;

/**
 * Runs the command until the connection has ended.
 *
 * @param args The arguments after `connect`.
 * @returns The exit code.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function connect(args: readonly string[]): Promise<number> {
  const { values, words } = readArguments(args, OPTIONS, USAGE, 1);
  if (values.help) return print(HELP);
  if (values.version) return print(`${VERSION}\n`);
  const begin = await readLine(words, values);
  const input = choose("--input", values.input ?? "lines", INPUT_FORMS);
  const form = values.binary === undefined
    ? undefined
    : choose("--binary", values.binary, BINARY_FORMS);
  const sessionOptions = readSessionOptions(values);
  const isInteractive = !values["no-input"] && isTerminal();
  const screen = new Screen(values.quiet ?? false, form);
  const interrupt = new AbortController();
  onInterrupt(() => interrupt.abort(), ["SIGINT", "SIGTERM", "SIGHUP"]);
  const line = await begin(screen, interrupt.signal);
  if (line === undefined) {
    screen.status("Closed, before a client came");
    return FAILED;
  }
  const session = new Session(line, sessionOptions, screen);
  onReaderGone(() => session.leaveAtOnce());
  interrupt.signal.addEventListener("abort", () => session.leave());
  const source = isInteractive ? undefined : values["no-input"] ? [] : read(input);
  const prompt = isInteractive ? openPrompt(session, screen, values.history) : undefined;
  sendInput(session, values.send ?? [], source, prompt)
    .catch((error: Error) => session.fail(error.message));
  const code = await session.run();
  prompt?.close();
  await line.release();
  return code;
}

/** Begins a connection, or waits for one; `undefined` if it was interrupted before. */
type BeginLine = (screen: Screen, signal: AbortSignal) => Promise<Line | undefined>;

/** Reads which connection there will be. */
async function readLine(
  words: readonly string[],
  values: Values<typeof OPTIONS>,
): Promise<BeginLine> {
  if (values.listen !== undefined) return await readListen(values.listen, words, values);
  if (values["allow-origin"] !== undefined) {
    throw new UsageError("Cannot use --allow-origin alone: it is for --listen", USAGE);
  }
  const { address, unix } = splitUnix(words[0], values["unix-socket"], USAGE);
  const location = values.location ?? false;
  const found = address === undefined ? [] : [address];
  const target = await readTarget(found, values, USAGE, location);
  const route = chooseRoute(target, unix, values, USAGE);
  const options = { reconnect: values.reconnect ?? false, location, route };
  return (screen) => Promise.resolve(call(target, options, screen));
}

/** Options that make no sense for who listens. */
const CALLERS = [
  ...["ca", "insecure", "location", "no-proxy", "origin", "proxy"] as const,
  ...["reconnect", "unix-socket"] as const,
];

async function readListen(
  text: string,
  words: readonly string[],
  values: Values<typeof OPTIONS>,
): Promise<BeginLine> {
  const wrong = CALLERS.find((name) => values[name] !== undefined);
  if (wrong !== undefined || words.length > 0) {
    const what = wrong === undefined ? "an address" : `--${wrong}`;
    throw new UsageError(`Cannot use --listen with ${what}: that is for who connects`, USAGE);
  }
  const options = {
    where: parseWhere(text, USAGE),
    ...readTerms(values, USAGE),
    origins: parseOrigins(values["allow-origin"] ?? [], USAGE),
    tls: await readIdentity(values.cert, values.key, values.passphrase, USAGE),
  };
  return async (screen, signal) => await waitForClient(options, screen, signal);
}

function isTerminal(): boolean {
  return process.stdin.isTTY === true && (process.stdout.isTTY || process.stderr.isTTY) === true;
}

function choose<T extends string>(option: string, word: string, words: readonly T[]): T {
  const found = words.find((known) => known === word);
  if (found !== undefined) return found;
  const hint = didYouMean(word, words, (it) => it);
  throw new UsageError(`Cannot use ${option} ${word}: it must be ${list(words)}${hint}`, USAGE);
}

function list(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function readSessionOptions(values: Values<typeof OPTIONS>): SessionOptions {
  const { reconnect = false, ping, once, count, wait } = values;
  const showPings = values["show-pings"] ?? false;
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
    showPings,
    count: number,
    wait: wait === undefined ? stays ? Infinity : WAIT : seconds("--wait", wait, 0),
  };
}

function read(form: InputForm): AsyncIterable<MessageData> {
  return readMessages(process.stdin, form);
}

/** Sends the messages of the options and of the input, as soon as there is a connection. */
async function sendInput(
  session: Session,
  first: readonly string[],
  source: Iterable<MessageData> | AsyncIterable<MessageData> | undefined,
  prompt: Prompt | undefined,
): Promise<void> {
  try {
    await session.opened;
  } catch {
    return; // the session reports it
  }
  prompt?.show();
  for (const text of first) await session.send(text);
  if (source === undefined) return;
  let since = performance.now();
  for await (const data of source) {
    if (session.isEnding) return; // what comes in may be endless
    await session.send(data);
    if (performance.now() - since < TURN) continue;
    await new Promise<void>((resolve) => queueTask(resolve)); // a pipe is quicker than what is printed
    since = performance.now();
  }
  session.inputEnded();
}

/** Opens the prompt on the terminal. Each line is executed as a message or a command. */
function openPrompt(
  session: Session,
  screen: Screen,
  history: string | undefined,
): Prompt {
  const output = process.stdout.isTTY ? process.stdout : process.stderr;
  const executeLine = async (line: string): Promise<void> =>
    await execute(readCommand(line), session, screen);
  const onLine = (line: string): void => {
    executeLine(line).catch((error: Error) => screen.complain(error.message));
  };
  const mark = `${paintFor(output)("magenta", ">")} `;
  try {
    screen.prompt = new Prompt(output, mark, history, onLine, () => session.leave());
  } catch (error) {
    throw new UsageError((error as Error).message, USAGE);
  }
  return screen.prompt;
}

async function execute(command: ClientCommand, session: Session, screen: Screen): Promise<void> {
  switch (command.kind) {
    case "send":
      return await session.send(command.data);
    case "file":
      return await session.send(await readFileWith(command.path, command.form));
    case "ping":
      return session.ping(command.payload);
    case "close":
      screen.prompt?.close();
      return session.leave(command.code, command.reason);
    case "help":
      return screen.answer(COMMANDS_HELP);
  }
}

/** Reads a file, in the form in which it is sent. */
async function readFileWith(path: string, form: "text" | "binary"): Promise<MessageData> {
  try {
    return form === "text" ? await readFile(path, "utf8") : new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${fileErrorReason(error)}`);
  }
}
