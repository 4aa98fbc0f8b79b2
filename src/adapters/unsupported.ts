/**
 * What takes the place of servers where there can be none. Bundlers for pages put it there, so that
 * nobody is asked for polyfills of Node: the condition "browser" of the npm package says so.
 *
 * @module
 */

import type { StartConnection } from "../core/link.ts";
import { NO_SERVER, wrongRuntime } from "./wrong_runtime.ts";

export { UpgradeError } from "../handshake/upgrade_error.ts";
export { upgrade } from "../server/upgrade.ts";

function unsupported(what: string): DOMException {
  return new DOMException(`Cannot ${what} here: ${NO_SERVER}`, "NotSupportedError");
}

/** As `serve()` of the main door. */
export function serve(): Promise<never> {
  return Promise.reject(unsupported("serve"));
}

/** As that of an adapter. */
export function listen(): Promise<never> {
  return serve();
}

/** As `attach()` of Node's door. */
export function attach(): never {
  throw wrongRuntime("attach", "Node");
}

/** As `wrap()` of Deno's door and of Bun's. */
export function wrap(): never {
  throw wrongRuntime("wrap", "Deno or Bun");
}

/** As `websocket` of Bun's door: of no use without `wrap()`. */
export const websocket: object = {};

/** As that over `ws`. */
export function dial(): StartConnection {
  throw unsupported('connect with engine "ws"');
}
