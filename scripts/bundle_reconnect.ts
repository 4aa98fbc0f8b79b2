// Bundles reconnect() for the inspector page, since runtimes cannot bundle while they serve. Run it when
// the client has changed: a test in tests/inspector fails then.
//
//   node scripts/bundle_reconnect.ts

import { writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ENTRY_POINTS, sizeOf } from "./size.ts";

const file = fileURLToPath(
  new URL("../src/cli/serve/inspector/reconnect_bundle.ts", import.meta.url),
);

/** Module that contains the bundle. */
export async function bundleModule(): Promise<string> {
  const { code } = await sizeOf(["reconnect"], ENTRY_POINTS["./page"]);
  return `/** reconnect() for a page, made by scripts/bundle_reconnect.ts. @module */

// deno-fmt-ignore
/** The script. */
export const bundle: string = ${JSON.stringify(code)};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, await bundleModule());
