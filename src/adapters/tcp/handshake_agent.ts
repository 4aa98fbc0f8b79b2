/** What sends the requests of handshakes: `node:http` or `node:https`, with an agent of its own. @module */

import type * as Http from "node:http";
import type * as Https from "node:https";
import { builtinModule } from "./builtin_module.ts";

/** Sender of requests over one scheme. */
export interface Requester {
  /** Begins a request. */
  readonly request: (options: Http.RequestOptions) => Http.ClientRequest;
  /** Its agent: a connection that becomes a WebSocket is nobody else's, neither before nor after. */
  readonly agent: Http.Agent;
}

/** Option of agents since Node 24.5, and on Deno and Bun. */
interface ProxyOptions {
  readonly proxyEnv?: object | undefined;
}

/** The agents, and the proxies for which they were made. */
let plain: Http.Agent | undefined, secure: Http.Agent | undefined;
let proxies: object | undefined;

/**
 * Returns what sends the request of a handshake. It takes the proxies of the global agent: those of
 * `NODE_USE_ENV_PROXY`, or those that a program has set. To read the environment here would take a
 * permission on Deno.
 */
export function requester(isSecure: boolean): Requester {
  const http = builtinModule<typeof Http>("node:http");
  const { options } = http.globalAgent as { options?: ProxyOptions }; // a program may replace it
  const proxyEnv = options?.proxyEnv;
  if (proxies !== proxyEnv) plain = secure = undefined;
  proxies = proxyEnv;
  const agentOptions: object = { keepAlive: false, ...(proxyEnv !== undefined && { proxyEnv }) };
  if (!isSecure) {
    return { request: http.request, agent: plain ??= new http.Agent(agentOptions) };
  }
  const https = builtinModule<typeof Https>("node:https");
  return { request: https.request, agent: secure ??= new https.Agent(agentOptions) };
}
