/** The table of servers: each package's, on each runtime. @module */

import { readFileSync } from "node:fs";
import { ENTRY_POINTS } from "../size.ts";
import { type Runtime, RUNTIMES, start } from "./running.ts";
import type { Row } from "./table.ts";
import { OVERHEAD, talk } from "./talk.ts";

/** What was seen of a package on one runtime. */
interface Seen {
  readonly kind: string;
  /** What ends when a listener rejects. */
  readonly ends: "its socket" | "the process" | "nothing";
  readonly hasCode: boolean;
  readonly longest: string;
}

const MiB = 2 ** 20;

/** Lengths that are limits somewhere, and how the README writes them. */
const LIMITS: readonly (readonly [bytes: number, words: string])[] = [
  [1e6, "1 MB"],
  [MiB, "1 MiB"],
  [16 * MiB, "16 MiB"],
  [64 * MiB, "64 MiB"],
  [100 * MiB, "100 MiB"],
];

/** ms for the answer to a message of 100 MiB. */
const LONG = 30_000;

/** Tries a package's server on a runtime; resolves with `undefined` if it does not run there. */
async function tryServer(name: string, runtime: Runtime): Promise<Seen | undefined> {
  using server = await start(name, runtime);
  if (server === undefined) return undefined;
  const first = await talk(name, server.port).catch(() => undefined);
  if (first === undefined) return undefined;
  first.send("hello");
  if (await first.answer() !== "5") return undefined;
  const { kind = "nothing" } = await server.next(({ kind }) => kind !== undefined) ?? {};

  first.close(4001, "bye");
  const end = await server.next(({ code, reason, kind }) =>
    kind === undefined && (code ?? reason) !== null
  );
  const hasCode = end?.code === 4001 && end.reason === "bye";

  const longest = await longestOf(name, server.port);

  const [rejecting, other] = [await talk(name, server.port), await talk(name, server.port)];
  rejecting.send("reject");
  await rejecting.answer(1500);
  let ends: Seen["ends"] = rejecting.isOver ? "its socket" : "nothing";
  if (!server.lives) ends = "the process";
  else {
    other.send("hello");
    if (await other.answer() !== "5") ends = "the process";
  }
  return { kind, ends, hasCode, longest };
}

/** Resolves with the longest message that a server takes, in the words of the README. */
async function longestOf(name: string, port: number): Promise<string> {
  const takes = async (bytes: number): Promise<boolean> => {
    const connection = await talk(name, port);
    const length = bytes - (OVERHEAD[name] ?? 0);
    connection.send("x".repeat(length));
    const answer = await connection.answer(LONG);
    connection.close(1000, "");
    return answer === String(length);
  };
  for (const [bytes, words] of LIMITS) {
    if (!await takes(bytes)) return `less than ${words}`;
    if (!await takes(bytes + 1)) return words;
  }
  return "more than 100 MiB";
}

/** Joins runtimes as the README does. */
function listed(runtimes: readonly Runtime[]): string {
  return runtimes.length === RUNTIMES.length ? "all" : runtimes.join(", ");
}

/** The same for all runtimes, or what is so on which. */
function sameFor<T extends string>(seen: ReadonlyMap<Runtime, T>, otherwise: () => string): string {
  const values = new Set(seen.values());
  return values.size === 1 ? [...values][0]! : otherwise();
}

/** Returns the names of what a package exports, from its package.json; of this one, from deno.json. */
function exportsOf(name: string): string[] {
  const file = name === "isosocket" ? "../../deno.json" : `./node_modules/${name}/package.json`;
  const { exports } = JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
  return Object.keys(exports);
}

/** Drivers of crossws that relay topics, which the README abbreviates. */
async function relaysOf(name: string): Promise<string> {
  if (name === "crossws") {
    const drivers = Object.keys(
      await import(new URL("./node_modules/crossws/dist/sync.mjs", import.meta.url).href),
    );
    const has = (part: string): boolean =>
      drivers.some((each) => each.toLowerCase().includes(part));
    return has("redis") && has("pg") ? "Redis, Postgres, …" : drivers.join(", ");
  }
  if (name === "socket.io") {
    // Its adapters are packages of their own, which this method takes.
    const { Server } = await import(import.meta.resolve("socket.io"));
    return typeof Server.prototype.adapter === "function" ? "Redis, Postgres, …" : "no";
  }
  const paths = exportsOf(name);
  if (paths.includes("./redis") && paths.includes("./postgres")) return "Redis, Postgres, …";
  return paths.some((path) => /sync|broker|redis|adapter.*(redis|pg)/.test(path)) ? "yes" : "no";
}

/** Resolves with whether a package exports, for tests, something that makes sockets. */
async function hasPairs(name: string, paths: readonly string[]): Promise<boolean> {
  for (const path of paths.filter((each) => /test|mock|memory/.test(each))) {
    const module = name === "isosocket"
      ? new URL(`../../${ENTRY_POINTS[path]}`, import.meta.url).href
      : import.meta.resolve(name + path.slice(1));
    if (Object.keys(await import(module)).some((each) => /pair|socket/i.test(each))) return true;
  }
  return false;
}

/** Resolves with the rows of the table of servers. */
export async function serverRows(packages: readonly string[]): Promise<Row[]> {
  const rows = new Map<string, string[]>();
  const add = (row: string, cell: string): void => {
    rows.set(row, [...rows.get(row) ?? [], cell]);
  };
  for (const name of packages) {
    const seen = new Map<Runtime, Seen>();
    for (const runtime of RUNTIMES) {
      const result = await tryServer(name, runtime);
      console.error(
        `${name} on ${runtime}: ${result === undefined ? "no" : JSON.stringify(result)}`,
      );
      if (result !== undefined) seen.set(runtime, result);
    }
    const each = <T extends string>(get: (seen: Seen) => T): Map<Runtime, T> =>
      new Map([...seen].map(([runtime, it]) => [runtime, get(it)]));
    const where = (test: (seen: Seen) => boolean): Runtime[] =>
      [...seen].filter(([, it]) => test(it)).map(([runtime]) => runtime);

    add("on Deno, Bun, Node", listed([...seen.keys()]));
    const paths = exportsOf(name);
    add("on Workers", paths.some((path) => path.includes("cloudflare")) ? "yes" : "no");
    add("a socket is a", sameFor(each((it) => it.kind), () => [...each((it) => it.kind)].join()));
    add(
      "a listener that rejects ends",
      sameFor(
        each((it) => it.ends),
        () => `the process, on ${where((it) => it.ends === "the process").join(" and ")}`,
      ),
    );
    const without = where((it) => !it.hasCode);
    add(
      "a close has code and reason",
      without.length === 0
        ? "yes"
        : without.length === seen.size
        ? "no"
        : `not on ${without.join(", ")}`,
    );
    add("longest message", sameFor(each((it) => it.longest), () => "the runtime's"));
    add("topics across processes", await relaysOf(name));
    add("sockets in memory, for tests", await hasPairs(name, paths) ? "yes" : "no");
  }
  return [...rows].map(([name, cells]) => ({ name, cells }));
}
