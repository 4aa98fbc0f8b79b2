/** Servers to stand behind proxies, which speak to them without TLS. @module */

import { type Door, doors } from "../server/entry_points.ts";

/** Every entry point that this runtime has. */
export const entries: readonly Door[] = doors.filter(({ scheme }) => scheme === "http");
