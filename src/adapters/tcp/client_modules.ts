/**
 * What a client needs of the runtime: `request` of `node:http` or `node:https`, and SHA-1.
 *
 * `import` of `node:http` reads every export, and one of them, `WebSocket`, loads all of undici: 90 to
 * 180 ms on a busy machine with Node 24, where `process.getBuiltinModule()` takes 8 to 18.
 *
 * @module
 */

import type * as Crypto from "node:crypto";
import type * as Http from "node:http";
import type * as Https from "node:https";
import process from "node:process";

/** The modules for connections of one scheme. */
export interface ClientModules {
  /** `node:crypto`. */
  readonly crypto: typeof Crypto;
  /** `node:http`, or `node:https` for connections over TLS. */
  readonly http: typeof Http | typeof Https;
  /** Returns the agent of handshakes. */
  readonly agent: () => Http.Agent;
}

/** A proxy of the environment, as Node takes it since 24.5, and Deno and Bun take it too. */
interface ProxyOptions {
  readonly proxyEnv?: object | undefined;
}

/** Loads the modules: at once, where the runtime has `process.getBuiltinModule()`. */
async function load(isSecure: boolean): Promise<ClientModules> {
  const { getBuiltinModule } = process as Partial<typeof process>; // since Node 20.16 and 22.3
  const plain = getBuiltinModule?.("node:http") ?? await import("node:http");
  const http = isSecure ? getBuiltinModule?.("node:https") ?? await import("node:https") : plain;
  const crypto = getBuiltinModule?.("node:crypto") ?? await import("node:crypto");
  let agent: Http.Agent | undefined;
  let proxies: object | undefined;
  return {
    http,
    crypto,
    agent() {
      // What `NODE_USE_ENV_PROXY` or a program has set: reading the environment here would need a
      // permission on Deno.
      const { proxyEnv } = plain.globalAgent.options as ProxyOptions;
      if (agent === undefined || proxies !== proxyEnv) {
        proxies = proxyEnv;
        // A connection that becomes a WebSocket is nobody else's, before or after.
        const options = { keepAlive: false, ...(proxyEnv !== undefined && { proxyEnv }) };
        agent = new http.Agent(options);
      }
      return agent;
    },
  };
}

const loaded: [plain?: Promise<ClientModules>, secure?: Promise<ClientModules>] = [];

/** Returns the modules, which are loaded once. */
export function clientModules(isSecure: boolean): Promise<ClientModules> {
  return loaded[isSecure ? 1 : 0] ??= load(isSecure);
}
