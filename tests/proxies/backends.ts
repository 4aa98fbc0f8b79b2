/** Servers to stand behind proxies, which speak to them without TLS. @module */

import { type EntryPoint, entryPoints } from "../server/entry_points.ts";

/** Every entry point that this runtime has. */
export const entries: readonly EntryPoint[] = entryPoints.filter(({ scheme }) => scheme === "http");
