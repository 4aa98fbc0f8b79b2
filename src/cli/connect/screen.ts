/** Output of `connect`: messages on stdout, everything else on stderr. @module */

import { Buffer } from "node:buffer";
import process from "node:process";
import { hexDump, size } from "../shared/bytes.ts";
import { type Paint, paintFor } from "../shared/paint.ts";
import { printable } from "../shared/printable.ts";
import type { Prompt } from "./prompt.ts";

/** Form in which binary messages are printed. */
export type BinaryForm = "dump" | "hex" | "raw";

/** All forms of binary messages. */
export const BINARY_FORMS: readonly BinaryForm[] = ["dump", "hex", "raw"];

/** Maximum number of bytes of a message in a dump. */
const DUMPED = 1024;

/** Prints messages and status lines. */
export class Screen {
  /** The input line, if there is one: output goes above it. */
  prompt: Prompt | undefined;

  readonly #quiet: boolean;
  readonly #form: BinaryForm;
  readonly #isTerminal: boolean = process.stdout.isTTY ?? false;
  readonly #paint: Paint = paintFor(process.stdout);
  /** stderr; but stdout if both are terminals, as two streams to one terminal can get out of order. */
  readonly #status: NodeJS.WriteStream;
  readonly #paintStatus: Paint;

  /** Prepares to print. */
  constructor(quiet: boolean, form: BinaryForm | undefined) {
    this.#quiet = quiet;
    this.#form = form ?? (this.#isTerminal ? "dump" : "hex");
    this.#status = this.#isTerminal && process.stderr.isTTY ? process.stdout : process.stderr;
    this.#paintStatus = paintFor(this.#status);
  }

  /** Prints a message. Resolves when stdout can take the next. */
  async message(data: string | ArrayBuffer): Promise<void> {
    const output = this.#isTerminal ? this.#forPeople(data) : this.#forPrograms(data);
    let isReady = true;
    this.#above(() => void (isReady = process.stdout.write(output)));
    if (!isReady) await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  }

  /** Format for programs: text unchanged, on a line. */
  #forPrograms(data: string | ArrayBuffer): string | Uint8Array {
    if (typeof data === "string") return `${data}\n`;
    if (this.#form === "raw") return new Uint8Array(data);
    if (this.#form === "hex") return `${Buffer.from(data).toString("hex")}\n`;
    return `${hexDump(new Uint8Array(data), 16, DUMPED)}\n`;
  }

  /** Format for people. */
  #forPeople(data: string | ArrayBuffer): string | Uint8Array {
    const mark = this.#paint("cyan", "<");
    if (typeof data === "string") return `${mark} ${printable(data)}\n`;
    if (this.#form === "raw") return new Uint8Array(data);
    const bytes = this.#forPrograms(data) as string;
    const head = `${mark} ${this.#paint("dim", `binary, ${size(data.byteLength)}`)}\n`;
    return data.byteLength === 0 ? head : head + bytes.replace(/^/gm, "  ").trimEnd() + "\n";
  }

  /** Prints a status line, unless `--quiet`. */
  status(text: string): void {
    if (!this.#quiet) this.#line("dim", text);
  }

  /** Prints a good status line, unless `--quiet`. */
  success(text: string): void {
    if (!this.#quiet) this.#line("green", text);
  }

  /** Prints an error. */
  complain(text: string): void {
    this.#line("red", text);
  }

  /** Prints what belongs to an error. */
  detail(text: string): void {
    this.#line("dim", text);
  }

  /** Prints the answer to a command. */
  answer(text: string): void {
    this.#above(() => void this.#status.write(text));
  }

  #line(style: "dim" | "green" | "red", text: string): void {
    this.#above(() => void this.#status.write(`${this.#paintStatus(style, printable(text))}\n`));
  }

  #above(print: () => void): void {
    if (this.prompt === undefined) print();
    else this.prompt.above(print);
  }
}
