// A page's bundle takes ./page for ./client: what one exports, the other has to.

import * as client from "@isosocket/isosocket/client";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as page from "../../src/page/mod.ts";

const sources = ["client", "page"].map((room) =>
  new URL(`../../src/${room}/mod.ts`, import.meta.url)
);

/** Returns the names of the types that a module exports. */
async function typesOf(module: URL): Promise<string[]> {
  const text = await readFile(module, "utf8");
  const lists = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, isType, list]) =>
    list!.split(",").map((it) => it.trim()).filter((it) => isType || it.startsWith("type "))
  );
  const own = [...text.matchAll(/export type (\w+) =/g)].map(([, name]) => name!);
  return [...lists.map((it) => it.replace(/^type /, "")), ...own].filter((it) => it !== "").sort();
}

test("./page exports the values that ./client does", () => {
  assert.deepEqual(Object.keys(page).sort(), Object.keys(client).sort());
});

test("./page exports the types that ./client does", async () => {
  const [ofClient, ofPage] = await Promise.all(sources.map(typesOf));
  assert.ok(ofClient!.includes("ConnectOptions"));
  assert.deepEqual(ofClient!.filter((name) => !ofPage!.includes(name)), []);
});
