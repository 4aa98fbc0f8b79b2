/** A line to type on, below what comes: editing and history are those of `node:readline`. @module */

import { appendFileSync, readFileSync } from "node:fs";
import process from "node:process";
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from "node:readline";
import { whyNoFile } from "../shared/target.ts";

/** How many lines the arrows find. */
const HISTORY = 1000;

/** An interface, with what it does not tell of: below which row of its line the cursor is. */
type Lines = Interface & { prevRows?: number };

/** Where a user types. */
export class Prompt {
  readonly #lines: Lines;
  readonly #output: NodeJS.WriteStream;
  #shown = false;
  #closed = false;

  /**
   * Takes the terminal.
   *
   * @param file Where the history is kept, if it is kept.
   * @param onLine Told of each line.
   * @param onEnd Told of Ctrl-D and Ctrl-C.
   * @throws {Error} If the file of the history cannot be used.
   */
  constructor(
    output: NodeJS.WriteStream,
    text: string,
    file: string | undefined,
    onLine: (line: string) => void,
    onEnd: () => void,
  ) {
    this.#output = output;
    this.#lines = createInterface({
      input: process.stdin,
      output,
      terminal: true,
      prompt: text,
      historySize: HISTORY,
      removeHistoryDuplicates: true,
      history: file === undefined ? [] : readHistory(file),
    });
    this.#lines.on("line", (line) => {
      if (this.#closed) return;
      if (file !== undefined && line !== "") appendFileSync(file, `${line}\n`, { mode: 0o600 });
      onLine(line);
      if (this.#shown && !this.#closed) this.#lines.prompt();
    });
    this.#lines.on("close", () => { // for Ctrl-C, too
      if (this.#closed) return;
      this.close();
      onEnd();
    });
  }

  /** Shows the line. */
  show(): void {
    if (this.#shown || this.#closed) return;
    this.#shown = true;
    this.#lines.prompt();
  }

  /** Prints something above the line. */
  above(print: () => void): void {
    if (!this.#shown || this.#closed) return print();
    const { rows } = this.#lines.getCursorPos();
    this.#wipe(rows);
    print();
    // It would go back to where the line began when it was last drawn as a whole.
    this.#lines.prevRows = 0;
    this.#lines.prompt(true);
  }

  #wipe(rows: number): void {
    if (rows > 0) moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }

  /** Gives the terminal back; what was typed and not sent is wiped away. */
  close(): void {
    if (this.#closed) return;
    if (this.#shown) this.#wipe(this.#lines.getCursorPos().rows);
    this.#closed = true;
    this.#lines.close();
  }
}

/** The lines of a file, the latest first. */
function readHistory(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter((line) => line !== "").reverse()
      .slice(0, HISTORY);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw new Error(`Cannot keep the history in ${file}: ${whyNoFile(error)}`);
  }
}
