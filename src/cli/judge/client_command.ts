/** Runs the client that is judged. @module */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileErrorReason } from "../shared/file.ts";
import { endInWords } from "./server_command.ts";

/** Starts the command of the client; calls `onEnd` when it has ended. */
export function startClient(
  command: readonly string[],
  url: string,
  quiet: boolean,
  onEnd: () => void,
): { kill(): void; ended(): string; crash(): string | undefined } {
  let ended = "";
  let crash: string | undefined;
  let child: ChildProcess | undefined;
  const [file, ...args] = command.map((word) =>
    word.replaceAll("{url}", url).replaceAll("{page}", `${url.replace("ws", "http")}/`)
  );
  if (file !== undefined) {
    const env = { ...process.env, JUDGE_URL: url };
    child = spawn(file, args, { stdio: ["ignore", quiet ? "ignore" : 2, 2], env });
    child.once("error", (error) => {
      child = undefined;
      ended = `${file} cannot be run: ${fileErrorReason(error)}`;
      onEnd();
    });
    child.once("exit", (code, signal) => {
      child = undefined;
      const how = endInWords(code, signal);
      ended = how.replace("it", file);
      if (code !== 0) crash = how;
      onEnd();
    });
  }
  return {
    kill: () => void child?.kill(),
    ended: () => ended,
    crash: () => crash,
  };
}
