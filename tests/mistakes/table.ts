/**
 * Mistakes that programs make, and the words that they get: each row is tried on every runtime, and
 * docs/mistakes.md is written from it.
 *
 * @module
 */

/** A mistake. */
export interface Mistake {
  /** What the program has, as an expression. */
  readonly code: string;
  /** Name and message of the error, or the line on the console. */
  readonly says: string;
}

/** Calls that throw, or reject. `handler`, `request`, `http`, `url`, `server` and `socket` are right ones. */
export const calls: Readonly<Record<string, readonly Mistake[]>> = {
  "Starting a server": [
    {
      code: `serve({ port: "8080" }, handler)`,
      says: `TypeError: Cannot listen on port "8080", a string: it must be a number`,
    },
    {
      code: `serve({ port: Number(undefined) }, handler)`,
      says: `RangeError: Cannot listen on port NaN: it must be between 0 and 65535`,
    },
    {
      code: `serve({ port: 80800 }, handler)`,
      says: `RangeError: Cannot listen on port 80800: it must be between 0 and 65535`,
    },
    {
      code: `serve({ host: "127.0.0.1" }, handler)`,
      says:
        `TypeError: Cannot serve with option "host": there is no such option, did you mean "hostname"?`,
    },
    {
      code: `serve({ hostname: 127 }, handler)`,
      says: `TypeError: Cannot listen on hostname "127": it must be an address or a name`,
    },
    {
      code: `serve({ maxPayLoad: 1024 }, handler)`,
      says:
        `TypeError: Cannot serve with option "maxPayLoad": there is no such option, did you mean "maxPayload"?`,
    },
    {
      code: `serve({ maxPayload: "1mb" }, handler)`,
      says: `TypeError: Cannot use maxPayload "1mb", a string: it must be a number`,
    },
    {
      code: `serve({ idleTimeOut: 30_000 }, handler)`,
      says:
        `TypeError: Cannot serve with option "idleTimeOut": there is no such option, did you mean "idleTimeout"?`,
    },
    {
      code: `serve({ idleTimeout: "30000" }, handler)`,
      says: `TypeError: Cannot use idleTimeout "30000", a string: it must be a number`,
    },
    {
      code: `serve({ idleTimeout: Infinity }, handler)`,
      says: `RangeError: Cannot use idleTimeout Infinity: it must be between 0 and 2147483647 ms`,
    },
    {
      code: `serve({ heartbeat: { every: 25_000 } }, handler)`,
      says: `TypeError: Cannot use heartbeat [object Object]: it must be a number`,
    },
    {
      code: `serve({ maxConnections: 0 }, handler)`,
      says: `RangeError: Cannot use maxConnections 0: it must be 1 or more`,
    },
    {
      code: `serve({ overflow: "ignore" }, handler)`,
      says: `TypeError: Cannot use overflow "ignore": it must be "close", "drop" or "wait"`,
    },
    {
      code: `serve({ origins: "https://app.example" }, handler)`,
      says:
        `TypeError: Cannot use origins "https://app.example": it must be "*", a list or a function`,
    },
    {
      code: `serve({ origins: ["app.example"] }, handler)`,
      says:
        `TypeError: Cannot allow origin "app.example": it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
    },
    {
      code: `serve({ origins: ["https://app.example/"] }, handler)`,
      says:
        `TypeError: Cannot allow origin "https://app.example/": it must be a scheme and a host without a path, for instance "https://app.example"; for patterns, use a function`,
    },
    {
      code: `serve({ origin: "*" }, handler)`,
      says:
        `TypeError: Cannot serve with option "origin": there is no such option, did you mean "origins"?`,
    },
    {
      code: `serve({ cors: true }, handler)`,
      says:
        `TypeError: Cannot serve with option "cors": browsers do not ask for it with WebSockets, but "origins" lists who may connect`,
    },
    {
      code: `serve({ trustProxy: "1" }, handler)`,
      says:
        `TypeError: Cannot use trustProxy of type string: it must be true, false or a number of proxies`,
    },
    {
      code: `serve({ perMessageDeflate: true }, handler)`,
      says: `TypeError: Cannot serve with option "perMessageDeflate": here, it is "compression"`,
    },
    {
      code: `serve({ compression: { treshold: 512 } }, handler)`,
      says:
        `TypeError: Cannot compress with option "treshold": there is no such option, did you mean "threshold"?`,
    },
    {
      code: `serve({ protocols: ["chat.v1"] }, handler)`,
      says: `TypeError: Cannot serve with option "protocols": it is an option of upgrade()`,
    },
    {
      code: `serve({ path: "/chat" }, handler)`,
      says:
        `TypeError: Cannot serve with option "path": the handler decides that, by what it returns`,
    },
    {
      code: `serve({ key: "key.pem", cert: "cert.pem" }, handler)`,
      says: `TypeError: Cannot serve with option "key": it belongs to the option tls`,
    },
    {
      code: `serve({ tls: { key: "key.pem", cert: "cert.pem" } }, handler)`,
      says: `TypeError: Cannot use tls.key: it must be PEM, the content of the file`,
    },
    {
      code: `serve({ engine: "ws" }, handler)`,
      says: `TypeError: Cannot serve with engine "ws": it must be "native" or "tcp"`,
    },
    {
      code: `serve({ onError: "log" }, handler)`,
      says: `TypeError: Cannot use onError: it must be a function, and is a string`,
    },
    {
      code: `serve({ onRefuse: true }, handler)`,
      says: `TypeError: Cannot use onRefuse: it must be a function or false, and is a boolean`,
    },
    {
      code: `serve({ fetch: handler })`,
      says: `TypeError: Cannot serve with option "fetch": the handler is an argument of its own`,
    },
    {
      code: `serve({})`,
      says: `TypeError: Cannot serve: the handler must be a function, and is undefined`,
    },
    {
      code: `serve(handler)`,
      says: `TypeError: Cannot serve: the options come first, and the handler second`,
    },
    {
      code: `serve(8080, handler)`,
      says: `TypeError: Cannot serve with 8080: options must be an object`,
    },
    {
      code: `serve({}, { fetch: handler })`,
      says:
        `TypeError: Cannot serve: the handler must be a function, and is an object: is its fetch meant?`,
    },
  ],
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
  "Clients": [
    {
      code: `connect("127.0.0.1:8080")`,
      says: `SyntaxError: Cannot connect to "127.0.0.1:8080": it is not a URL`,
    },
    {
      code: `connect("localhost:8080")`,
      says:
        `SyntaxError: Cannot connect to "localhost:8080": the scheme must be ws, wss, http or https, and is localhost`,
    },
    { code: `connect("/chat")`, says: `SyntaxError: Cannot connect to "/chat": it is not a URL` },
    {
      code: `connect("ws://127.0.0.1/#room")`,
      says: `SyntaxError: Cannot connect to "ws://127.0.0.1/#room": the URL must have no fragment`,
    },
    {
      code: `connect(url, 8080)`,
      says: `TypeError: Cannot connect with 8080: options must be an object`,
    },
    {
      code: `connect(url, { protocol: "chat.v1" })`,
      says:
        `TypeError: Cannot connect with option "protocol": there is no such option, did you mean "protocols"?`,
    },
    {
      code: `connect(url, { protocols: ["chat v1"] })`,
      says: `SyntaxError: Cannot offer the subprotocol "chat v1": it must be a token`,
    },
    {
      code: `connect(url, { timeout: "5000" })`,
      says: `TypeError: Cannot use timeout "5000", a string: it must be a number`,
    },
    {
      code: `connect(url, { timout: 5000 })`,
      says:
        `TypeError: Cannot connect with option "timout": there is no such option, did you mean "timeout"?`,
    },
    {
      code: `connect(url, { maxPayload: 0 })`,
      says: `RangeError: Cannot use maxPayload 0: it must be 1 or more`,
    },
    {
      code: `connect(url, { header: { cookie: "a=1" } })`,
      says:
        `TypeError: Cannot connect with option "header": there is no such option, did you mean "headers"?`,
    },
    {
      code: `connect(url, { headers: { host: "x" } })`,
      says: `TypeError: Cannot set the header "host": it belongs to the handshake`,
    },
    {
      code: `connect(url, { binaryType: "nodebuffer" })`,
      says:
        `TypeError: Cannot connect with binaryType "nodebuffer": it must be "blob" or "arraybuffer"`,
    },
    {
      code: `connect(url, { engine: "ws" })`,
      says: `TypeError: Cannot connect with engine "ws": it must be "native" or "tcp"`,
    },
    {
      code: `connect(url, { rejectUnauthorized: false })`,
      says:
        `TypeError: Cannot connect with option "rejectUnauthorized": it belongs to the option tls`,
    },
    {
      code: `connect(url, { tls: { rejectUnauthorised: false } })`,
      says:
        `TypeError: Cannot connect with this tls.rejectUnauthorised: there are ca, cert, key, servername, each a string, and rejectUnauthorized, a boolean`,
    },
    {
      code: `connect(url).send("hello")`,
      says: `InvalidStateError: Cannot send while CONNECTING: wait for the open event`,
    },
    {
      code: `client.close(1001)`,
      says:
        `InvalidAccessError: Cannot close with code 1001: it must be 1000 or between 3000 and 4999`,
    },
    {
      code: `client.close("bye")`,
      says:
        `InvalidAccessError: Cannot close with code 0: it must be 1000 or between 3000 and 4999`,
    },
    {
      code: `client.close(1000, "x".repeat(124))`,
      says: `SyntaxError: Cannot close with a reason of 124 bytes: it must have at most 123`,
    },
    {
      code: `client.send()`,
      says: `TypeError: Cannot send: 1 argument is required, but there is none`,
    },
    {
      code: `client.addEventListener("message", "onMessage")`,
      says: `TypeError: Cannot listen for "message": the listener must be a function or an object`,
    },
    {
      code: `new WebSocket(url, { headers: { cookie: "a=1" } })`,
      says:
        `SyntaxError: Cannot offer the subprotocol "[object Object]": it must be a token, and connect() is what takes options`,
    },
    {
      code: `reconnect(url, "chat.v1")`,
      says: `TypeError: Cannot reconnect with chat.v1: options must be an object`,
    },
    {
      code: `reconnect(url, { retries: 5 })`,
      says:
        `TypeError: Cannot reconnect with option "retries": the function "until" decides, which is given the number of failures`,
    },
    {
      code: `reconnect(url, { backoff: 1000 })`,
      says: `TypeError: Cannot use backoff with 1000: options must be an object`,
    },
    {
      code: `reconnect(url, { backoff: { base: "1000" } })`,
      says: `TypeError: Cannot use backoff.base "1000", a string: it must be a number`,
    },
    {
      code: `reconnect(url, { backoff: { maximum: 1000 } })`,
      says:
        `TypeError: Cannot use backoff with option "maximum": there is no such option, did you mean "max"?`,
    },
    {
      code: `reconnect(url, { heartbeat: 25_000 })`,
      says: `TypeError: Cannot use heartbeat with 25000: options must be an object`,
    },
    {
      code: `reconnect(url, { heartbeat: { every: 25_000 } })`,
      says: `TypeError: Cannot use heartbeat.deadline undefined: it must be a number`,
    },
    {
      code: `reconnect(url, { heartbeat: { interval: 25_000, deadline: 1 } })`,
      says: `TypeError: Cannot use heartbeat with option "interval": there is no such option`,
    },
    {
      code: `reconnect(url, { queue: { overflow: "drop" } })`,
      says: `TypeError: Cannot use queue.overflow "drop": it must be "reject" or "drop-oldest"`,
    },
  ],
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
    says: `TypeError: Cannot upgrade with chat.v1: options must be an object`,
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
