import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";

test("it fails once", () => {
  const marker = process.env.PLANTED_MARKER;
  if (existsSync(marker)) return;
  writeFileSync(marker, "");
  throw new Error("planted");
});
