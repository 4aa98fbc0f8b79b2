/** Asks on a terminal for a text that is not shown. @module */

import process from "node:process";
import { INTERRUPTED } from "./exit_code.ts";

/**
 * Asks for a secret, on stderr. What is typed is not shown.
 *
 * @returns The secret; `undefined` if there is no terminal.
 */
export async function askSecret(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (stdin.isTTY !== true || typeof stdin.setRawMode !== "function") return undefined;
  stdin.setRawMode(true); // before the question, which is answered at once perhaps
  stderr.write(question);
  stdin.setEncoding("utf8");
  const secret = await new Promise<string>((resolve) => {
    let typed = "";
    const finish = (): void => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
    };
    const take = (text: string): void => {
      for (const key of text) {
        if (key === "\x03") { // Ctrl-C
          finish();
          process.exit(INTERRUPTED);
        } else if (key === "\r" || key === "\n" || key === "\x04") {
          finish();
          return resolve(typed);
        } else if (key === "\x7f" || key === "\b") typed = [...typed].slice(0, -1).join("");
        else typed += key;
      }
    };
    stdin.on("data", take);
    stdin.resume();
  });
  return secret;
}
