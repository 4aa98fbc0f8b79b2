/** Input line below the output; editing and history are those of `node:readline`. @module */

import { appendFileSync, readFileSync } from "node:fs";
import process from "node:process";
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from "node:readline";
import { fileErrorReason } from "../shared/file.ts";

/** Number of lines in the history. */
const HISTORY = 1000;

/** An interface with its private field: the row of its line that the cursor was on. */
type LineInterface = Interface & { prevRows?: number };

/** Input line of a terminal. */
export class Prompt {
  readonly #lines: LineInterface;
  readonly #output: NodeJS.WriteStream;
  #shown = false;
  #closed = false;

  /**
   * Takes over the terminal.
   *
   * @param text The prompt.
   * @param file File of the history; `undefined` for none.
   * @param onLine Called with each line.
   * @param onEnd Called at Ctrl-D and Ctrl-C.
   * @throws {Error} If the file of the history cannot be read.
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
    this.#lines.on("close", () => { // also at Ctrl-C
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

  /** Prints above the line, which is redrawn below. */
  above(print: () => void): void {
    if (!this.#shown || this.#closed) return print();
    const { rows } = this.#lines.getCursorPos();
    this.#erase(rows);
    print();
    // Otherwise readline moves up to the row in which the line began when it was last drawn.
    this.#lines.prevRows = 0;
    this.#lines.prompt(true);
  }

  #erase(rows: number): void {
    if (rows > 0) moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
  }

  /** Releases the terminal, and erases the unfinished line. */
  close(): void {
    if (this.#closed) return;
    if (this.#shown) this.#erase(this.#lines.getCursorPos().rows);
    this.#closed = true;
    this.#lines.close();
  }
}

/** Returns the lines of the file, the latest first. */
function readHistory(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter((line) => line !== "").reverse()
      .slice(0, HISTORY);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw new Error(`Cannot keep the history in ${file}: ${fileErrorReason(error)}`);
  }
}
