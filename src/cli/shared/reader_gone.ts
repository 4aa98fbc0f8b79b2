/** Ends a command when nobody reads any more what it prints, as SIGPIPE ends other programs. @module */

import process from "node:process";
import { FAILED } from "./exit_code.ts";

/** Ends the command: with the code that it has, if it is done, and else as failed. */
let end = (): void => process.exit(process.exitCode ?? FAILED);

/** Whether it was noticed: each further write fails, too. */
let isGone = false;

/** Watches the two outputs. An output that cannot be written to for another reason ends the command, too. */
export function watchReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", ({ code, message }: Error & { code?: string }) => {
      if (isGone) return;
      isGone = true;
      if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return end();
      if (stream === process.stdout) process.stderr.write(`Cannot go on: ${message}\n`);
      process.exit(FAILED);
    });
  }
}

/** Replaces what is done then, for a command that has connections to close. */
export function onReaderGone(callback: () => void): void {
  end = callback;
}
