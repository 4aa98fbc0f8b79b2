/**
 * Mistakes that programs make, and the words that they get: each row is tried on every runtime, and
 * docs/mistakes.md is written from it.
 *
 * @module
 */

import { clients } from "./clients.ts";
import type { Mistake } from "./mistake.ts";
import { starting } from "./servers.ts";

/** Calls that throw, or reject. `handler`, `request`, `http`, `url`, `server` and `socket` are right ones. */
export const calls: Readonly<Record<string, readonly Mistake[]>> = {
  "Starting a server": starting,
  "A server of yours": [
    {
      code: `attach(8080, handler)`,
      says:
        `TypeError: Cannot attach to a number: it must be a server of node:http, as listen() of an Express app returns it, and Fastify has it in app.server`,
    },
    {
      code: `attach(expressApp, handler)`,
      says:
        `TypeError: Cannot attach to a function: it must be a server of node:http, as listen() of an Express app returns it, and Fastify has it in app.server`,
    },
    {
      code: `attach(http, expressApp)`,
      says:
        `TypeError: Cannot attach an app as the handler: through(app) makes one of it, or through(app.routing) for Fastify`,
    },
    {
      code: `attach(http, handler, { port: 8080 })`,
      says: `TypeError: Cannot attach with option "port": it is an option of serve()`,
    },
    {
      code: `through(fastifyApp)`,
      says:
        `TypeError: Cannot go through the app: it must be a function, and is an object; Fastify's is app.routing`,
    },
    {
      code: `through(handler)(request)`,
      says: `TypeError: Cannot go through the app: through() must be given to attach()`,
    },
  ],
  "Upgrading": [
    {
      code: `upgrade()`,
      says: `TypeError: Cannot upgrade this request: it must be a Request, and is undefined`,
    },
    {
      code: `upgrade({ raw: request })`,
      says:
        `TypeError: Cannot upgrade this request: it is one of a framework, whose property "raw" must be given`,
    },
    {
      code: `upgrade(incoming)`,
      says:
        `TypeError: Cannot upgrade this request: it is one of node:http, which needs upgrade() of "@isosocket/isosocket/node"`,
    },
    {
      code: `upgrade(new Request("http://x/"))`,
      says: `UpgradeError: Cannot upgrade: the Upgrade header must have "websocket"`,
    },
    {
      code: `new UpgradeError("Who are you?", "401")`,
      says: `TypeError: Cannot refuse with status "401", a string: it must be a number`,
    },
    {
      code: `new UpgradeError("Who are you?", 200)`,
      says: `RangeError: Cannot refuse with status 200: it must be between 400 and 599`,
    },
  ],
  "Topics, and the end of a server": [
    {
      code: `server.publish("", "hello")`,
      says: `TypeError: Cannot use topic "": it must be a string, not empty`,
    },
    {
      code: `server.publish("room")`,
      says: `TypeError: Cannot publish: 2 arguments are required, but there are fewer`,
    },
    {
      code: `server.publish("room", "hello", { exept: socket })`,
      says:
        `TypeError: Cannot publish with option "exept": there is no such option, did you mean "except"?`,
    },
    {
      code: `server.publish("room", "hello", { except: client })`,
      says: `TypeError: Cannot take this for a socket: it must be one that upgrade() gave`,
    },
    {
      code: `server.publish("room", "hello", socket)`,
      says: `TypeError: Cannot publish with a socket: { except: socket } leaves it out`,
    },
    {
      code: `socket.subscribe(["room"])`,
      says: `TypeError: Cannot use topic ["room"]: it must be a string, not empty`,
    },
    {
      code: `server.close(1001)`,
      says: `TypeError: Cannot close with 1001: options must be an object`,
    },
    {
      code: `server.close({ timeout: 1000 })`,
      says: `TypeError: Cannot close with option "timeout": there is no such option`,
    },
    {
      code: `server.close({ deadline: "1000" })`,
      says: `TypeError: Cannot use deadline "1000", a string: it must be a number`,
    },
    {
      code: `server.close({ code: 1006 })`,
      says:
        `InvalidAccessError: Cannot close with code 1006: it must be 1000 to 1003, 1007 to 1014, or between 3000 and 4999`,
    },
  ],
  "Clients": clients,
  "Tests": [
    {
      code: `pair({ latancy: 5 })`,
      says:
        `TypeError: Cannot pair with option "latancy": there is no such option, did you mean "latency"?`,
    },
    {
      code: `pair({ latency: "5" })`,
      says: `TypeError: Cannot use latency "5", a string: it must be a number`,
    },
    {
      code: `pair({ port: 8080 })`,
      says: `TypeError: Cannot pair with option "port": it is an option of serve()`,
    },
    {
      code: `scriptedServer({ latency: 5 })`,
      says: `TypeError: Cannot script a server: the script must be a function, and is an object`,
    },
    {
      code: `scriptedServer(undefined, { delay: 5 })`,
      says: `TypeError: Cannot script a server with option "delay": there is no such option`,
    },
    {
      code: `new FakeClock().advance("5")`,
      says: `TypeError: Cannot let pass "5", a string: it must be a number`,
    },
    {
      code: `new FakeClock().advance(-5)`,
      says: `RangeError: Cannot let -5 ms pass: it must be 0 or more`,
    },
  ],
};

