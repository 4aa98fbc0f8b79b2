/** Command `isosocket serve`: an echo server, and a page that inspects a WebSocket. @module */

import { networkInterfaces } from "node:os";
import process from "node:process";
import { UpgradeError } from "../../handshake/upgrade_error.ts";
import { serve as listen } from "../../portable/serve.ts";
import type { Server } from "../../server/server.ts";
import type { Socket } from "../../core/socket.ts";
import type { Handler } from "../../server/handler.ts";
import { type Certificate, readCertificate, TLS_OPTIONS } from "./certificate.ts";
import { complain, print, readArguments, UsageError } from "../shared/command_line.ts";
import { ConnectionLog } from "./connection_log.ts";
import { echo } from "./echo.ts";
import { EXIT_CODES } from "../shared/exit_code.ts";
import { Handshakes } from "./inspector/handshakes.ts";
import { answerPage } from "./inspector/site.ts";
import { paintFor } from "../shared/paint.ts";
import { onReaderGone } from "../shared/reader_gone.ts";
import { Recording } from "./recording.ts";
import { runtimeName, VERSION } from "../shared/version.ts";

const USAGE = "Usage: isosocket serve [--port <number>] [--host <address>] [options]";

const HELP = `An echo server for WebSockets, with a page that shows one at work.

${USAGE}

  -p, --port <number>    where to listen; 0 for any port that is free    (8080)
      --host <address>   0.0.0.0 lets other machines in             (127.0.0.1)
      --tls              https: and wss:, with a certificate for localhost that
                         openssl makes for this run and that nobody trusts
      --cert <file>      the certificate, in PEM, with what leads to its
      --key <file>       authority, and its private key
      --passphrase <from>  of that key, if it is encrypted: env:NAME or
                         file:PATH; without it, a terminal is asked
      --record <file>    adds all that happens to it, as JSON lines
  -q, --quiet            no line for each connection
  -h, --help             this text
  -V, --version          the version

Text comes back as text, binary as binary, and of the subprotocols offered the
first is agreed on. Open the page in a browser, or bring a client of your own.
The query of the URL asks for more:

  ws://127.0.0.1:8080/                            echoes
  ws://127.0.0.1:8080/?close=4001&reason=bye      closes as soon as it is open
  ws://127.0.0.1:8080/?close=1001&after=2000      closes after 2 seconds
  ws://127.0.0.1:8080/?wait=1500                  answers the handshake late
  ws://127.0.0.1:8080/?refuse=403                 refuses the handshake

Examples:
  isosocket serve
  isosocket serve --port 9000 --quiet
  isosocket serve --host 0.0.0.0       for the phone on the same network
  isosocket serve --tls                then connect -k wss://localhost:8080
  isosocket serve --record all.jsonl

A recording has a line for each event: "time", "connection" (a number), "event",
and for "open" the "url", "protocol" and "address"; for "message" a "direction"
("received" or "sent"), a "type" and the "text" or "base64"; for "close" the
"code", the "reason" and whether it was "clean"; for "refuse", which has no
connection, the "url", "address", "status" and "message". Each is in the file
before anything else happens, and what the file held before stays.

Ctrl-C closes all sockets with code 1001, and again ends the process at once.

${EXIT_CODES}`;

