/** Handles Ctrl-C: the first requests the end, the second ends the process. @module */

import process from "node:process";
import { INTERRUPTED } from "./exit_code.ts";

/** Signals that request the end of the process. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/**
 * Calls back at the first signal, and ends the process at the second.
 *
 * @param callback Called once.
 * @returns A function that restores the usual effect of the signals.
 */
export function onInterrupt(
  callback: () => void,
  signals: readonly Signal[] = ["SIGINT", "SIGTERM"],
): () => void {
  let isSecond = false;
  const handle = (): void => {
    if (isSecond) process.exit(INTERRUPTED);
    isSecond = true;
    callback();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
