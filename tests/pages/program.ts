/** Programs of the documentation, started as processes. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { watch } from "../../scripts/processes/unhandled.ts";
import { type Block, root } from "./page.ts";

/** A running program. */
export interface Program {
  /** Lines that it printed before its last line. */
  readonly first: readonly string[];
  /** Resolves with the next line of output; rejects if the program ends without one. */
  line(): Promise<string>;
  /** Sends a signal; resolves when the program has ended. */
  stop(signal: "SIGTERM" | "SIGINT"): Promise<void>;
  /** Kills the program. */
  end(): void;
}

/** Port of the examples on the pages. */
const PORT = /\b8080\b/g;

/** Inside of the package, so that programs find it and other packages by name. */
const FOLDER = join(root, ".build");

/** Resolves with a port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program on the runtime of the test. Resolves when it has executed its last line. */
export async function start({ page, line, code }: Block, port: number): Promise<Program> {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, "program-"));
  const file = join(folder, `${page.replaceAll(/\W/g, "_")}_${line}.ts`);
  writeFileSync(file, `${code.replaceAll(PORT, String(port))}\nconsole.log("the last line");\n`);
  const flags = "Deno" in globalThis ? ["run", "-A", "--no-check", "--quiet"] : [];
  const env = { ...process.env, NO_COLOR: "1" };
  const child = watch(spawn(process.execPath, [...flags, file], { cwd: root, env }));
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const first: string[] = [];
  const program: Program = {
    first,
    line: linesOf(child),
    stop(signal) {
      child.kill(signal);
      return ended;
    },
    end: () => void child.kill("SIGKILL"),
  };
  try {
    for (let printed; (printed = await program.line()) !== "the last line";) first.push(printed);
  } catch (cause) {
    program.end();
    throw new Error(`${page}:${line} does not run: ${first.join("\n")}`, { cause });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return program;
}

/** Returns a function that reads the next line of a process's output. */
function linesOf(child: ChildProcess): () => Promise<string> {
  let text = "";
  let isOver = false;
  let wake: (() => void) | undefined;
  for (const output of [child.stdout!, child.stderr!]) {
    output.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      wake?.();
    });
  }
  child.on("close", () => {
    isOver = true;
    wake?.();
  });
  return async () => {
    while (!text.includes("\n")) {
      if (isOver) throw new Error(`It ended after ${JSON.stringify(text)}`);
      await new Promise<void>((resolve) => wake = resolve);
    }
    const end = text.indexOf("\n");
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    return line;
  };
}
