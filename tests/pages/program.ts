/** Programs of the documentation, as their readers start them. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { watch } from "../../scripts/processes/unhandled.ts";
import { type Block, root } from "./page.ts";

/** A program that runs. */
export interface Program {
  /** Its next line of output; rejects if it ends without one. */
  line(): Promise<string>;
  /** Ends it. */
  end(): void;
}

/** The port that pages have in their examples. */
const PORT = /\b8080\b/g;

/** Here they are inside of the package, so they find it and its peers by name. */
const FOLDER = join(root, ".build");

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program under the runtime of the test, and tells when it has come to its last line. */
export async function start({ page, line, code }: Block, port: number): Promise<Program> {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, "program-"));
  const file = join(folder, `${page.replaceAll(/\W/g, "_")}_${line}.ts`);
  writeFileSync(file, `${code.replaceAll(PORT, String(port))}\nconsole.log("the last line");\n`);
  const how = "Deno" in globalThis ? ["run", "-A", "--no-check", "--quiet"] : [];
  const env = { ...process.env, NO_COLOR: "1" };
  const child = watch(spawn(process.execPath, [...how, file], { cwd: root, env }));
  const program = { line: linesOf(child), end: () => void child.kill("SIGKILL") };
  try {
    const begun = await program.line();
    if (begun !== "the last line") throw new Error(`${page}:${line} does not run: ${begun}`);
  } catch (error) {
    program.end();
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
  return program;
}

/** Reads what a process prints, line by line. */
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
