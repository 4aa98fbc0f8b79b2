/** The words that a mistake gets: it is made, and the error is read. @module */

import * as isosocket from "@isosocket/isosocket";
import { attach, through } from "@isosocket/isosocket/node";
import { FakeClock, pair, scriptedServer } from "@isosocket/isosocket/testing";
import { createServer } from "node:http";
import { askUpgrade } from "../server/raw_client.ts";

/** Evaluates an expression in which some names are known. */
function evaluate(code: string, scope: object): unknown {
  return new Function(...Object.keys(scope), `return (${code});`)(...Object.values(scope));
}

/** Returns the words of an error, in one line. */
function wordsOf(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}

/** Returns right ones of whatever the rows make mistakes with. */
function scopeOfCalls(client: isosocket.Socket, socket: unknown, server: isosocket.Hub): object {
  const request = new Request("http://127.0.0.1/");
  const handler = (request: Request): Response => isosocket.upgrade(request).response;
  const app = Object.assign(() => {}, { listen() {}, on() {}, listenerCount() {} });
  return {
    ...isosocket,
    ...{ attach, through, FakeClock, pair, scriptedServer },
    ...{ client, socket, server, request, handler },
    url: "ws://127.0.0.1:1/",
    incoming: { method: "GET", rawHeaders: [], httpVersion: "1.1" },
    http: createServer(),
    expressApp: app,
    fastifyApp: { routing: app },
  };
}

/** Makes the mistakes of calls, and returns the words of each. */
export async function wordsOfCalls(codes: readonly string[]): Promise<string[]> {
  const { client, server, hub } = pair();
  await new Promise((resolve) => client.onopen = resolve);
  const scope = scopeOfCalls(client, server, hub);
  const words: string[] = [];
  for (const code of codes) {
    try {
      await evaluate(code, scope);
      words.push("");
    } catch (error) {
      words.push(wordsOf(error));
    }
  }
  client.terminate();
  return words;
}

/** Makes the mistakes of handlers, and returns what each client gets and `onError` is called with. */
export async function wordsOfHandlers(codes: readonly string[]): Promise<string[]> {
  const errors: unknown[] = [];
  let handler: isosocket.Handler;
  const options = {
    port: 0,
    hostname: "127.0.0.1",
    onError: (it: unknown) => void errors.push(it),
  };
  const server = await isosocket.serve(options, (request, info) => handler(request, info));
  const words: string[] = [];
  for (const code of codes) {
    handler = evaluate(code, isosocket) as isosocket.Handler;
    const answer = await askUpgrade(server.port, "/", { Origin: "http://127.0.0.1" });
    await answer.body();
    words.push(errors.splice(0).map(wordsOf).join());
  }
  await server.close({ deadline: 0 });
  return words;
}
