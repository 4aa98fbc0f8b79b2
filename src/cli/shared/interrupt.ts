/** Ctrl-C: once to ask for an end, twice to have it. @module */

import process from "node:process";
import { INTERRUPTED } from "./exit_code.ts";

/** Signals by which a system or its user asks. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/**
 * Lets the first signal ask, and the second end the process at once.
 *
 * @param ask Called once.
 * @returns What gives signals their usual effect again.
 */
export function onInterrupt(
  ask: () => void,
  signals: readonly Signal[] = ["SIGINT", "SIGTERM"],
): () => void {
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
    ask();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