const OPTIONS = {
  port: { type: "string", short: "p" },
  host: { type: "string" },
  ...TLS_OPTIONS,
  record: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** Limits that suit tries with large messages. Not overflow "wait": Deno cannot stop reading. */
const LIMITS = { maxPayload: 16 * 1024 * 1024, maxBuffered: 256 * 1024 * 1024 } as const;

/** ms: time limit for closing all sockets. */
const DEADLINE = 3_000;

const paint = paintFor(process.stdout);

/**
 * Runs the command until a signal stops it.
 *
 * @param args The arguments after `serve`.
 * @returns The exit code.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function serve(args: readonly string[]): Promise<number> {
  const { values: options } = readArguments(args, OPTIONS, USAGE, 0);
  if (options.help) return print(HELP);
  if (options.version) return print(`${VERSION}\n`);
  const port = readPort(options.port ?? "8080");
  const hostname = options.host ?? "127.0.0.1";
  const log = new ConnectionLog(options.quiet ? () => {} : print, paint);
  let server: Server;
  let recording: Recording | undefined;
  let certificate: Certificate | undefined;
  try {
    certificate = await readCertificate(options, USAGE);
    const tls = certificate && { tls: certificate.tls };
    recording = options.record === undefined ? undefined : new Recording(options.record, complain);
    const onError = (error: unknown): void =>
      complain(error instanceof Error ? error.message : `${error}`);
    const onRefuse = false; // the log has refusals
    server = await listen(
      { port, hostname, onError, onRefuse, ...tls, ...LIMITS },
      handler(log, recording),
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message } = error as Error;
    const known = message.startsWith("Cannot ");
    complain(known ? message : `Cannot listen on ${hostname}:${port}: ${message}`);
    if ((error as { code?: string }).code === "EADDRINUSE") {
      process.stderr.write(`Try another one: --port ${(port + 1) % 65536}, or --port 0 for any.\n`);
    }
    return 1;
  }
  const stopped = untilStopSignal(); // before the banner: a program may wait for that and then stop the server
  print(banner(server, certificate?.isMade ?? false));
  await stopped;
  print(`Closing ${server.sockets.size} socket${server.sockets.size === 1 ? "" : "s"}\n`);
  await server.close({ code: 1001, reason: "the server is stopping", deadline: DEADLINE });
  recording?.close();
  return 0;
}

function readPort(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new UsageError(`Cannot listen on port "${text}": it must be between 0 and 65535`, USAGE);
}

function handler(log: ConnectionLog, recording: Recording | undefined): Handler {
  const handshakes = new Handshakes();
  return async (request, { remoteAddress, httpVersion }) => {
    if (!isHandshake(request.headers)) return answerPage(request, handshakes);
    try {
      const follow = recording && ((of: Socket) => recording.follow(of, remoteAddress));
      const { socket, response, protocol } = await echo(request, follow);
      log.follow(socket, remoteAddress);
      await handshakes.note(request, httpVersion, protocol);
      return response;
    } catch (error) {
      if (!(error instanceof UpgradeError)) throw error;
      log.refused(request.url, error.message);
      recording?.refused(request.url, remoteAddress, error.status, error.message);
      await handshakes.note(request, httpVersion, error.response);
      throw error;
    }
  };
}

/** Returns whether a request is a handshake. Malformed ones count, so that they are refused as such. */
function isHandshake(headers: Headers): boolean {
  return /\bwebsocket\b/i.test(headers.get("upgrade") ?? "") ||
    headers.has("sec-websocket-key") || headers.has("sec-websocket-version");
}

function banner({ url, hostname, port }: Server, isMade: boolean): string {
  return `isosocket ${VERSION} on ${runtimeName()}

  page  ${paint("cyan", url)}
  echo  ${paint("cyan", url.replace(/^http/, "ws"))}
${hostname === "0.0.0.0" ? otherAddresses(url, port) : ""}${isMade ? UNTRUSTED : ""}
Ctrl-C ends it.
`;
}

const UNTRUSTED = `
Its certificate was made for this run: a browser asks whether to go on, and
"isosocket connect --insecure" does.
`;

/** Returns the addresses under which other machines find the page, a line each. */
function otherAddresses(url: string, port: number): string {
  const { protocol } = new URL(url);
  const addresses = Object.values(networkInterfaces()).flat().filter((at) =>
    at !== undefined && !at.internal && at.family === "IPv4"
  );
  return addresses.map((at) => `  also  ${paint("cyan", `${protocol}//${at!.address}:${port}/`)}\n`)
    .join(
      "",
    );
}

/** Resolves at Ctrl-C or SIGTERM, or when nobody reads the log. The next signal has its usual effect. */
async function untilStopSignal(): Promise<void> {
  const signals = ["SIGINT", "SIGTERM"] as const;
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
    onReaderGone(stop);
  });
}
