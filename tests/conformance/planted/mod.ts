/**
 * Servers with one planted fault each, many of them found in the wild.
 *
 * @module
 */

import type { Planted } from "./fault.ts";
import { frames } from "./frames.ts";
import { handshakes } from "./handshakes.ts";
import { recorded } from "./recorded.ts";
import { wholes } from "./wholes.ts";

/** All faults, by what the server does wrong. */
export const planted: Readonly<Record<string, Planted>> = {
  ...wholes,
  ...frames,
  ...handshakes,
  ...recorded,
};
