/** Splits the input of a pipe into messages. @module */

import { parseHex } from "../shared/bytes.ts";

/** Form of the input: one message per line, as text or as bytes in hex, or one message in all. */
export type InputForm = "lines" | "hex" | "text" | "binary";

/** All forms of the input. */
export const INPUT_FORMS: readonly InputForm[] = ["lines", "hex", "text", "binary"];

/** Data of a message to send. */
export type MessageData = string | Uint8Array<ArrayBuffer>;

/**
 * Reads messages.
 *
 * @param input Chunks of the input.
 * @throws {Error} If a line is not hex: the message says which.
 */
export async function* readMessages(
  input: AsyncIterable<Uint8Array>,
  form: InputForm,
): AsyncGenerator<MessageData> {
  if (form === "binary" || form === "text") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of input) chunks.push(chunk);
    const whole = concat(chunks);
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

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Splits into lines. A line ends with LF or CRLF, the last one perhaps without. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input) {
    const [first = "", ...lines] = decoder.decode(chunk, { stream: true }).split("\n");
    rest += first;
    for (const line of lines) {
      yield rest.replace(/\r$/, "");
      rest = line;
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

function hex(line: string, number: number): MessageData {
  try {
    return parseHex(line);
  } catch (error) {
    throw new Error(`${(error as Error).message}, in line ${number}`);
  }
}
