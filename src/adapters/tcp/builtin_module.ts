/** Modules of Node that are loaded without all that an `import` would load with them. @module */

import module from "node:module";
import host from "node:process";

/**
 * Loads a module that is built into the runtime.
 *
 * An `import` of `node:http` reads all its exports, and one of them, `WebSocket`, loads undici: 27 to 50 ms
 * on Node 24, where this takes 2.
 */
export function builtinModule<T>(name: string): T {
  const { getBuiltinModule } = host as { getBuiltinModule?: (name: string) => unknown };
  // Node has it since 20.16 and 22.3. Before, what matters of the path is only that it is absolute.
  return (getBuiltinModule?.(name) ?? module.createRequire(host.execPath)(name)) as T;
}
