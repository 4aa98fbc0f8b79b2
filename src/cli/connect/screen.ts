/** What `connect` prints: messages on stdout, all else on stderr. @module */

import { Buffer } from "node:buffer";
import process from "node:process";
import { hexDump, size } from "../shared/bytes.ts";
import { type Paint, paintFor } from "../shared/paint.ts";
import { printable } from "../shared/printable.ts";
import type { Prompt } from "./prompt.ts";

/** How binary is printed. */
export type BinaryForm = "dump" | "hex" | "raw";

/** All of them. */
export const BINARY_FORMS: readonly BinaryForm[] = ["dump", "hex", "raw"];

/** Bytes of a message that a dump shows. */
const DUMPED = 1024;

/** Where it goes. */
export class Screen {
  /** The line to type on, while there is one: what is printed goes above it. */
  prompt: Prompt | undefined;

  readonly #quiet: boolean;
  readonly #form: BinaryForm;
  readonly #isTerminal: boolean = process.stdout.isTTY ?? false;
  readonly #paint: Paint = paintFor(process.stdout);
  /** Two streams to one terminal would get out of step. */
  readonly #status: NodeJS.WriteStream;
  readonly #paintStatus: Paint;

  /** Prepares to print. */
  constructor(quiet: boolean, form: BinaryForm | undefined) {
    this.#quiet = quiet;
    this.#form = form ?? (this.#isTerminal ? "dump" : "hex");
    this.#status = this.#isTerminal && process.stderr.isTTY ? process.stdout : process.stderr;
    this.#paintStatus = paintFor(this.#status);
  }

  /** Prints a message; resolves when there is room for the next. */
  async message(data: string | ArrayBuffer): Promise<void> {
    const output = this.#isTerminal ? this.#shown(data) : this.#plain(data);
    let hasRoom = true;
    this.#above(() => void (hasRoom = process.stdout.write(output)));
    if (!hasRoom) await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  }

  /** For programs: text as it is, on a line. */
  #plain(data: string | ArrayBuffer): string | Uint8Array {
    if (typeof data === "string") return `${data}\n`;
    if (this.#form === "raw") return new Uint8Array(data);
    if (this.#form === "hex") return `${Buffer.from(data).toString("hex")}\n`;
    return `${hexDump(new Uint8Array(data), 16, DUMPED)}\n`;
  }

  /** For people. */
  #shown(data: string | ArrayBuffer): string | Uint8Array {
    const mark = this.#paint("cyan", "<");
    if (typeof data === "string") return `${mark} ${printable(data)}\n`;
    if (this.#form === "raw") return new Uint8Array(data);
    const bytes = this.#plain(data) as string;
    const head = `${mark} ${this.#paint("dim", `binary, ${size(data.byteLength)}`)}\n`;
    return data.byteLength === 0 ? head : head + bytes.replace(/^/gm, "  ").trimEnd() + "\n";
  }

  /** Says how things are, unless that is not wanted. */
  status(text: string): void {
    if (!this.#quiet) this.#say("dim", text);
  }

  /** Says that a connection is there. */
  good(text: string): void {
    if (!this.#quiet) this.#say("green", text);
  }

  /** Says what went wrong. */
  complain(text: string): void {
    this.#say("red", text);
  }

  /** Answers a question. */
  answer(text: string): void {
    this.#above(() => void this.#status.write(text));
  }

  #say(style: "dim" | "green" | "red", text: string): void {
    this.#above(() => void this.#status.write(`${this.#paintStatus(style, printable(text))}\n`));
  }

  #above(print: () => void): void {
    if (this.prompt === undefined) print();
    else this.prompt.above(print);
  }
}
