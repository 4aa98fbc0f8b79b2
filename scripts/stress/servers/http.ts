/** Server of pages and sockets, whose path selects its behaviour, at every entry of its runtime. @module */

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve, type ServeOptions, type SocketOptions } from "../../../mod.ts";
import { wrap as wrapBun } from "../../../src/adapters/bun/mod.ts";
import { wrap as wrapDeno } from "../../../src/adapters/deno/mod.ts";
import { attach, through } from "../../../src/adapters/node/mod.ts";
import { answerQuestions } from "../../processes/answering.ts";
import { cost } from "../../processes/cost.ts";
import { monitor, onError, options } from "./attend.ts";
import { app, handle } from "./http_manners.ts";
import { nodePage } from "./http_pages.ts";
import { takeLongTasks, watchLongTasks } from "./long_tasks.ts";

declare const Deno: {
  serve(options: object, handler: unknown): { readonly addr: { readonly port: number } };
};
declare const Bun: { serve(options: object): { readonly port: number } };

const local = { port: 0, hostname: "127.0.0.1" };
const { engine, port: _port, hostname: _hostname, ...rest } = options;
const common: SocketOptions = { ...rest, onError };
const ports: Record<string, number> = {};

async function serving(name: string, more: ServeOptions): Promise<void> {
  ports[name] = (await serve({ ...local, ...common, ...more }, handle)).port;
}

async function listening(name: string, http: HttpServer): Promise<void> {
  await new Promise<void>((resolve) => http.listen(0, local.hostname, resolve));
  ports[name] = (http.address() as AddressInfo).port;
}

function createHttp(): HttpServer {
  return createServer({ connectionsCheckingInterval: 500, headersTimeout: 8000 }, (...it) => {
    nodePage(...it);
  });
}

const isNode = !("Deno" in globalThis || "Bun" in globalThis);
const crowded = { maxConnections: 5 };
if (engine === undefined) {
  await serving("serve", {});
  await serving("trusting", { trustProxy: true });
  await serving("crowded", crowded);
}
if (engine === undefined && "Deno" in globalThis) {
  const handler = wrapDeno(handle, common);
  ports["wrap"] = Deno.serve({ ...local, onListen() {} }, handler).addr.port;
}
if (engine === undefined && "Bun" in globalThis) {
  const fetch = wrapBun(handle, common);
  ports["wrap"] = Bun.serve({ ...local, fetch, websocket: fetch.websocket }).port;
}
if (!isNode) {
  await serving("serve-tcp", { engine: "tcp" });
  if (engine !== undefined) await serving("crowded", { ...crowded, engine: "tcp" });
}
const attached = createHttp();
attach(attached, handle, common);
await listening("attach", attached);
const routed = createHttp();
attach(routed, through(app), common);
await listening("through", routed);
const again = createHttp();
await attach(again, handle, common).close();
attach(again, handle, common);
await listening("again", again);

watchLongTasks();
answerQuestions({ port: ports["serve"] ?? ports["serve-tcp"], ports }, (question) => {
  if (question.settled !== undefined) return cost(true);
  if (question.longTasks !== undefined) return takeLongTasks();
  return { made: monitor.made, closed: monitor.closed, violations: monitor.violations };
});
