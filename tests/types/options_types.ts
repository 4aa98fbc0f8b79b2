// Unknown options, and options of the wrong type, do not compile: a misspelt limit would not hold, without
// an error.

import {
  connect,
  type Handler,
  reconnect,
  serve,
  type ServeOptions,
  type Server,
  type ServerSocket,
  upgrade,
  WebSocket,
} from "@isosocket/isosocket";
import { connect as connectInPage } from "@isosocket/isosocket/client";
import { wrap } from "@isosocket/isosocket/deno";
import { attach } from "@isosocket/isosocket/node";

declare const handler: Handler;
declare const request: Request;
declare const server: Server;
declare const socket: ServerSocket;

// Address of a server.
serve({ port: 0, hostname: "::1", reusePort: true, engine: "tcp" }, handler);
serve({ unix: "app.sock", tls: { key: "…", cert: new Uint8Array(), passphrase: "…" } }, handler);
// @ts-expect-error -- a port is a number
serve({ port: "0" }, handler);
// @ts-expect-error -- misspelt
serve({ hostName: "::1" }, handler);
// @ts-expect-error -- one of two strings
serve({ engine: "uws" }, handler);
// @ts-expect-error -- a path, not a port
serve({ unix: 8080 }, handler);
// @ts-expect-error -- no certificate without its key
serve({ tls: { cert: "…" } }, handler);
// @ts-expect-error -- client certificates are not requested
serve({ tls: { key: "…", cert: "…", requestCert: true } }, handler);

// Limits of a server.
const options: ServeOptions = {
  maxPayload: 1024,
  maxBuffered: 1024,
  overflow: "drop",
  lowWaterMark: 0,
  maxMessagesPerSecond: 10,
  heartbeat: 1000,
  idleTimeout: 2000,
  handshakeTimeout: 0,
  upgradeTimeout: 0,
  closeTimeout: 0,
  maxConnections: 10,
  maxConnectionsPerAddress: 1,
  origins: ["https://app.example"],
  trustProxy: 1,
  compression: { threshold: 100 },
  onError: (error, socket) => console.error(error, socket?.readyState),
};
serve(options, handler);
// @ts-expect-error -- misspelt, so the default would apply
serve({ maxPayloadLength: 1024 }, handler);
// @ts-expect-error -- a number of bytes
serve({ maxPayload: "1mb" }, handler);
// @ts-expect-error -- one of three strings
serve({ overflow: "error" }, handler);
// @ts-expect-error -- "*" or a function allows all of them
serve({ origins: true }, handler);
// @ts-expect-error -- how many proxies, not which
serve({ trustProxy: "loopback" }, handler);
// @ts-expect-error -- a threshold is a number of bytes
serve({ compression: { threshold: "1kb" } }, handler);
// @ts-expect-error -- misspelt
serve({ compression: { treshold: 100 } }, handler);
// @ts-expect-error -- a function
serve({ onError: "log" }, handler);
// @ts-expect-error -- a port belongs to the server
wrap(handler, { port: 8080 });
// @ts-expect-error -- misspelt
attach({ on: () => {} }, handler, { maxPayLoad: 1024 });

// Limits of one socket.
upgrade(request, { protocols: ["a"], headers: { "x-a": "b" }, origins: "*", maxPayload: 1024 });
// @ts-expect-error -- a list
upgrade(request, { protocols: "a" });
// @ts-expect-error -- misspelt
upgrade(request, { subprotocols: ["a"] });
// @ts-expect-error -- the server's, not the socket's
upgrade(request, { maxConnections: 10 });
// @ts-expect-error -- one of two strings
upgrade(request, { binaryType: "nodebuffer" });
// @ts-expect-error -- a request is required
upgrade("http://127.0.0.1/");

// Clients.
connect("ws://127.0.0.1/", { protocols: "a", timeout: 1000, closeTimeout: 0, binaryType: "blob" });
connect("ws://127.0.0.1/", ["a"]);
// @ts-expect-error -- neither options nor subprotocols
connect("ws://127.0.0.1/", 5);
// @ts-expect-error -- a number of milliseconds
connect("ws://127.0.0.1/", { timeout: "1s" });
// @ts-expect-error -- misspelt
connect("ws://127.0.0.1/", { timeOut: 1000 });
// @ts-expect-error -- a signal, not its controller
connect("ws://127.0.0.1/", { signal: new AbortController() });
connectInPage("ws://127.0.0.1/", { maxPayload: 1024 });
// @ts-expect-error -- that is the server's
connectInPage("ws://127.0.0.1/", { maxBuffered: 1024 });
// @ts-expect-error -- the standard's class has subprotocols there
new WebSocket("ws://127.0.0.1/", { headers: {} });

reconnect(() => "ws://127.0.0.1/", {
  protocols: () => ["a"],
  backoff: { base: 100, max: 1000, stable: 5000 },
  heartbeat: { every: 1000, deadline: 1000, message: "ping" },
  queue: { bytes: 1024, overflow: "drop-oldest" },
  until: ({ code }, failures) => code === 4000 || failures > 3,
});
// @ts-expect-error -- misspelt
reconnect("ws://127.0.0.1/", { backOff: {} });
// @ts-expect-error -- no option of another library's
reconnect("ws://127.0.0.1/", { backoff: { factor: 2 } });
// @ts-expect-error -- one of two strings
reconnect("ws://127.0.0.1/", { queue: { overflow: "drop" } });
// @ts-expect-error -- a heartbeat needs its deadline
reconnect("ws://127.0.0.1/", { heartbeat: { every: 1000 } });
// @ts-expect-error -- yes or no
reconnect("ws://127.0.0.1/", { until: () => "never" });
// @ts-expect-error -- an address, or a function that returns one
reconnect(8080);

// Topics, and closing.
server.publish("room", "text", { except: socket });
server.close({ code: 1001, reason: "bye", over: 1000, deadline: 1000 });
// @ts-expect-error -- one socket
server.publish("room", "text", { except: [socket] });
// @ts-expect-error -- misspelt
server.publish("room", "text", { exclude: socket });
// @ts-expect-error -- numbers would become strings
server.publish("room", 42);
// @ts-expect-error -- a topic is a string
server.publish(1, "text");
// @ts-expect-error -- misspelt
server.close({ timeout: 1000 });
// @ts-expect-error -- a name, not a pattern
socket.subscribe(/room/);
