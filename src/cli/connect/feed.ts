/** What comes in a pipe, as messages. @module */

import { parseHex } from "../shared/bytes.ts";

/** How a pipe becomes messages: a line each, as text or as bytes in hex, or one of all. */
export type Form = "lines" | "hex" | "text" | "binary";

/** All of them. */
export const FORMS: readonly Form[] = ["lines", "hex", "text", "binary"];

/** What is sent. */
export type Data = string | Uint8Array<ArrayBuffer>;

/**
 * Reads messages.
 *
 * @param input Pieces of what comes.
 * @throws {Error} If a line is not hex: the message says which.
 */
export async function* feed(input: AsyncIterable<Uint8Array>, form: Form): AsyncGenerator<Data> {
  if (form === "binary" || form === "text") {
    const pieces: Uint8Array[] = [];
    for await (const piece of input) pieces.push(piece);
    const whole = joined(pieces);
    yield form === "text" ? new TextDecoder().decode(whole) : whole;
    return;
  }
  let number = 0;
  for await (const line of linesOf(input)) {
    number++;
    if (form === "lines") yield line;
    else if (line.trim() !== "") yield hex(line, number);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Ends of lines are LF or CRLF; the last one may be missing. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of input) {
    const [first = "", ...lines] = decoder.decode(piece, { stream: true }).split("\n");
    rest += first;
    for (const line of lines) {
      yield rest.replace(/\r$/, "");
      rest = line;
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

function hex(line: string, number: number): Data {
  try {
    return parseHex(line);
  } catch (error) {
    throw new Error(`${(error as Error).message}, in line ${number}`);
  }
}
