// npm start: isosocket serve.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { bun, root } from "./places.mjs";
import { installLibraries, installRuntimes } from "./setup.mjs";

/** One Ctrl-C may come as several signals: from the terminal, from npm, from a shell. */
const ONE_PRESS = 300;

/** Serves until it is told to end; resolves with the exit code. */
export function start(args) {
  installLibraries();
  const main = [join(root, "src/cli/main.ts"), "serve", ...args];
  if (stripsTypes()) return supervise(process.execPath, main);
  installRuntimes();
  return supervise(bun, main); // it has nothing to fetch: Deno would, for all that tests need
}

/** Whether this Node runs TypeScript as it is. */
function stripsTypes() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 6) ||
    (major === 22 && minor >= 18);
}

/**
 * Runs a command that ends by signal in good order. It gets a group of its own, so that signals
 * come from here only, and each press of Ctrl-C once: the second one means "at once".
 */
function supervise(command, args) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: "inherit",
    detached: true,
  });
  let last = -Infinity;
  const pass = (signal) => {
    const now = performance.now();
    if (now - last > ONE_PRESS) child.kill(signal);
    last = now;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, pass);
  }
  outlive(() => pass("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on(
      "exit",
      (code, signal) => resolve(code ?? 128 + constants.signals[signal]),
    );
  });
}

/** npm hands a signal to its shell only, which ends, and tells nobody. */
function outlive(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    end();
  }, 200);
  look.unref();
}
