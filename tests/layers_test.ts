// The rules of the house: which room may import which, no circles, how long files are, and that
// browsers get no more than they need.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The rooms, and which of the others each imports: all of them, and no more. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["client", "core", "handshake", "portable", "pubsub", "server"],
  core: [],
  protocol: [],
  handshake: ["core"],
  pubsub: ["core", "protocol"],
  server: ["core", "handshake", "pubsub"],
  "adapters/web": ["core"],
  adapters: ["adapters/web", "core", "handshake", "protocol", "pubsub", "server"],
  client: ["adapters/web", "core", "handshake", "protocol"],
  page: ["client", "core"],
  portable: ["adapters", "client", "core", "handshake", "server"],
  testing: ["client", "core", "handshake", "pubsub", "server"],
  conformance: [], // the judge shares no code with the accused
  cli: ["adapters/web", "client", "conformance", "core", "handshake", "portable", "server"],
};

/** Number of arrows between rooms that a reader can keep in mind. */
const MAX_ARROWS = 42;

/** The same inside of rooms that have rooms of their own: runtimes and commands know no other one. */
const INNER_ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  adapters: {
    "": [],
    bun: [""],
    cluster: [],
    deno: [""],
    nats: [],
    node: ["", "tcp"],
    postgres: [],
    redis: [],
    tcp: [],
  },
  testing: {
    "": ["memory"],
    contract: [],
    memory: [],
  },
  conformance: {
    "": ["cases", "player", "report", "through", "wire"],
    cases: ["", "wire"],
    player: ["", "wire"],
    report: [""],
    repro: ["", "player", "report", "wire"],
    through: ["", "player", "wire"],
    wire: [],
  },
  cli: {
    "": ["bench", "connect", "judge", "serve", "shared"],
    bench: ["shared"],
    connect: ["shared"],
    judge: ["shared"],
    serve: ["shared"],
    shared: [],
  },
};

/** Files of more than {@linkcode LONG} lines, and why nothing leaves them. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "scripts/stress/http_verdicts.ts": "all findings of one run, and how each is tried again",
  "src/conformance/case.ts": "one vocabulary: a third of it says how a case is written",
  "src/core/connection.ts": "one state machine: its changes of state are read together",
  "src/core/socket.ts": "two thirds are documentation of the one public class",
  "tests/adapters/tcp/deflate_test.ts": "one list of tests, and their properties",
  "tests/core/dom_events_test.ts": "one table: a row for each detail of the DOM standard",
};
const LONG = 360;
const TOO_LONG = 500;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name === "node_modules") return [];
    if (statSync(join(root, path)).isDirectory()) return sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function roomOf(path: string): string | undefined {
  const within = path.replace(/^src\//, "");
  return Object.keys(ROOMS)
    .filter((room) => within === room || within.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function innerRoomOf(path: string, room: string): string {
  const [first, second] = path.slice(`src/${room}/`.length).split("/");
  return second === undefined ? "" : first!;
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly type: boolean;
}

/** Returns all that a file imports, re-exports or loads later. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), "utf8").replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"/gm),
    ...text.matchAll(/\bimport()\("([^"]+)"\)/g),
  ];
  return found.map(([, type, to]) => ({
    from,
    to: to!.startsWith(".") ? relative(root, join(root, dirname(from), to!)) : to!,
    type: Boolean(type),
  }));
}

const files = ["mod.ts", ...sources("src")];
const scripts = sources("scripts").filter((path) => !path.startsWith("scripts/lint/plants/"));
const imports = files.flatMap(importsOf);
const own = imports.filter(({ to }) => to.endsWith(".ts"));

test("every file is in a room, and whatever it imports is there", () => {
  assert.deepEqual(files.filter((file) => roomOf(file) === undefined), []);
  const missing = own.filter(({ to }) => !existsSync(join(root, to)));
  assert.deepEqual(missing, []);
});

/** Returns the arrows between rooms, each `from → to`, in alphabetical order. */
function arrows(all: readonly Import[], of: (path: string) => string): string[] {
  const found = all.map(({ from, to }) => [of(from), of(to)]).filter(([from, to]) => from !== to);
  return [...new Set(found.map((arrow) => arrow.join(" → ")))].sort();
}

function listed(rooms: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(rooms).flatMap(([from, all]) => all.map((to) => `${from} → ${to}`)).sort();
}

test("each room imports the rooms that it may, types included", (t) => {
  const found = arrows(own, (path) => roomOf(path)!);
  assert.deepEqual(found, listed(ROOMS));
  t.diagnostic?.(`${found.length} arrows between ${Object.keys(ROOMS).length} rooms`);
  assert.ok(found.length <= MAX_ARROWS, `${found.length} arrows are more than ${MAX_ARROWS}`);
});

