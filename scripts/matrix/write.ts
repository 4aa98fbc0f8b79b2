/** Writes the public matrix from what is committed. @module */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Judgement } from "./judgement.ts";
import { matrixPage } from "./page.ts";

/** The committed judgements. */
export const JUDGEMENTS: URL = new URL(
  "../../tests/conformance/foreign/judgements.json",
  import.meta.url,
);

/** The page. */
export const PAGE: URL = new URL("../../docs/matrix.html", import.meta.url);

/** Returns the committed judgements. */
export function readJudgements(): Judgement[] {
  return existsSync(JUDGEMENTS) ? JSON.parse(readFileSync(JUDGEMENTS, "utf8")) : [];
}

/** Writes the page. */
export function writeMatrix(): void {
  writeFileSync(PAGE, matrixPage(readJudgements()));
}
