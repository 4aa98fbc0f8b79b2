// The rules of the house: imports go down, floors are known, files are short, browsers get no more
// than they need.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Which floor a file stands on. It may import from lower floors, and within its own room. */
const FLOORS: readonly [pattern: RegExp, floor: number, room?: string][] = [
  [/^src\/(link|events|listeners|close_code|ready_state|limits|socket_file)\.ts$/, 1, "facts"],
  [/^src\/(outbox|outgoing|task|timeout|handshake|order|drain|pulse|streams)\.ts$/, 1, "facts"],
  [/^src\/(server_streams|ws_receiver)\.ts$/, 1, "facts"],
  [/^src\/(origin|forwarded|header_grammar|request_target|response)\.ts$/, 1, "facts"],
  [/^src\/(node_server|patience|room|wrong_door|missing_package)\.ts$/, 1, "facts"],
  [/^src\/(compression|credentials|encode|clock|dial|failure|retry_after)\.ts$/, 1, "facts"],
  [/^src\/guard\.ts$/, 2],
  [/^src\/(outflow|connection|connection_options)\.ts$/, 3, "connection"],
  [/^src\/pubsub\//, 3, "pubsub"],
  [/^src\/socket\.ts$/, 4],
  [/^src\/(web_link|ws_link|ws_inflate|server_socket)\.ts$/, 5],
  [/^src\/(upgrade|answering|pending)\.ts$/, 6, "upgrade"],
  [/^src\/(hub|node_reply|reports)\.ts$/, 6],
  [/^src\/(host|shutdown)\.ts$/, 7, "host"],
  [/^src\/(listening|exchange|node_upgrade)\.ts$/, 7],
  [/^src\/(server|diagnostics|node_http|node_app|deno_internals)\.ts$/, 8],
  [/^src\/adapters\/\w+\.ts$/, 9],
  [/^src\/absent\.ts$/, 9],
  [/^src\/client\//, 10, "client"],
  [/^src\/testing\//, 11, "testing"],
  [/^src\/(serve|connect|web_socket|web_socket_stream|reconnect)\.ts$/, 11, "doors"],
  [/^mod\.ts$/, 12],
  [/^src\/conformance\//, 0, "conformance"],
  [/^src\/cli\//, 13, "cli"],
];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(root, path)).isDirectory()) return sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function floorOf(path: string): { floor: number; room: string } | undefined {
  const found = FLOORS.find(([pattern]) => pattern.test(path));
  return found && { floor: found[1], room: found[2] ?? path };
}

interface Import {
  readonly from: string;
  readonly to: string;
  readonly type: boolean;
}

/** What a file imports, re-exports or loads later. */
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
const imports = files.flatMap(importsOf);

test("every file stands on a floor", () => {
  assert.deepEqual(files.filter((file) => floorOf(file) === undefined), []);
});

test("imports go down, or stay in their room", () => {
  const wrong = imports.filter(({ from, to }) => {
    if (!to.endsWith(".ts")) return false;
    assert.ok(existsSync(join(root, to)), `${from} imports ${to}, which is not there`);
    const upper = floorOf(from)!;
    const lower = floorOf(to)!;
    return upper.room !== lower.room && lower.floor >= upper.floor;
  });
  assert.deepEqual(wrong, []);
});

test("the judge imports nothing of ours outside its folder", () => {
  const outside = imports.filter(({ from, to }) =>
    from.startsWith("src/conformance/") && to.endsWith(".ts") && !to.startsWith("src/conformance/")
  );
  assert.deepEqual(outside, []);
});

test("no imports in a circle", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file) || path.includes(file)) return;
    for (const { to, type } of imports.filter(({ from }) => from === file)) {
      if (to.endsWith(".ts") && !type) visit(to, [...path, file]);
    }
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

test("no file has more than 400 lines", () => {
  const tests = sources("tests");
  const long = [...files, ...tests].map((file) =>
    [file, readFileSync(join(root, file), "utf8").split("\n").length - 1] as const
  ).filter(([, lines]) => lines > 400);
  assert.deepEqual(long, []);
});

test("whoever starts processes looks for errors that they do not handle", () => {
  const starting = sources("tests").filter((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return /^import [^;]*\bspawn\b[^;]* from "node:child_process"/m.test(text) &&
      !text.includes('/scripts/processes/unhandled.ts"');
  });
  assert.deepEqual(starting, []);
});

/** All that a door pulls in. */
function reach(door: string): Set<string> {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    if (!file.endsWith(".ts")) return;
    for (const { to } of imports.filter(({ from, type }) => from === file && !type)) visit(to);
  };
  visit(door);
  return seen;
}

test("the browser's door pulls in no package, no node: module, and no server", () => {
  const pulled = [...reach("src/client/mod.ts")];
  assert.deepEqual(pulled.filter((it) => !it.endsWith(".ts")), []);
  assert.deepEqual(pulled.filter((it) => /server|upgrade|serve|adapters\/(?!web)/.test(it)), []);
});

test("the door for tests pulls in no package, no node: module, and no server's adapter", () => {
  const pulled = [...reach("src/testing/mod.ts")];
  assert.deepEqual(pulled.filter((it) => !it.endsWith(".ts")), []);
  assert.deepEqual(pulled.filter((it) => /\/serve(r)?\.ts|adapters\/(?!web)/.test(it)), []);
});

test("each adapter's door pulls in no other adapter", () => {
  for (const own of ["deno", "bun", "node", "web", "ws"]) {
    const pulled = [...reach(`src/adapters/${own}.ts`)].filter((it) => it.includes("adapters/"));
    assert.deepEqual(pulled, [`src/adapters/${own}.ts`]);
  }
});

test("runtimes are named only where they must be", () => {
  const naming = (name: RegExp): string[] =>
    files.filter((file) => {
      if (/^src\/(cli|conformance)\//.test(file)) return false;
      const text = readFileSync(join(root, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
      return name.test(text.replace(/"[^"]*"|`[^`]*`/g, ""));
    });
  assert.deepEqual(naming(/\bDeno\b/), ["src/adapters/deno/mod.ts"]);
  assert.deepEqual(naming(/\bBun\b/), ["src/adapters/bun/mod.ts"]);
  assert.deepEqual(naming(/\bprocess\b/), []);
});