/** Handlers of WebSockets, whose error goes to `onError`; the client gets 500. */
export const handlers: readonly Mistake[] = [
  {
    code: `() => new UpgradeError("Who are you?", 401)`,
    says:
      `TypeError: Cannot answer: the handler must return a Response, and returned an UpgradeError: it is to be thrown`,
  },
  {
    code: `(request) => upgrade(request, { protocols: new Set(["chat.v1"]) }).response`,
    says: `TypeError: Cannot upgrade with protocols: they must be a list, and are an object`,
  },
  {
    code: `(request) => upgrade(request, { headers: { "set-cookie": ["a=1", "b=2"] } }).response`,
    says:
      `TypeError: Cannot set the header "set-cookie": its value must be a string, and is an array`,
  },
  {
    code: `(request) => { upgrade(request); }`,
    says:
      `TypeError: Cannot answer: the handler must return the response that upgrade() gave, and returned nothing: is a "return" missing?`,
  },
  {
    code: `(request) => upgrade(request)`,
    says:
      `TypeError: Cannot answer: the handler must return the response that upgrade() gave, and returned all that it gave: its property "response" is meant`,
  },
  {
    code: `(request) => upgrade(request).socket`,
    says:
      `TypeError: Cannot answer: the handler must return the response that upgrade() gave, and returned the socket`,
  },
  {
    code: `(request) => { upgrade(request); return new Response(); }`,
    says: `TypeError: Cannot open: the handler returned another response than upgrade()'s`,
  },
  {
    code: `(request) => { upgrade(request); return upgrade(request).response; }`,
    says: `TypeError: Cannot upgrade this request: it is upgraded already`,
  },
  {
    code: `() => {}`,
    says:
      `TypeError: Cannot answer: the handler must return a Response, and returned nothing: is a "return" missing?`,
  },
  {
    code: `() => "Hello"`,
    says:
      `TypeError: Cannot answer: the handler must return a Response, and returned a string: new Response(text) makes one`,
  },
  {
    code: `() => ({ status: 404 })`,
    says: `TypeError: Cannot answer: the handler must return a Response, and returned an object`,
  },
  {
    code: `() => Response.error()`,
    says: `TypeError: Cannot answer: the handler must return a Response that is not an error one`,
  },
  {
    code: `async (request) => { const it = new Response("x"); await it.text(); return it; }`,
    says:
      `TypeError: Cannot answer: the body of the Response is read already, and it must be left to the server`,
  },
  {
    code: `(request) => upgrade(request, "chat.v1").response`,
    says: `TypeError: Cannot upgrade with chat.v1: options must be an object`,
  },
  {
    code: `(request) => upgrade(request, ["chat.v1"]).response`,
    says: `TypeError: Cannot upgrade: options must be an object, and are an array`,
  },
  {
    code: `(request) => upgrade(request, { protocol: "chat.v1" }).response`,
    says:
      `TypeError: Cannot upgrade with option "protocol": there is no such option, did you mean "protocols"?`,
  },
  {
    code: `(request) => upgrade(request, { protocols: "chat.v1" }).response`,
    says: `TypeError: Cannot upgrade with protocols "chat.v1": they must be a list`,
  },
  {
    code: `(request) => upgrade(request, { heartbeat: 1000 }).response`,
    says: `TypeError: Cannot upgrade with option "heartbeat": it is an option of the server`,
  },
  {
    code: `(request) => upgrade(request, { maxPayload: 2 ** 30 }).response`,
    says: `RangeError: Cannot upgrade with maxPayload 1073741824: the server's is 1048576`,
  },
  {
    code: `(request) => upgrade(request, { headers: { connection: "close" } }).response`,
    says: `TypeError: Cannot set the header "connection": it belongs to the handshake`,
  },
  {
    code: `(request) => upgrade(request, { binaryType: "nodebuffer" }).response`,
    says:
      `TypeError: Cannot upgrade with binaryType "nodebuffer": it must be "blob" or "arraybuffer"`,
  },
  {
    code: `(request) => upgrade(request, { origins: async () => true }).response`,
    says:
      `TypeError: Cannot tell if an origin is allowed by a promise: the function origins must return true or false`,
  },
];
