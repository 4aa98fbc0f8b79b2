/**
 * Stubs of the servers for platforms that can have none. Bundlers for pages use them by the condition
 * "browser" of the npm package, so that they need no polyfills of Node.
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

/** Stub of `serve()`: rejects with a `NotSupportedError`. */
export function serve(): Promise<never> {
  return Promise.reject(unsupported("serve"));
}

/** Browser stub of the adapters' `listen()`. */
export function listen(): Promise<never> {
  return serve();
}

/** Browser stub of Node's `attach()`: throws a `TypeError`. */
export function attach(): never {
  throw wrongRuntime("attach", "Node");
}

/** Browser stub of Deno's and Bun's `wrap()`: throws a `TypeError`. */
export function wrap(): never {
  throw wrongRuntime("wrap", "Deno or Bun");
}

/** Browser stub of Bun's `websocket`: of no use without `wrap()`. */
export const websocket: object = {};

/** Browser stub of the dial over TCP: throws a `NotSupportedError`. */
export function dial(): StartConnection {
  throw unsupported('connect with engine "tcp"');
}
