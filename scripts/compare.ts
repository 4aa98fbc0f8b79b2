// Tries again what the tables of the README say of other packages, in the versions that
// scripts/compare pins: servers on Deno, Bun and Node, each as a process of its own, and clients that
// connect again. Prints the tables as they are measured. A cell that is different on the page is an
// error: exit code 1.
//
//   node scripts/compare.ts     about a minute; Node 22.18 or newer

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { clientRows } from "./compare/clients.ts";
import { serverRows } from "./compare/servers.ts";
import type { Row, Table } from "./compare/table.ts";
import { npm } from "./run/setup.mjs";

/** Packages of the first table, in the order of its columns. */
const SERVERS = ["isosocket", "crossws", "ws", "hono", "socket.io"] as const;

/** Packages of the second one. */
const CLIENTS = ["isosocket", "partysocket", "socket.io"] as const;

const folder = fileURLToPath(new URL("./compare/", import.meta.url));
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Installs the other packages, unless they are there in the pinned versions. */
function install(): void {
  const { dependencies } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  const isThere = Object.entries(dependencies).every(([name, version]) => {
    const path = `${folder}node_modules/${name}/package.json`;
    return existsSync(path) && JSON.parse(readFileSync(path, "utf8")).version === version;
  });
  if (isThere) return;
  const [command, before] = npm() as [string, string[]];
  const args = [...before, "ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) {
    throw new Error(`Cannot install the other packages: npm ci failed in ${folder}`);
  }
}

/** Returns a table of the README, by its head: the cells of each row. */
function tableOf(head: string): Map<string, string[]> {
  const start = readme.search(new RegExp(`^\\| ${head} +\\|`, "m"));
  if (start < 0) throw new Error(`Cannot compare: the README has no table of ${head}`);
  const [text = ""] = readme.slice(start).split("\n\n");
  return new Map(
    text.split("\n").map((line) => {
      const [name = "", ...cells] = line.split("|").slice(1, -1).map((cell) => cell.trim());
      return [name, cells];
    }),
  );
}

/** Prints a table as it was measured, and returns where the README says something else. */
function compare({ head, packages, rows }: Table): string[] {
  const stated = tableOf(head);
  console.log(`\n| ${head} | ${packages.join(" | ")} |\n|---|${"---|".repeat(packages.length)}`);
  const wrong: string[] = [];
  if (stated.get(head)?.join() !== packages.join()) wrong.push(`the columns of ${head}`);
  for (const { name, cells } of rows) {
    console.log(`| ${name} | ${cells.join(" | ")} |`);
    const row = stated.get(name);
    if (row === undefined) wrong.push(`${name}: the README has no such row`);
    for (const [index, cell] of cells.entries()) {
      if (row === undefined || row[index] === cell) continue;
      wrong.push(`${name}, ${packages[index]}: ${cell}, and the README says ${row[index]}`);
    }
  }
  const measured = new Set(rows.map((row: Row) => row.name));
  for (const name of stated.keys()) {
    if (name === head || /^-+$/.test(name) || measured.has(name)) continue;
    wrong.push(`${name}: the README has a row that is not measured`);
  }
  return wrong;
}

install();
const wrong = [
  ...compare({ head: "servers", packages: SERVERS, rows: await serverRows(SERVERS) }),
  ...compare({ head: "clients", packages: CLIENTS, rows: await clientRows(CLIENTS) }),
];
if (wrong.length > 0) console.error(`\nThe README differs:\n- ${wrong.join("\n- ")}`);
else console.log("\nThe README says the same.");
process.exit(wrong.length > 0 ? 1 : 0); // clients that connect again would keep the process alive