test("the drawing of the rooms has the same arrows", () => {
  const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const names = new Map(
    [...page.matchAll(/^ {2}(\w+)\["([^"]+)"\]$/gm)].map(([, id, name]) => [id, name]),
  );
  assert.deepEqual([...names.values()].sort(), Object.keys(ROOMS).sort());
  const drawn = [...page.matchAll(/^ {2}(\w+) --> (\w+)$/gm)];
  assert.deepEqual(
    drawn.map(([, from, to]) => `${names.get(from)} → ${names.get(to)}`).sort(),
    listed(ROOMS),
  );
});

for (const [room, inner] of Object.entries(INNER_ROOMS)) {
  test(`each room of ${room} imports the rooms there that it may, types included`, () => {
    const inside = own.filter(({ from, to }) => roomOf(from) === room && roomOf(to) === room);
    assert.deepEqual(arrows(inside, (path) => innerRoomOf(path, room)), listed(inner));
  });
}

test("no imports in a circle, types and scripts included", () => {
  const all = [...imports, ...scripts.flatMap(importsOf)];
  const byFile = Map.groupBy(all, ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file) || path.includes(file)) return;
    for (const { to } of byFile.get(file) ?? []) {
      if (to.endsWith(".ts")) visit(to, [...path, file]);
    }
    done.add(file);
  };
  for (const file of byFile.keys()) visit(file, []);
  assert.deepEqual(circles, []);
});

test("a long file has a reason, and none is too long", () => {
  const lines = (file: string): number =>
    readFileSync(join(root, file), "utf8").split("\n").length - 1;
  const long = [...files, ...scripts, ...sources("tests")].filter((file) => lines(file) > LONG);
  assert.deepEqual(long.sort(), Object.keys(LONG_FILES).sort());
  assert.deepEqual(long.filter((file) => lines(file) > TOO_LONG), []);
});

test("platforms and packages are imported by adapters and tools only", () => {
  const outside = imports.filter(({ from, to }) => {
    if (to.endsWith(".ts") || /^src\/(?:adapters|cli|conformance)\//.test(from)) return false;
    return !(to.startsWith("node:assert") && from.startsWith("src/testing/contract/"));
  });
  assert.deepEqual(outside, []);
});

test("whoever starts processes looks for errors that they do not handle", () => {
  const starting = sources("tests").filter((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return /^import [^;]*\bspawn\b[^;]* from "node:child_process"/m.test(text) &&
      !text.includes('/scripts/processes/unhandled.ts"');
  });
  assert.deepEqual(starting, []);
});

/** All files that an entry point imports, directly or not. */
function reach(entryPoint: string): Set<string> {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    if (!file.endsWith(".ts")) return;
    for (const { to } of imports.filter(({ from, type }) => from === file && !type)) visit(to);
  };
  visit(entryPoint);
  return seen;
}

test("the entry point for browsers pulls in no package, no node: module, and no server", () => {
  const pulled = [...reach("src/client/mod.ts")];
  assert.deepEqual(pulled.filter((it) => !it.endsWith(".ts")), []);
  assert.deepEqual(pulled.filter((it) => /server|upgrade|serve|adapters\/(?!web)/.test(it)), []);
});

test("the entry point for tests pulls in no package, no node: module, and no server's adapter", () => {
  const pulled = [...reach("src/testing/mod.ts")];
  assert.deepEqual(pulled.filter((it) => !it.endsWith(".ts")), []);
  assert.deepEqual(pulled.filter((it) => /\/serve(r)?\.ts|adapters\/(?!web)/.test(it)), []);
});

test("each adapter's entry point pulls in no other adapter", () => {
  const runtimes = ["deno", "bun", "node"];
  for (const own of runtimes) {
    const others = runtimes.filter((name) => name !== own).map((name) => `src/adapters/${name}/`);
    const pulled = [...reach(`src/adapters/${own}/mod.ts`)];
    assert.ok(pulled.length > 1);
    assert.deepEqual(pulled.filter((it) => others.some((other) => it.startsWith(other))), []);
  }
});

test("runtimes are named only where they must be", () => {
  const naming = (name: RegExp): string[] =>
    files.filter((file) => {
      if (/^src\/(cli|conformance)\//.test(file)) return false;
      const text = readFileSync(join(root, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
      return name.test(text.replace(/"[^"]*"|`[^`]*`/g, ""));
    });
  const elsewhere = (name: RegExp, room: string): string[] =>
    naming(name).filter((file) => !file.startsWith(`src/adapters/${room}/`));
  assert.deepEqual(elsewhere(/\bDeno\b/, "deno"), []);
  assert.deepEqual(elsewhere(/\bBun\b/, "bun"), []);
  assert.deepEqual(naming(/\bprocess\b/), []);
});
