/** Parses lines typed in `connect`: messages, and commands that begin with "/". @module */

import { checkClose } from "../../core/close_code.ts";
import { closest } from "../shared/command_line.ts";
import { parseHex } from "../shared/bytes.ts";

/** A parsed line: what the client does. */
export type ClientCommand =
  | { readonly kind: "send"; readonly data: string | Uint8Array<ArrayBuffer> }
  | { readonly kind: "file"; readonly path: string; readonly form: "text" | "binary" }
  | { readonly kind: "ping"; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  | { readonly kind: "help" };

/** Text of `/help`. */
export const COMMANDS_HELP = `\
A line is a message. What begins with a slash is a command:
  /hex 00 ff 7f          sends bytes
  /file <path>           sends a file, as binary
  /text <path>           sends a file, as text
  /ping [text]           sends a Ping, and prints how long the Pong took
  /close [code [reason]] closes: 1000, or 3000 to 4999
  /help                  this text
  //                     begins a message with a slash
Ctrl-D and Ctrl-C close, too. The arrows find what was typed before.
`;

/** Syntax of each command. */
const SYNTAX: Readonly<Record<string, string>> = {
  hex: "/hex 00 ff 7f",
  file: "/file <path>",
  text: "/text <path>",
  ping: "/ping [text]",
  close: "/close [code [reason]]",
  help: "/help",
};

/**
 * Parses a line.
 *
 * @throws {Error} If it is an invalid command: the message says why.
 */
export function readCommand(line: string): ClientCommand {
  if (!line.startsWith("/")) return { kind: "send", data: line };
  if (line.startsWith("//")) return { kind: "send", data: line.slice(1) };
  const [name, rest] = splitWord(line.slice(1));
  if (!Object.hasOwn(SYNTAX, name)) {
    const suggestion = closest(name, Object.keys(SYNTAX));
    const hint = suggestion === undefined ? "/help lists them" : `Did you mean /${suggestion}?`;
    throw new Error(`There is no command /${name}. ${hint}`);
  }
  const mayBeAlone = name === "close" || name === "ping";
  if (!mayBeAlone && (rest === "") !== (name === "help")) {
    throw new Error(`This is how it goes: ${SYNTAX[name]}`);
  }
  switch (name) {
    case "hex":
      return { kind: "send", data: parseHex(rest) };
    case "file":
      return { kind: "file", path: rest, form: "binary" };
    case "text":
      return { kind: "file", path: rest, form: "text" };
    case "ping":
      return { kind: "ping", payload: readPayload(rest) };
    case "close":
      return readClose(rest);
    default:
      return { kind: "help" };
  }
}

/** Splits off the first word; the rest is trimmed. */
function splitWord(text: string): [word: string, rest: string] {
  const at = text.search(/\s/);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at).trim()];
}

/** 5.5: a control frame has at most 125 bytes. */
const MAX_PING = 125;

function readPayload(text: string): Uint8Array<ArrayBuffer> {
  const payload = new TextEncoder().encode(text);
  if (payload.length <= MAX_PING) return payload;
  throw new Error(`Cannot ping with ${payload.length} bytes: ${MAX_PING} are the most`);
}

function readClose(rest: string): ClientCommand {
  const [code, reason] = rest === "" ? ["1000", ""] : splitWord(rest);
  if (!/^\d+$/.test(code)) {
    throw new Error(`Cannot close with code ${code}: it must be 1000, or between 3000 and 4999`);
  }
  checkClose("client", Number(code), reason);
  return { kind: "close", code: Number(code), reason };
}
