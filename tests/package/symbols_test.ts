// The declarations of the installed package have each symbol that the documentation has, and each member,
// those with computed names too: a tool that writes declarations may leave some out.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import deno from "../../deno.json" with { type: "json" };
import { consumer, ROOT, runtimes } from "./consumer.ts";

// TypeScript 7 has no API to call from here.
const require = createRequire(join(ROOT, "scripts/package.json"));
const ts: typeof import("../../scripts/node_modules/typescript/lib/typescript.d.ts") = require(
  "typescript",
);

/** Entry points that can be imported, with their sources. */
const ENTRY_POINTS = Object.entries(deno.exports).filter(([path]) => path !== "./cli");

/** Names of symbols, and of their members as `Socket.send`. */
type Symbols = ReadonlySet<string>;

/** The part of the output of `deno doc --json` that is used here. */
interface Documentation {
  readonly nodes: Readonly<
    Record<string, {
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly {
          readonly kind: string;
          readonly def?: {
            readonly properties?: readonly { readonly name: string }[];
            readonly methods?: readonly { readonly name: string }[];
          };
        }[];
      }[];
    }>
  >;
}

/** Returns the symbols that the documentation has, by source. */
function documented(): ReadonlyMap<string, Symbols> {
  const sources = ENTRY_POINTS.map(([, source]) => source);
  const output = execFileSync(runtimes["Deno"]![0]!, ["doc", "--json", "--quiet", ...sources], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const { nodes }: Documentation = JSON.parse(output);
  return new Map(
    Object.entries(nodes).map(([url, { symbols }]) => {
      const found = new Set<string>();
      for (const { name, declarations } of symbols) {
        found.add(name);
        for (const { kind, def } of declarations) {
          if (kind === "reference") found.add(`${name}.*`);
          if (kind !== "class" && kind !== "interface") continue;
          for (const member of [...def!.properties ?? [], ...def!.methods ?? []]) {
            // What consoles call has the name of no constant, so that no type can have it.
            if (!member.name.startsWith("[Symbol.for(")) found.add(`${name}.${member.name}`);
          }
        }
      }
      return [url, found];
    }),
  );
}

/** Returns the symbols that the declarations have, by entry point. */
function declared(): ReadonlyMap<string, Symbols> {
  const folder = join(consumer, "node_modules/isosocket/esm");
  const files = ENTRY_POINTS.map(([, source]) => join(folder, source.replace(/\.ts$/, ".d.ts")));
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2022.d.ts"],
    types: [],
  });
  const checker = program.getTypeChecker();
  return new Map(files.map((file, i) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const found = checker.getExportsOfModule(module).flatMap((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias
        ? checker.getAliasedSymbol(symbol)
        : symbol;
      const members = (target.declarations ?? []).flatMap((it) =>
        ts.isClassDeclaration(it) || ts.isInterfaceDeclaration(it) ? [...it.members] : []
      );
      const names = members.flatMap(({ name }) =>
        name === undefined || ts.isPrivateIdentifier(name) ? [] : [name.getText()]
      );
      return [symbol.name, ...names.map((name) => `${symbol.name}.${name}`)];
    });
    return [ENTRY_POINTS[i]![0], new Set(found)];
  }));
}

test("the declarations have all symbols of the documentation, and all their members", () => {
  const documentation = documented();
  const declarations = declared();
  let count = 0;
  for (const [path, source] of ENTRY_POINTS) {
    const all = documentation.get(pathToFileURL(join(ROOT, source)).href)!;
    const own = declarations.get(path)!;
    assert.deepEqual(
      [...all].filter((it) => !own.has(it) && !it.endsWith(".*")),
      [],
      `${path} declares too little`,
    );
    // What another entry point has too is documented once.
    const more = [...own].filter((name) => !all.has(name) && !all.has(`${name.split(".")[0]}.*`));
    assert.deepEqual(more, [], `${path} declares too much`);
    count += all.size;
  }
  assert.ok(count > 500, `${count} symbols and members`);
  for (const name of ["Socket.[Symbol.asyncIterator]", "Socket.[Symbol.asyncDispose]"]) {
    assert.ok(declarations.get(".")!.has(name), name);
  }
});
