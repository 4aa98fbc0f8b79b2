// Runs one command to its end, and keeps what it prints.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { root } from "./places.mjs";

const HEARTBEAT = 20_000;

/** ms: what a command that is asked to end has for it. */
const GRACE = 1000;
const running = new Set();

/** The exit code, once a signal has asked for it. */
let ending;

// A group of its own for each command, so that what hangs can be ended with all that it started.
function endAll(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}
for (
  const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]]
) {
  process.on(signal, () => {
    if (running.size === 0) process.exit(code);
    ending = code;
    for (const child of running) endAll(child, "SIGTERM"); // who has started browsers ends them
    setTimeout(() => {
      for (const child of running) endAll(child, "SIGKILL");
      process.exit(code);
    }, GRACE);
  });
}

/**
 * Runs a command.
 *
 * @param name What to call it in lines of progress.
 * @param log The file that gets all it prints.
 * @param limit When it is taken to hang, in ms.
 * @returns Its exit code, or the signal that ended it, and what it printed.
 */
export async function run(
  name,
  command,
  args,
  { log, env = {}, cwd = root, limit = 900_000 },
) {
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log);
  const began = Date.now();
  const beat = setInterval(() => {
    console.log(
      `  ${name}: running for ${Math.round((Date.now() - began) / 1000)} s`,
    );
  }, HEARTBEAT);
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      file.write(text);
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endAll(child, "SIGKILL");
  }, limit);
  const status = await new Promise((resolve) => {
    child.on("error", (error) => {
      output += `${error.message}\n`;
      resolve(1);
    });
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  if (ending !== undefined) process.exit(ending);
  clearInterval(beat);
  clearTimeout(timer);
  running.delete(child);
  if (late) {
    output += `\nCannot go on: it did not end within ${limit / 1000} s\n`;
  }
  await new Promise((resolve) => file.end(resolve));
  return { status, output };
}
