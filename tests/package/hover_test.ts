// What an editor shows for options: all of them, each with its documentation and its default.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { consumer, ROOT } from "./consumer.ts";

// TypeScript 7 has no language service to call from here.
const require = createRequire(join(ROOT, "scripts/package.json"));
const ts: typeof import("../../scripts/node_modules/typescript/lib/typescript.d.ts") = require(
  "typescript",
);

/** Places in code where options are written, and some options that must be offered there. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  "serve({ | }, () => new Response())": ["port", "hostname", "tls", "engine", "heartbeat"],
  "upgrade(new Request(''), { | })": ["protocols", "headers", "maxPayload", "binaryType"],
  "connect('', { | })": ["protocols", "headers", "timeout", "engine", "signal"],
  "connect('', { tls: { | } })": ["ca", "rejectUnauthorized"],
  "reconnect('', { | })": ["backoff", "heartbeat", "queue", "until", "engine"],
  "reconnect('', { backoff: { | } })": ["base", "max", "stable"],
  "reconnect('', { heartbeat: { | } })": ["every", "deadline", "message"],
  "reconnect('', { queue: { | } })": ["bytes", "overflow"],
  "server.close({ | })": ["code", "deadline", "over", "reason"],
  "server.publish('', '', { | })": ["except"],
};

const NAMES = "connect, reconnect, serve, type Server, upgrade";

for (const [place, some] of Object.entries(PLACES)) {
  test(`an editor offers the options of ${place} with their defaults`, async () => {
    const before = `import { ${NAMES} } from "isosocket";\ndeclare const server: Server;\n`;
    const code = before + place.replace("|", "");
    const path = join(consumer, "hover.ts");
    await writeFile(path, code);
    const at = before.length + place.indexOf("|");
    const options = {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      types: [],
      strict: true,
    };
    const service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [path],
      getScriptVersion: () => "1",
      getScriptSnapshot: (name) => {
        const text = name === path ? code : ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => consumer,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
    });
    const { entries } = service.getCompletionsAtPosition(path, at, {})!;
    const names = entries.map(({ name }) => name);
    for (const name of some) assert.ok(names.includes(name), `${name} is not among ${names}`);
    const lacking = entries.filter(({ name, kindModifiers = "" }) => {
      const { documentation = [], tags = [] } = service.getCompletionEntryDetails(
        path,
        at,
        name,
        {},
        undefined,
        {},
        undefined,
      )!;
      assert.ok(documentation.length > 0, `${name} says nothing`);
      return kindModifiers.includes("optional") && !tags.some((tag) => tag.name === "default");
    });
    assert.deepEqual(lacking.map(({ name }) => name), []);
  });
}
